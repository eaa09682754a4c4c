// Which events of a trail are shown.
import type { TrailEvent } from "~/run/model";

export const GROUPS = ["all", "steps", "people", "trouble"] as const;
export type Group = (typeof GROUPS)[number];

export interface Filter {
  group: Group;
  severity: string | null;
  /** Words that stand in type, visit, error, reason or actor. */
  text: string;
  /** A visit and what is inside it. */
  visit: string | null;
}

const LOUD = new Set(["warning", "error", "critical"]);

const IN: Record<Group, (event: TrailEvent) => boolean> = {
  all: () => true,
  steps: (event) => event.event_type.startsWith("step.") || event.event_type.startsWith("scope."),
  people: (event) => event.event_type.startsWith("human.") || event.event_type === "incident.resolved",
  trouble: (event) => LOUD.has(event.severity ?? "info"),
};

function inside(visit: string | null | undefined, around: string): boolean {
  return visit === around || (visit?.startsWith(`${around}#`) ?? false);
}

export function matches(event: TrailEvent, { group, severity, text, visit }: Filter): boolean {
  if (!IN[group](event)) return false;
  if (severity !== null && (event.severity ?? "info") !== severity) return false;
  if (visit !== null && !inside(event.visit, visit)) return false;
  if (text === "") return true;
  const { event_type, visit: where, error, reason, principal } = event;
  const all = [event_type, where, error?.error_code, error?.error_message, reason, principal].filter(Boolean).join(" ").toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}

/** How many of the first `total` events each group has. */
export function tallyOf(events: readonly TrailEvent[], total: number): Record<Group, number> {
  const tally = { all: total, steps: 0, people: 0, trouble: 0 };
  for (let place = 0; place < total; place++) {
    const event = events[place];
    if (!event) continue;
    if (IN.steps(event)) tally.steps += 1;
    if (IN.people(event)) tally.people += 1;
    if (IN.trouble(event)) tally.trouble += 1;
  }
  return tally;
}
