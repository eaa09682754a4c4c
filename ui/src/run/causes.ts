/**
 * What a run waits for, since when: one cause a sentence of the header.
 *
 * Rule: the most pressing first. What a person must repair, then what a person must decide (the earliest due first), then what a
 * clock or somebody else ends. Of work in flight there is one cause for all of it, and only where nothing else is named.
 */
import type { Incident, RunView, Visit, VisitState } from "./model";
import { attemptLimit, attemptsOf, stateOf } from "./states";

export interface Cause {
  readonly what: "incident" | "person" | "retrying" | "message" | "waiting" | "running";
  readonly visit: Visit;
  readonly since: number;
  readonly due: number | null;
  readonly incident: Incident | null;
  /** The attempt that follows, and how many there may be, for `retrying`. */
  readonly attempt: number | null;
  readonly limit: number | null;
  /** How many visits it stands for. */
  readonly count: number;
}

const RANK: Readonly<Partial<Record<VisitState, number>>> = { incident: 0, person: 1, retrying: 2, message: 3, waiting: 4, running: 5 };

export function causesOf(view: RunView): Cause[] {
  const causes: Cause[] = [];
  const held = new Set<string>();
  for (const incident of view.incidents.values()) {
    const visit = view.visits.get(incident.visit);
    held.add(incident.visit);
    if (visit) causes.push(cause("incident", visit, { since: incident.openedAt, incident }));
  }
  const working: Visit[] = [];
  for (const id of view.open) {
    const visit = view.visits.get(id) as Visit;
    if (held.has(id)) continue;
    const state = stateOf(visit);
    if (state === "running" && visit.inside === null) working.push(visit);
    if (state !== "person" && state !== "retrying" && state !== "message" && state !== "waiting") continue;
    const limit = state === "retrying" ? attemptLimit(view, visit) : null;
    const attempt = state === "retrying" ? attemptsOf(visit).length + 1 : null;
    causes.push(cause(state, visit, { since: state === "retrying" ? firstFailure(visit) : visit.since, due: visit.due, attempt, limit }));
  }
  const first = working[0];
  if (causes.length === 0 && first) causes.push(cause("running", first, { since: first.since, count: working.length }));
  return causes.sort((a, b) => (RANK[a.what] ?? 9) - (RANK[b.what] ?? 9) || (a.due ?? Infinity) - (b.due ?? Infinity) || a.since - b.since);
}

function cause(what: Cause["what"], visit: Visit, rest: Partial<Cause> & { since: number }): Cause {
  return { what, visit, due: null, incident: null, attempt: null, limit: null, count: 1, ...rest };
}

function firstFailure(visit: Visit): number {
  return visit.stretches.find((stretch) => stretch.what === "work" && stretch.error)?.from ?? visit.since;
}
