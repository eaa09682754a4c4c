/**
 * What the graph shows of a run on each step: the state of its visit, and one fact.
 *
 * Rule: a scope is drawn with the visits of one item or round; the run's own graph is scope "". The fact is data, not words: what the
 * component says in the language of the reader. What went wrong inside a container is the container's fact.
 */
import type { RunView, Visit, VisitState } from "../model";
import { attemptsOf, stateOf, tookOf } from "../states";

export type Fact =
  | { readonly what: "took"; readonly ms: number }
  | { readonly what: "chose"; readonly port: string }
  | { readonly what: "since"; readonly at: number }
  | { readonly what: "items"; readonly done: number; readonly count: number | null; readonly failed: number }
  | { readonly what: "attempt"; readonly number: number; readonly due: number | null }
  | { readonly what: "error"; readonly code: string }
  | { readonly what: "counted"; readonly count: number }
  | { readonly what: "waits"; readonly count: number }
  | { readonly what: "dead" | "rule" | "none" };

export interface NodeState {
  readonly visit: string | null;
  readonly state: VisitState;
  /** False while nothing was decided about it. */
  readonly begun: boolean;
  readonly fact: Fact;
}

const CHOOSING: ReadonlySet<string> = new Set(["condition", "switch"]);

/** The state of a step in a scope. `path` names the step. */
export function nodeState(view: RunView, path: string, scope: string): NodeState {
  const step = view.plan.steps.get(path);
  const id = scope ? `${scope}/${step?.step.step_id ?? ""}` : path;
  const visit = view.visits.get(id);
  if (visit) return { visit: id, state: stateOf(visit, view.run.paused), begun: true, fact: factOf(view, visit) };
  const fates = view.edges.get(scope);
  const left = step?.into.filter((edge) => !fates?.[edge.number]).length ?? 0;
  return { visit: null, state: "scheduled", begun: false, fact: left > 0 ? { what: "waits", count: left } : { what: "none" } };
}

function factOf(view: RunView, visit: Visit): Fact {
  const state = stateOf(visit, view.run.paused);
  if (visit.inside) {
    const { completed, failed, cancelled, count } = visit.inside;
    return { what: "items", done: completed + failed + cancelled, count, failed };
  }
  if (visit.error && (state === "failed" || state === "incident")) return { what: "error", code: visit.error.error_code };
  if (state === "retrying") return { what: "attempt", number: attemptsOf(visit).length + 1, due: visit.due };
  if (state === "skipped") return visit.error ? { what: "error", code: visit.error.error_code } : { what: "dead" };
  if (state === "completed") return completedFact(visit);
  return view.open.has(visit.id) ? { what: "since", at: visit.since } : { what: "none" };
}

function completedFact(visit: Visit): Fact {
  const port = visit.ports[0];
  if (port !== undefined && (CHOOSING.has(visit.type) || visit.task !== null)) return { what: "chose", port };
  if (visit.counted) return { what: "counted", count: visit.counted.length };
  return { what: "took", ms: tookOf(visit, visit.endedAt ?? 0) ?? 0 };
}
