/**
 * The fold of a trail into what the run page draws.
 *
 * Rule: as the engine's own `apply`, this decides nothing: an event says what happened, a table says what that means for the view. One
 * event costs constant work. Only the visit that it names becomes a new object, and the container around it where its counts change.
 * The state of a run at event n is the fold of its first n events. Events of a type that is not known change nothing but the place.
 */
import type { Failure, Incident, Inside, Quiet, RunFacts, RunGraph, RunView, Status, Stretch, TrailEvent, Visit } from "./model";
import { makePlan, partsOf, pathOf, type Plan } from "./plan";

/** Nothing worked and nothing was recorded for this long: the timeline may fold it. */
export const QUIET_MS = 5 * 60_000;

const ENDED: ReadonlySet<Status> = new Set(["completed", "failed", "skipped", "cancelled"]);
const BOUND_AT_START: ReadonlySet<string> = new Set(["inline", "join", "map", "child", "timer", "human"]);
const STATUSES: readonly Status[] = [
  "scheduled", "running", "probing", "retrying", "waiting", "binding",
  "inside", "incident", "completed", "failed", "skipped", "cancelled",
];

/** A view while events are folded into it: its collections grow in place. `fresh` holds the visits that nobody has seen yet. */
interface Draft extends RunView {
  readonly fresh: Set<Visit>;
  seq: number;
  at: number;
  run: RunFacts;
  working: number;
  visits: Map<string, Visit>;
  order: string[];
  inside: Map<string, string[]>;
  open: Set<string>;
  edges: Map<string, string[]>;
  incidents: Map<string, Incident>;
  quiet: Quiet[];
  tally: Record<Status, number>;
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] };
type Change = Partial<Mutable<Visit>>;
type Handler = (view: Draft, event: TrailEvent, at: number) => void;
type Payload = Readonly<Record<string, unknown>>;

const NOTHING: Payload = {};
const payloadOf = (event: TrailEvent): Payload => event.payload ?? NOTHING;
const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
const count = (value: unknown): number | null => (typeof value === "number" ? value : null);
const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : []);
const fromMicros = (value: unknown): number | null => (value === undefined || value === null ? null : Number(value) / 1000);

/** Milliseconds since 1970 of an ISO time in UTC, with the microseconds as a fraction (`Date.parse` cuts them). */
export function momentOf(stamp: string): number {
  const whole = Date.parse(stamp);
  const dot = stamp.indexOf(".");
  if (dot < 0) return whole;
  const micros = stamp.slice(dot + 4, dot + 7);
  return /^\d{3}$/.test(micros) ? whole + Number(micros) / 1000 : whole;
}

/** The view of a run of which nothing is known but its graph. */
export function emptyView(graph: RunGraph | Plan): RunView {
  const plan = "scopes" in graph ? graph : makePlan(graph);
  const run: RunFacts = {
    status: "new", paused: false, pausedAt: null, startedAt: null, endedAt: null, error: null, errorVisit: null,
    otherFailures: 0, reason: null, principal: null,
  };
  const tally = Object.fromEntries(STATUSES.map((status) => [status, 0])) as Record<Status, number>;
  return {
    plan, seq: 0, at: 0, run, visits: new Map(), order: [], inside: new Map([["", []]]), open: new Set(),
    edges: new Map(), incidents: new Map(), quiet: [], working: 0, tally,
  };
}

/** The view after these events, which follow on those it has. Those it already has are passed over. */
export function applyAll(view: RunView, events: Iterable<TrailEvent>): RunView {
  const draft = { ...view, fresh: new Set() } as Draft;
  let stamp = "";
  let at = 0;
  for (const event of events) {
    if (event.seq <= draft.seq) continue;
    if (event.timestamp !== stamp) {
      stamp = event.timestamp; // the events of one append have one time
      at = momentOf(stamp);
    }
    if (draft.working === 0 && draft.at > 0 && at - draft.at >= QUIET_MS) draft.quiet.push({ from: draft.at, to: at });
    draft.seq = event.seq;
    draft.at = at;
    HANDLERS[event.event_type]?.(draft, event, at);
  }
  const { fresh, ...after } = draft;
  fresh.clear();
  return after;
}

/** The view after one more event. */
export function apply(view: RunView, event: TrailEvent): RunView {
  return applyAll(view, [event]);
}

/** The view of a whole trail, or of the part of it that is given. */
export function foldTrail(graph: RunGraph | Plan, events: Iterable<TrailEvent>): RunView {
  return applyAll(emptyView(graph), events);
}

// --- visits ------------------------------------------------------------------------------------------------------------

