// What a row of the timeline says beside its bars.
import type { Translate } from "~/i18n";
import type { RunView, Visit } from "~/run/model";
import { attemptsOf, stateOf } from "~/run/states";

/** The name of a visit's row: inside a container with the number of its item or round. */
export function nameOf(visit: Visit): string {
  return visit.number === null ? visit.step : `#${visit.number} ${visit.step}`;
}

/** "12 items", "2 attempts": muted, after the name. */
export function noteOf(visit: Visit, t: Translate): string | null {
  if (visit.inside) {
    const count = visit.inside.count ?? visit.inside.begun;
    return t(visit.kind === "loop" ? "run.rounds" : "run.items", { count });
  }
  const attempts = attemptsOf(visit).length;
  return attempts > 1 ? t("run.attempts", { count: attempts }) : null;
}

/** What stands behind the bars of a visit: what it chose, or why it did not run. */
export function remarkOf(visit: Visit, t: Translate): string | null {
  if (visit.status === "skipped") return visit.error ? t("run.skipped.error", { code: visit.error.error_code }) : t(skippedBy(visit));
  if (visit.status === "cancelled") return t("run.cancelled.because", { rule: visit.endRule ?? "" });
  const port = visit.ports[0];
  if (visit.status === "completed" && port !== undefined && (visit.type === "switch" || visit.type === "condition")) return t("run.chose", { port });
  return null;
}

function skippedBy(visit: Visit): "run.skipped.R9" | "run.skipped.R11" | "run.skipped.R2" {
  return visit.endRule === "R9" ? "run.skipped.R9" : visit.endRule === "R11" ? "run.skipped.R11" : "run.skipped.R2";
}

/** When a step that has not begun will: the steps it waits for. */
export function conditionOf(view: RunView, path: string, t: Translate): string {
  const fates = view.edges.get("") ?? [];
  const open = view.plan.steps.get(path)?.into.filter((edge) => !fates[edge.number]) ?? [];
  const steps = [...new Set(open.map((edge) => edge.source_step))];
  if (view.run.endedAt !== null) return t("run.step.undecided");
  if (steps.length === 0) return t("run.step.soon");
  const list = new Intl.ListFormat(document.documentElement.lang || "en").format(steps.slice(0, 3));
  return steps.length > 3 ? t("run.step.whenMore", { steps: list, count: steps.length - 3 }) : t("run.step.when", { steps: list });
}

/** What only the drawing of a row shows, in words. */
export function spokenOf(visit: Visit, paused: boolean, t: Translate): string {
  return [t(`words.state.${stateOf(visit, paused)}`), remarkOf(visit, t)].filter((part) => part !== null).join(", ");
}

/** "11 completed, 1 skipped": what is behind a row that stands for the rest. */
export function restOf(view: RunView, hidden: readonly string[], t: Translate): string {
  const counts = new Map<string, number>();
  for (const id of hidden) {
    const visit = view.visits.get(id);
    if (!visit) continue;
    const state = stateOf(visit, view.run.paused);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts].map(([state, count]) => t("run.rest", { count, state })).join(", ");
}
