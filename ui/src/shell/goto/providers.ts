// Who offers what under "Go to anything". Pages register a provider while they stand; the shell has its own.
import { useEffect, useRef } from "react";

export type Kind = "page" | "run" | "task" | "segment" | "action";

export interface Target {
  id: string;
  kind: Kind;
  label: string;
  /** Muted, after the label: an id, a state, a workspace. */
  detail?: string;
  icon?: string;
  /** Key caps of the same action. */
  keys?: string;
  /** Where it leads, as a path of the application; or what it does. */
  to?: string;
  run?: () => void;
}

export interface Provider {
  id: string;
  /** Targets for what was typed; "" asks for what is nearest. May ask the server; `signal` ends what is out of date. */
  search: (query: string, signal: AbortSignal) => readonly Target[] | Promise<readonly Target[]>;
}

const providers = new Map<string, Provider>();

export function addProvider(provider: Provider): () => void {
  providers.set(provider.id, provider);
  return () => {
    if (providers.get(provider.id) === provider) providers.delete(provider.id);
  };
}

/** Offers targets while the component stands. */
export function useGoTo(id: string, search: Provider["search"]): void {
  const latest = useRef(search);
  useEffect(() => {
    latest.current = search;
  });
  useEffect(() => addProvider({ id, search: (query, signal) => latest.current(query, signal) }), [id]);
}

const ORDER: readonly Kind[] = ["page", "run", "task", "segment", "action"];
const EACH = 6;

/** How well a label fits: 0 not at all; every word must occur, beginnings of words count more. */
export function fit(label: string, query: string): number {
  const text = label.toLocaleLowerCase();
  let points = 1;
  for (const word of query.toLocaleLowerCase().split(/\s+/).filter(Boolean)) {
    const at = text.indexOf(word);
    if (at < 0) return 0;
    points += at === 0 ? 3 : /[\s._/-]/.test(text[at - 1] ?? "") ? 2 : 1;
  }
  return points;
}

/** All targets for `query`, grouped by kind, best first. A provider that fails offers nothing. */
export async function searchAll(query: string, signal: AbortSignal): Promise<Target[]> {
  const found = await Promise.all(
    [...providers.values()].map(async (provider) => {
      try {
        return await provider.search(query, signal);
      } catch {
        return [];
      }
    }),
  );
  const ranked = found.flat().map((target) => ({ target, points: fit(`${target.label} ${target.detail ?? ""}`, query) }));
  return ORDER.flatMap((kind) =>
    ranked
      .filter(({ target, points }) => target.kind === kind && points > 0)
      .sort((a, b) => b.points - a.points)
      .slice(0, EACH)
      .map(({ target }) => target),
  );
}