function begin(view: Draft, id: string, seq: number, at: number): Visit {
  const path = pathOf(id);
  const { scope, step, parent, number } = partsOf(id);
  const planned = view.plan.steps.get(path)?.step;
  const visit: Visit = {
    id, path, step, scope, parent, number, kind: planned?.kind ?? "handler", type: planned?.step_type ?? "",
    status: "scheduled", firstSeq: seq, lastSeq: seq, since: at, scheduledAt: null, startedAt: null, endedAt: null,
    stretches: [], due: null, error: null, handled: null, rule: null, endRule: null, cause: null, counted: null, unmet: false,
    ends: "", ports: [], task: null, outcome: null, child: null, incident: null, inside: null,
  };
  view.visits.set(id, visit);
  view.fresh.add(visit);
  view.order.push(id);
  view.open.add(id);
  view.tally.scheduled += 1;
  const siblings = view.inside.get(parent ?? "");
  if (siblings) siblings.push(id);
  else view.inside.set(parent ?? "", [id]);
  if (parent !== null && number !== null) countBegun(view, parent, number);
  return visit;
}

function countBegun(view: Draft, parent: string, number: number): void {
  const owner = view.visits.get(parent);
  if (owner?.inside && number > owner.inside.begun) writable(view, owner).inside = { ...owner.inside, begun: number };
}

/** A visit that may be written to: a new object for one that was seen, itself for one that is new. */
function writable(view: Draft, visit: Visit): Mutable<Visit> {
  if (view.fresh.has(visit)) return visit;
  const copy = { ...visit };
  view.fresh.add(copy);
  view.visits.set(copy.id, copy);
  return copy;
}

/** Changes the visit of the event; begins it where this is its first. */
function change(view: Draft, event: TrailEvent, at: number, changes: Change): Visit {
  const id = event.visit ?? "";
  const visit = writable(view, view.visits.get(id) ?? begin(view, id, event.seq, at));
  const before = visit.status;
  Object.assign(visit, changes);
  visit.lastSeq = event.seq;
  if (visit.status !== before) {
    view.tally[before] -= 1;
    view.tally[visit.status] += 1;
    visit.since = at;
    if (ENDED.has(visit.status)) view.open.delete(id);
  }
  return visit;
}

const current = (view: Draft, event: TrailEvent): Visit | undefined => view.visits.get(event.visit ?? "");

// --- stretches ---------------------------------------------------------------------------------------------------------

const WORKS: ReadonlySet<Stretch["what"]> = new Set(["work", "probe"]);

function opened(view: Draft, visit: Visit | undefined, at: number, stretch: Partial<Stretch> & Pick<Stretch, "what">): Stretch[] {
  if (WORKS.has(stretch.what)) view.working += 1;
  const before = visit ? closed(view, visit, at, null) : [];
  return [...before, { from: at, to: null, attempt: 0, due: null, end: null, error: null, ...stretch }];
}

/** The stretches of a visit with the last one ended. An attempt that timed out keeps that as its end. */
function closed(view: Draft, visit: Visit, at: number, end: Stretch["end"], error: Failure | null = null): Stretch[] {
  const last = visit.stretches.at(-1);
  if (!last || last.to !== null) return [...visit.stretches];
  if (WORKS.has(last.what)) view.working -= 1;
  return [...visit.stretches.slice(0, -1), { ...last, to: at, end: last.end ?? end, error: error ?? last.error }];
}

/** How a visit's own time ends: its open stretch, or the whole of it where it never had one (inline steps, joins). */
function finished(view: Draft, event: TrailEvent, at: number, end: NonNullable<Stretch["end"]>): Stretch[] {
  const visit = current(view, event);
  if (visit && visit.stretches.length > 0) return closed(view, visit, at, end, event.error ?? null);
  const from = visit?.scheduledAt ?? at;
  return [{ what: "work", from, to: at, attempt: 1, due: null, end, error: event.error ?? null }];
}

// --- endings -----------------------------------------------------------------------------------------------------------

/** All edges of one ending end together (R1). */
function endEdges(view: Draft, visit: Visit, ends: string): void {
  if (!ends) return;
  const out = view.plan.steps.get(visit.path)?.out ?? [];
  out.forEach((edge, place) => endEdge(view, visit.scope, edge.number, ends[place] ?? ""));
}

function endEdge(view: Draft, scope: string, number: number, letter: string): void {
  let fates = view.edges.get(scope);
  if (!fates) view.edges.set(scope, (fates = []));
  fates[number] = letter;
}

function ending(view: Draft, event: TrailEvent, at: number, status: Status, changes: Change): void {
  const ends = text(payloadOf(event)["ends"]) ?? "";
  const visit = change(view, event, at, { status, endedAt: at, due: null, ends, endRule: event.reason ?? null, ...changes });
  endEdges(view, visit, ends);
}

