/**
 * From the words of the engine to the states that are drawn, by table.
 *
 * Rule: a visit has one drawn state. A paused run holds back starts, timers and probes, so what waits for one of them is paused;
 * people, children and work in flight go on. A visit whose condition waits for a person is an incident, although it completed.
 */
import type { GraphEdge, RunView, Status, Stretch, Visit, VisitState } from "./model";

const BY_STATUS: Readonly<Record<Exclude<Status, "waiting">, VisitState>> = {
  scheduled: "scheduled",
  running: "running",
  probing: "running",
  retrying: "retrying",
  binding: "scheduled",
  inside: "running",
  incident: "incident",
  completed: "completed",
  failed: "failed",
  skipped: "skipped",
  cancelled: "cancelled",
};
const BY_KIND: Readonly<Record<string, VisitState>> = { human: "person", timer: "waiting" };
const HELD_BY_PAUSE: ReadonlySet<VisitState> = new Set(["scheduled", "retrying", "waiting"]);

export function stateOf(visit: Visit, paused = false): VisitState {
  if (visit.incident !== null) return "incident";
  const state = visit.status === "waiting" ? (BY_KIND[visit.kind] ?? "message") : BY_STATUS[visit.status];
  return paused && HELD_BY_PAUSE.has(state) ? "paused" : state;
}

/** One piece of a trail strip. `progress` of a container, 0 to 1, where its size is known. */
export interface Notch {
  readonly id: string;
  readonly state: VisitState;
  readonly progress?: number;
}

/** The visits of the run's own graph in order of start, then the steps that were not reached. */
export function notchesOf(view: RunView): Notch[] {
  const notches = (view.inside.get("") ?? []).map((id): Notch => {
    const visit = view.visits.get(id) as Visit;
    const notch = { id, state: stateOf(visit, view.run.paused) };
    const { inside } = visit;
    if (!inside?.count) return notch;
    return { ...notch, progress: (inside.completed + inside.failed + inside.cancelled) / inside.count };
  });
  for (const step of view.plan.scopes.get("")?.steps ?? []) {
    if (!view.visits.has(step.path)) notches.push({ id: step.path, state: "scheduled" });
  }
  return notches;
}

/**
 * What became of an edge. `false` and `failed` are dead because of their condition; `asked` waits for a person's word on it;
 * `waiting`: its source is at it; `unreached`: its source has not begun.
 */
export type EdgeFate = "delivered" | "delivering" | "late" | "dead" | "false" | "failed" | "asked" | "waiting" | "unreached";

const BY_LETTER: Readonly<Record<string, EdgeFate>> = { D: "delivered", L: "late", X: "dead", F: "false", E: "failed", O: "asked" };

/** The fate of an edge of the scope `scope` ("" = the run's own graph). */
export function fateOf(view: RunView, scope: string, edge: GraphEdge): EdgeFate {
  const letter = view.edges.get(scope)?.[edge.number];
  const visitAt = (step: string): Visit | undefined => view.visits.get(scope ? `${scope}/${step}` : step);
  if (!letter) {
    const source = visitAt(edge.source_step);
    return source && view.open.has(source.id) ? "waiting" : "unreached";
  }
  if (letter === "D" && visitAt(edge.target_step)?.status === "running") return "delivering";
  return BY_LETTER[letter] ?? "unreached";
}

/** The attempts of a visit: its stretches of work, in order. */
export function attemptsOf(visit: Visit): Stretch[] {
  return visit.stretches.filter((stretch) => stretch.what === "work");
}

/** How long a visit took, or has taken by `now`; null where it never began. Milliseconds. */
export function tookOf(visit: Visit, now: number): number | null {
  const from = visit.startedAt ?? visit.scheduledAt;
  if (from === null) return null;
  return Math.max(0, (visit.endedAt ?? now) - from);
}

/** The most attempts a step's policy allows; null where it does not say. */
export function attemptLimit(view: RunView, visit: Visit): number | null {
  const most = view.plan.steps.get(visit.path)?.step.policy?.["max_attempts"];
  return typeof most === "number" ? most : null;
}
