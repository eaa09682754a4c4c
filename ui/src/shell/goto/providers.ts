// Who offers what under "Go to anything". Pages register a provider while they stand; the shell has its own.
import { useEffect, useRef } from "react";

export type Kind = "page" | "run" | "task" | "segment" | "action";

export interface Target {
  id: string;
  kind: Kind;
  label: string;
  /** Muted, after the label: an id, a state, a workspace. */
  detail?: string;
  /** What else it may be found by; not shown. */
  also?: string;
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

const WHOLE = 10;

/** Best first: what is called just so, then what its name fits, then what else of it fits. */
function rank({ label, detail, also }: Target, query: string): number {
  if (fit(`${label} ${detail ?? ""} ${also ?? ""}`, query) === 0) return 0;
  const whole = query !== "" && label.toLocaleLowerCase() === query.toLocaleLowerCase();
  return 1 + fit(label, query) + (whole ? WHOLE : 0);
}

function grouped(targets: readonly Target[], query: string): Target[] {
  const ranked = targets.map((target) => ({ target, points: rank(target, query) }));
  return ORDER.flatMap((kind) =>
    ranked
      .filter(({ target, points }) => target.kind === kind && points > 0)
      .sort((a, b) => b.points - a.points)
      .slice(0, EACH)
      .map(({ target }) => target),
  );
}

/**
 * All targets for `query`, grouped by kind, best first. A provider that fails offers nothing. What is known at once is told to
 * `early`, if others still have to be asked.
 */
export async function searchAll(query: string, signal: AbortSignal, early?: (targets: Target[]) => void): Promise<Target[]> {
  const asked = [...providers.values()].map((provider) => {
    try {
      return provider.search(query, signal);
    } catch {
      return [];
    }
  });
  const known = asked.filter((one): one is readonly Target[] => Array.isArray(one));
  if (known.length < asked.length) early?.(grouped(known.flat(), query));
  const found = await Promise.all(asked.map((one) => Promise.resolve(one).catch((): readonly Target[] => [])));
  return grouped(found.flat(), query);
}