const completed: Handler = (view, event, at) => {
  const outputs = payloadOf(event)["outputs"];
  ending(view, event, at, "completed", {
    stretches: finished(view, event, at, event.error ? "failed" : "completed"),
    ports: outputs && typeof outputs === "object" ? Object.keys(outputs) : [],
    error: event.error ?? null,
  });
};

const failed: Handler = (view, event, at) => {
  const stretches = finished(view, event, at, "failed");
  ending(view, event, at, "failed", { stretches, error: event.error ?? null, handled: payloadOf(event)["handled"] === true });
};

const skipped: Handler = (view, event, at) => {
  const visit = current(view, event);
  const stretches = visit ? closed(view, visit, at, "failed", event.error ?? null) : [];
  ending(view, event, at, "skipped", { stretches, error: event.error ?? null, cause: count(payloadOf(event)["cause"]) });
};

const cancelled: Handler = (view, event, at) => {
  const visit = current(view, event);
  ending(view, event, at, "cancelled", { stretches: visit ? closed(view, visit, at, "cancelled") : [] });
};

// --- on the way --------------------------------------------------------------------------------------------------------

/** What a visit becomes when it may begin: kinds whose start reads values first begin with that. */
const readied = (kind: string): Status => (BOUND_AT_START.has(kind) ? "binding" : "scheduled");

const scheduled: Handler = (view, event, at) => {
  const payload = payloadOf(event);
  const kind = view.plan.steps.get(pathOf(event.visit ?? ""))?.step.kind ?? "handler";
  const counted = payload["counted"] === undefined || payload["counted"] === null ? null : numbers(payload["counted"]);
  const unmet = payload["unmet"] === true;
  change(view, event, at, { status: readied(kind), scheduledAt: at, rule: event.reason ?? null, counted, unmet });
};

const started: Handler = (view, event, at) => {
  const payload = payloadOf(event);
  const visit = current(view, event) ?? begin(view, event.visit ?? "", event.seq, at);
  const first = { startedAt: visit.startedAt ?? at, due: null };
  const attempt = event.attempt ?? 1;
  if (visit.kind === "map" || visit.kind === "loop") {
    const inside: Inside = {
      count: count(payload["count"]), bound: count(payload["bound"]), begun: 0, completed: 0, failed: 0, cancelled: 0, ticks: [],
    };
    change(view, event, at, { ...first, status: "inside", inside, stretches: opened(view, visit, at, { what: "inside", attempt }) });
  } else if (text(payload["child"]) !== null) {
    const stretches = opened(view, visit, at, { what: "message", attempt });
    change(view, event, at, { ...first, status: "waiting", child: text(payload["child"]), stretches });
  } else {
    change(view, event, at, { ...first, status: "running", stretches: opened(view, visit, at, { what: "work", attempt }) });
  }
};

const retrying: Handler = (view, event, at) => {
  const payload = payloadOf(event);
  const due = fromMicros(payload["due_us"]);
  const before = current(view, event);
  if (!before) return;
  const worked = { ...before, stretches: finished(view, event, at, "failed") };
  const attempt = count(payload["attempt"]) ?? event.attempt ?? 0;
  const stretches = opened(view, worked, at, { what: "backoff", attempt, due });
  change(view, event, at, { status: "retrying", due, error: event.error ?? null, stretches });
};

const timedOut: Handler = (view, event, at) => {
  const visit = current(view, event);
  const last = visit?.stretches.at(-1);
  if (!visit || !last || last.to !== null) return;
  change(view, event, at, { stretches: [...visit.stretches.slice(0, -1), { ...last, end: "timed_out" }] });
};

const interrupted: Handler = (view, event, at) => {
  const visit = current(view, event);
  if (!visit) return;
  const attempt = event.attempt ?? 1;
  const lost = { ...visit, stretches: closed(view, visit, at, "interrupted") };
  if (payloadOf(event)["probe"] === true) {
    change(view, event, at, { status: "probing", stretches: opened(view, lost, at, { what: "probe", attempt }) });
  } else change(view, event, at, { status: "scheduled", stretches: lost.stretches });
};

const answered: Handler = (view, event, at) => {
  change(view, event, at, { status: "binding", ...(event.error ? { error: event.error } : {}) });
};

const timerSet: Handler = (view, event, at) => {
  const due = fromMicros(payloadOf(event)["due_us"]);
  const stretches = opened(view, current(view, event), at, { what: "time", due });
  change(view, event, at, { status: "waiting", startedAt: at, due, stretches });
};

const timerFired: Handler = (view, event, at) => {
  const visit = current(view, event);
  if (visit?.status !== "retrying") return;
  change(view, event, at, { status: readied(visit.kind), due: null, stretches: closed(view, visit, at, null) });
};

