import { useState } from "react";
import { compareWith, type Held, held, type Order, release } from "./held";

/**
 * A short list that is read anew as a whole whenever something happened, held still for its reader (see held.ts). `name` tells
 * lists apart: another one starts afresh. Undefined until there are data.
 */
export function useHeld<T>(name: string, data: readonly T[] | undefined, order: Order<T>): [Held<T> | undefined, () => void] {
  const [state, setState] = useState<{ name: string; data: readonly T[] | undefined; list: Held<T> | undefined }>({ name, data: undefined, list: undefined });
  let now = state;
  if (state.name !== name || state.data !== data) {
    const kept = state.name === name ? state.list : undefined;
    const list = data === undefined ? kept : kept && kept.items.length > 0 ? compareWith(kept, data, order) : held(data);
    now = { name, data, list };
    setState(now);
  }
  const show = () => setState((old) => (old.list ? { ...old, list: release(old.list, order) } : old));
  return [now.list, show];
}
