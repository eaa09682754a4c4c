/**
 * The rows of the timeline: a visit each, children under their container, steps that have not begun at the end.
 *
 * Rule: the order is that of the first event, which never changes; so no row moves under a reader. A container shows its exceptions
 * (what failed, was tried again or asks a person) as rows, and the rest as one row that opens. Few children are simply shown.
 */
import type { RunView, Visit } from "../model";
import { stateOf } from "../states";

/** So many children are shown without a row that stands for the rest. */
export const FEW = 6;
/** At most so many exceptions stand out. */
export const MOST = 20;

export interface Row {
  readonly key: string;
  readonly kind: "visit" | "more" | "step";
  /** The visit; for `more` the container whose rest it stands for. */
  readonly visit: string;
  readonly step: string;
  readonly depth: number;
  /** null: nothing to open. */
  readonly open: boolean | null;
  /** For `more`: the visits it stands for. */
  readonly hidden: readonly string[];
}

/** `turned` holds the keys of rows that a person opened or closed against what they are at first. */
export function timelineRows(view: RunView, turned: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  const loud = loudVisits(view);
  addVisits(rows, view, view.inside.get("") ?? [], 0, turned, loud);
  for (const step of view.plan.scopes.get("")?.steps ?? []) {
    if (!view.visits.has(step.path)) rows.push(row("step", step.path, "", step.path, 0, null));
  }
  return rows;
}

function row(kind: Row["kind"], key: string, visit: string, step: string, depth: number, open: boolean | null, hidden: readonly string[] = []): Row {
  return { key, kind, visit, step, depth, open, hidden };
}

function addVisits(rows: Row[], view: RunView, ids: readonly string[], depth: number, turned: ReadonlySet<string>, loud: ReadonlySet<string>): void {
  for (const id of ids) {
    const children = view.inside.get(id) ?? [];
    const open = children.length > 0 ? !turned.has(id) : null;
    rows.push(row("visit", id, id, view.visits.get(id)?.path ?? id, depth, open));
    if (open) addInside(rows, view, id, children, depth + 1, turned, loud);
  }
}

function addInside(
  rows: Row[], view: RunView, id: string, children: readonly string[], depth: number, turned: ReadonlySet<string>, loud: ReadonlySet<string>,
): void {
  if (children.length <= FEW) {
    addVisits(rows, view, children, depth, turned, loud);
    return;
  }
  const shown: string[] = [];
  const hidden: string[] = [];
  for (const child of children) {
    if (shown.length < MOST && stands(view.visits.get(child) as Visit, loud)) shown.push(child);
    else hidden.push(child);
  }
  addVisits(rows, view, shown, depth, turned, loud);
  if (hidden.length === 0) return;
  const key = `${id}#`;
  const open = turned.has(key);
  rows.push(row("more", key, id, "", depth, open, hidden));
  if (open) addVisits(rows, view, hidden, depth + 1, turned, loud);
}

/** Whether a visit stands out among its siblings. */
function stands(visit: Visit, loud: ReadonlySet<string>): boolean {
  if (loud.has(visit.id) || visit.task !== null || visit.error !== null) return true;
  return visit.stretches.length > 1 || (visit.inside !== null && visit.inside.failed > 0);
}

/** The containers around what asks a person. */
function loudVisits(view: RunView): Set<string> {
  const loud = new Set<string>();
  const asking = [...view.incidents.values()].map((one) => view.visits.get(one.visit));
  for (const id of view.open) {
    const visit = view.visits.get(id);
    if (visit && stateOf(visit) === "person") asking.push(visit);
  }
  for (const visit of asking) {
    let around = visit?.parent ?? null;
    if (visit) loud.add(visit.id);
    while (around !== null && !loud.has(around)) {
      loud.add(around);
      around = view.visits.get(around)?.parent ?? null;
    }
  }
  return loud;
}

/** The keys to turn so that the row of a visit is there: the containers around it, and the rest that it may be hidden in. */
export function turnedFor(view: RunView, turned: ReadonlySet<string>, visit: string): ReadonlySet<string> {
  const after = new Set(turned);
  for (let around = view.visits.get(visit)?.parent ?? null; around !== null; around = view.visits.get(around)?.parent ?? null) {
    after.delete(around);
    const rows = timelineRows(view, after);
    const hidden = rows.find((one) => one.kind === "more" && one.visit === around);
    const inside = visitsAround(view, visit);
    if (hidden?.open === false && hidden.hidden.some((id) => inside.has(id))) after.add(hidden.key);
  }
  return after.size === turned.size && [...after].every((key) => turned.has(key)) ? turned : after;
}

function visitsAround(view: RunView, visit: string): Set<string> {
  const around = new Set([visit]);
  for (let id = view.visits.get(visit)?.parent ?? null; id !== null; id = view.visits.get(id)?.parent ?? null) around.add(id);
  return around;
}