const taskCreated: Handler = (view, event, at) => {
  const stretches = opened(view, current(view, event), at, { what: "person", attempt: 1 });
  change(view, event, at, { status: "waiting", startedAt: at, task: text(payloadOf(event)["task_id"]), stretches });
};

const taskAnswered: Handler = (view, event, at) => {
  change(view, event, at, { outcome: text(payloadOf(event)["outcome"]) ?? event.event_type.replace("human.task_", "") });
};

const scopeEnded: Handler = (view, event, at) => {
  const visit = current(view, event);
  if (!visit?.inside) return;
  const payload = payloadOf(event);
  const inside = { ...visit.inside, begun: Math.max(visit.inside.begun, count(payload["number"]) ?? 0) };
  (inside.ticks as number[]).push(at);
  if (event.error) inside.failed += 1;
  else if (payload["cancelled"] === true) inside.cancelled += 1;
  else inside.completed += 1;
  change(view, event, at, { inside });
};

// --- incidents ---------------------------------------------------------------------------------------------------------

const incidentOpened: Handler = (view, event, at) => {
  const payload = payloadOf(event);
  const id = text(payload["incident"]) ?? "";
  const kind = (text(payload["kind"]) ?? "failure") as Incident["kind"];
  const visit = event.visit ?? "";
  view.incidents.set(id, { id, visit, kind, error: event.error ?? null, edges: numbers(payload["edges"]), openedAt: at });
  if (kind === "condition") {
    change(view, event, at, { incident: id });
    return;
  }
  const before = current(view, event);
  const worked = before && { ...before, stretches: closed(view, before, at, "failed", event.error ?? null) };
  const stretches = opened(view, worked, at, { what: "incident" });
  change(view, event, at, { status: "incident", incident: id, error: event.error ?? null, due: null, stretches });
};

const incidentResolved: Handler = (view, event, at) => {
  const payload = payloadOf(event);
  const id = text(payload["incident"]) ?? "";
  const incident = view.incidents.get(id);
  const visit = current(view, event);
  if (!incident || !visit) return;
  const ends = Object.entries((payload["ends"] ?? {}) as Record<string, string>);
  for (const [number, letter] of ends) endEdge(view, visit.scope, Number(number), letter);
  const settled = new Set(ends.map(([number]) => Number(number)));
  const edges = incident.edges.filter((number) => !settled.has(number));
  const cancelledNow = payload["action"] === "cancelled";
  if (incident.kind === "condition" && edges.length > 0 && !cancelledNow) {
    view.incidents.set(id, { ...incident, edges });
    return;
  }
  view.incidents.delete(id);
  const next = [...view.incidents.values()].find((one) => one.visit === visit.id)?.id ?? null;
  if (payload["action"] !== "retry") change(view, event, at, { incident: next });
  else change(view, event, at, { incident: next, status: readied(visit.kind), stretches: closed(view, visit, at, null) });
};

// --- the run -----------------------------------------------------------------------------------------------------------

function facts(changes: (event: TrailEvent, at: number, run: RunFacts) => Partial<RunFacts>): Handler {
  return (view, event, at) => {
    view.run = { ...view.run, ...changes(event, at, view.run) };
  };
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  "segment.started": facts((event, at) => ({ status: "running", startedAt: at, principal: event.principal ?? null })),
  "segment.completed": facts((_, at) => ({ status: "completed", endedAt: at, paused: false })),
  "segment.failed": facts((event, at) => ({
    status: "failed", endedAt: at, paused: false, error: event.error ?? null, errorVisit: event.visit ?? null,
    otherFailures: count(payloadOf(event)["others"]) ?? 0,
  })),
  "segment.cancelled": facts((event, at, run) => ({ status: "cancelled", endedAt: at, paused: false, reason: event.reason ?? run.reason })),
  "segment.paused": facts((_, at) => ({ paused: true, pausedAt: at })),
  "segment.resumed": facts(() => ({ paused: false, pausedAt: null })),
  "segment.cancel_requested": facts((event) => ({ status: "cancelling", reason: event.reason ?? null })),
  "step.scheduled": scheduled,
  "step.started": started,
  "step.completed": completed,
  "step.failed": failed,
  "step.skipped": skipped,
  "step.cancelled": cancelled,
  "step.retrying": retrying,
  "step.timed_out": timedOut,
  "step.answered": answered,
  "step.interrupted": interrupted,
  "scope.ended": scopeEnded,
  "timer.set": timerSet,
  "timer.fired": timerFired,
  "human.task_created": taskCreated,
  "human.task_completed": taskAnswered,
  "human.task_expired": taskAnswered,
  "human.task_cancelled": taskAnswered,
  "human.task_late": taskAnswered,
  "incident.opened": incidentOpened,
  "incident.resolved": incidentResolved,
};
