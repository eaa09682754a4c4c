/**
 * What of a run the timeline shows: from when to when, which stretches are folded, and the whole run in small.
 */
import type { Quiet, RunView, Visit, VisitState } from "../model";
import { stateOf } from "../states";
import { QUIET_MS } from "../fold";

/** Waits are folded at first where they are more than this part of the run. */
const FOLD_ABOVE = 0.8;

/** The stretches in which nothing happened, the one that lasts to `now` included. */
export function quietUntil(view: RunView, now: number): readonly Quiet[] {
  if (view.run.endedAt !== null || view.working > 0 || now - view.at < QUIET_MS) return view.quiet;
  return [...view.quiet, { from: view.at, to: now }];
}

/** From the start to the end, or to now and a little, so that what is due next has a place. */
export function spanOf(view: RunView, now: number): { from: number; to: number } {
  const from = view.run.startedAt ?? view.at;
  const to = view.run.endedAt ?? Math.max(now, view.at);
  return { from, to: Math.max(to, from + 1) };
}

/** Whether waits are so much of a run that it is better seen with them folded. */
export function foldsFirst(view: RunView, now: number): boolean {
  const { from, to } = spanOf(view, now);
  const quiet = quietUntil(view, now).reduce((sum, one) => sum + one.to - one.from, 0);
  return quiet > FOLD_ABOVE * (to - from);
}

/** Which state speaks in a place that several share. */
const LOUDNESS: readonly VisitState[] = ["incident", "failed", "person", "retrying", "running", "cancelled", "message", "waiting", "completed"];

/** The whole run in `columns` columns: the loudest state of each, null where nothing is. */
export function overview(view: RunView, columns: number, now: number): (VisitState | null)[] {
  const { from, to } = spanOf(view, now);
  const rank = new Int8Array(columns).fill(LOUDNESS.length);
  const place = (at: number): number => Math.min(columns - 1, Math.max(0, Math.floor(((at - from) / (to - from)) * columns)));
  for (const visit of view.visits.values()) {
    for (const { what, from: begin, to: end, error } of visit.stretches) {
      if (what === "inside") continue;
      const loud = LOUDNESS.indexOf(loudnessOf(visit, what, end, error !== null));
      if (loud < 0) continue;
      for (let column = place(begin), last = place(end ?? now); column <= last; column++) {
        if (loud < (rank[column] as number)) rank[column] = loud;
      }
    }
  }
  return Array.from(rank, (loud) => LOUDNESS[loud] ?? null);
}

function loudnessOf(visit: Visit, what: string, end: number | null, failed: boolean): VisitState {
  if (what === "backoff") return "retrying";
  if (what === "time") return "waiting";
  if (what === "person" || what === "message" || what === "incident") return what;
  if (end === null) return "running";
  return failed ? (stateOf(visit) === "failed" ? "failed" : "retrying") : "completed";
}
