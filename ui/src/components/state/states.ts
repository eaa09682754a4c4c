// The states of the language: one row each. Mark, colour and word are looked up here and nowhere else.
import type { Key } from "~/i18n";

export const STATES = [
  "scheduled",
  "running",
  "completed",
  "person",
  "waiting",
  "message",
  "retrying",
  "failed",
  "incident",
  "skipped",
  "cancelled",
  "paused",
  "stale",
] as const;

export type State = (typeof STATES)[number];

/** How a notch of the trail strip is drawn: [pattern, height]. */
export type Pattern = "dot" | "solid" | "line" | "hollow" | "hatched" | "cross" | "triangle" | "dashed" | "square" | "bars";

export const NOTCH: Record<State, readonly [Pattern, number]> = {
  scheduled: ["dot", 2.4],
  running: ["solid", 10],
  completed: ["line", 3],
  person: ["hollow", 10],
  waiting: ["hollow", 5],
  message: ["hollow", 5],
  retrying: ["hatched", 10],
  failed: ["cross", 12],
  incident: ["triangle", 13],
  skipped: ["dashed", 1.5],
  cancelled: ["square", 7],
  paused: ["bars", 8],
  stale: ["line", 3],
};

/** The order of need: what a row or a strip is named after when several hold. */
export const LOUDNESS: readonly State[] = [
  "incident",
  "failed",
  "person",
  "retrying",
  "running",
  "message",
  "waiting",
  "paused",
  "stale",
  "scheduled",
  "cancelled",
  "skipped",
  "completed",
];

/** States that are over and quiet: a strip may fold them. */
export const SETTLED: ReadonlySet<State> = new Set(["completed", "skipped", "cancelled"]);

export function wordOf(state: State): Key {
  return `words.state.${state}`;
}

/** The loudest of some states; undefined of none. */
export function loudest(states: Iterable<State>): State | undefined {
  const there = new Set(states);
  return LOUDNESS.find((state) => there.has(state));
}

export function solid(state: State): string {
  return `var(--s-${state})`;
}

export function text(state: State): string {
  return `var(--s-${state}-text)`;
}

export function tint(state: State): string {
  return `var(--s-${state}-tint)`;
}
