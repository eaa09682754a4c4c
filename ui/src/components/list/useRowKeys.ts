// The keys of a list: J K or arrows walk, X selects, Shift-X a range, Ctrl-A all shown, Home and End. Enter is the link's.
import { type FocusEvent, type KeyboardEvent, type RefObject, useRef, useState } from "react";
import type { Shortcuts } from "~/shell/keys";

export interface Selection {
  ids: ReadonlySet<string>;
  onChange: (ids: ReadonlySet<string>) => void;
}

interface Options {
  box: RefObject<HTMLElement | null>;
  ids: readonly string[];
  /** Where walking begins. */
  start: number;
  /** The row at `start` is the one that the address names: walking goes on from there. */
  current: string | undefined;
  /** Scrolls a row into view. */
  bring: (at: number) => void;
  selection: Selection | undefined;
}

/** `ids` with those from `a` to `b` of `all` added, in whichever order they are. */
export function withRange(ids: ReadonlySet<string>, all: readonly string[], a: number, b: number): Set<string> {
  return new Set([...ids, ...all.slice(Math.min(a, b), Math.max(a, b) + 1)]);
}

/** What X, Shift-X, Ctrl-A and Escape do; each answers whether it did something. */
function useSelecting(ids: readonly string[], at: number, selection: Selection | undefined) {
  const anchor = useRef<number | null>(null);
  const set = (next: Set<string> | null): boolean => {
    if (!selection || next === null) return false;
    selection.onChange(next);
    return true;
  };
  const toggle = (index: number): boolean => {
    const id = ids[index];
    if (!selection || id === undefined) return false;
    const next = new Set(selection.ids);
    if (!next.delete(id)) next.add(id);
    anchor.current = index;
    return set(next);
  };
  return {
    toggle,
    range: () => set(selection ? withRange(selection.ids, ids, anchor.current ?? at, at) : null),
    all: () => set(new Set(ids)),
    none: () => set(selection && selection.ids.size > 0 ? new Set() : null),
  };
}

export function useRowKeys({ box, ids, start, current, bring, selection }: Options) {
  const [walked, setWalked] = useState<number | null>(null);
  const [named, setNamed] = useState(current);
  if (named !== current) {
    setNamed(current);
    setWalked(null);
  }
  const at = Math.min(walked ?? start, Math.max(0, ids.length - 1));
  const { toggle, range, all, none } = useSelecting(ids, at, selection);

  const focused = (): boolean => box.current?.contains(document.activeElement) ?? false;
  const go = (to: number): boolean => {
    if (ids.length === 0) return false;
    const next = Math.min(ids.length - 1, Math.max(0, to));
    const row = () => box.current?.querySelector<HTMLElement>(`[data-row="${next}"]`);
    setWalked(next);
    bring(next);
    const there = row();
    if (there) there.focus();
    else requestAnimationFrame(() => row()?.focus());
    return true;
  };
  const step = (by: number) => () => go(focused() || walked !== null || current !== undefined ? at + by : start);

  const select: Shortcuts = {
    x: { label: "keys.select", run: () => focused() && toggle(at) },
    "Shift+X": { label: "keys.range", run: () => focused() && range() },
    "Mod+A": { label: "keys.all", run: () => focused() && all() },
    Escape: { label: "keys.escape", run: none },
  };
  const shortcuts: Shortcuts = {
    j: { label: "keys.down", run: step(1) },
    ArrowDown: { label: "keys.down" },
    k: { label: "keys.up", run: step(-1) },
    ArrowUp: { label: "keys.up" },
    Enter: { label: "keys.open" },
    ...(selection ? select : {}),
  };
  const arrows: Record<string, () => boolean> = {
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at - 1),
    Home: () => go(0),
    End: () => go(ids.length - 1),
    PageDown: () => go(at + 10),
    PageUp: () => go(at - 10),
  };
  const press = (event: KeyboardEvent): void => {
    const onLink = event.target instanceof HTMLElement && event.target.dataset.row !== undefined;
    if (!onLink || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (arrows[event.key]?.()) event.preventDefault();
  };
  /** Keeps the place when a row is focused by a pointer or by Tab. */
  const follow = (event: FocusEvent): void => {
    const place = event.target instanceof HTMLElement ? event.target.dataset.row : undefined;
    if (place !== undefined) setWalked(Number(place));
  };
  return { at, shortcuts, press, follow, toggle };
}
