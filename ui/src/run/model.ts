/**
 * What the run page knows of a run: the fold of its trail, in the shape that is drawn.
 *
 * Rule: only `fold.ts` makes these, from events alone, live and in time travel alike. Times are milliseconds since 1970, with
 * fractions. An object that an event did not touch keeps its identity, so that its row is not drawn again. Maps and arrays of a
 * `RunView` grow in place: a view is read until the next `apply`, and not kept.
 */

import type { Plan } from "./plan";

/** The words of a visit's life in the engine (docs/engine.md). */
export type Status =
  | "scheduled"
  | "running"
  | "probing"
  | "retrying"
  | "waiting"
  | "binding"
  | "inside"
  | "incident"
  | "completed"
  | "failed"
  | "skipped"
  | "cancelled";

/** The states that are drawn: one mark, one notch, one bar, one band each. */
export type VisitState =
  | "scheduled"
  | "running"
  | "completed"
  | "person"
  | "waiting"
  | "message"
  | "retrying"
  | "failed"
  | "incident"
  | "skipped"
  | "cancelled"
  | "paused";

export interface Failure {
  readonly error_type: string;
  readonly error_message: string;
  readonly error_code: string;
  readonly recoverable: boolean;
  readonly hint?: string | null;
  readonly details?: Readonly<Record<string, unknown>> | null;
}

/** A public event of a run's trail; keys without a value are absent or null. */
export interface TrailEvent {
  readonly event_id: string;
  readonly seq: number;
  readonly event_type: string;
  readonly timestamp: string;
  readonly visit?: string | null;
  readonly step_id?: string | null;
  readonly attempt?: number | null;
  readonly severity?: string;
  readonly principal?: string | null;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly error?: Failure | null;
  readonly reason?: string | null;
  readonly duration_ms?: number | null;
}

export interface GraphStep {
  readonly step_id: string;
  readonly step_type: string;
  readonly kind: string;
  readonly name?: string | null;
  readonly container?: string | null;
  readonly description?: string | null;
  readonly effect?: string;
  readonly policy?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly x?: number | null;
  readonly y?: number | null;
  readonly outputs?: readonly string[];
}

export interface GraphEdge {
  readonly number: number;
  readonly leaves: number;
  readonly source_step: string;
  readonly source_port: string;
  readonly target_step: string;
  readonly target_port: string;
  readonly container?: string | null;
  readonly condition?: string | null;
  readonly label?: string | null;
}

export interface RunGraph {
  readonly segment_id: string;
  readonly steps: readonly GraphStep[];
  readonly edges: readonly GraphEdge[];
}

/**
 * A stretch of a visit's time. `to` is null while it lasts; `due` is when a clock ends it. `end` says how work ended. An attempt is
 * a stretch of work; `probe` asks whether an effect happened.
 */
export interface Stretch {
  readonly what: "work" | "probe" | "backoff" | "person" | "time" | "message" | "incident" | "inside";
  readonly from: number;
  readonly to: number | null;
  readonly attempt: number;
  readonly due: number | null;
  readonly end: "completed" | "failed" | "timed_out" | "interrupted" | "cancelled" | null;
  readonly error: Failure | null;
}

/** What a map or loop has inside. `count` is null for a loop; `ticks` are the moments at which items ended, in that order. */
export interface Inside {
  readonly count: number | null;
  readonly bound: number | null;
  readonly begun: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly ticks: readonly number[];
}

/** One activation of a step. `path` names the step in the graph, `scope` the item or round that it belongs to ("" = the run). */
export interface Visit {
  readonly id: string;
  readonly path: string;
  readonly step: string;
  readonly scope: string;
  readonly parent: string | null;
  readonly number: number | null;
  readonly kind: string;
  readonly type: string;
  readonly status: Status;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly since: number;
  readonly scheduledAt: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly stretches: readonly Stretch[];
  readonly due: number | null;
  readonly error: Failure | null;
  readonly handled: boolean | null;
  readonly rule: string | null;
  readonly endRule: string | null;
  readonly cause: number | null;
  readonly counted: readonly number[] | null;
  readonly unmet: boolean;
  readonly ends: string;
  readonly ports: readonly string[];
  readonly task: string | null;
  readonly outcome: string | null;
  readonly child: string | null;
  readonly incident: string | null;
  readonly inside: Inside | null;
}

/** Something stopped that a person must resolve. `edges`: the numbers of those still open, for conditions. */
export interface Incident {
  readonly id: string;
  readonly visit: string;
  readonly kind: "failure" | "uncertain" | "condition";
  readonly error: Failure | null;
  readonly edges: readonly number[];
  readonly openedAt: number;
}

/** The run itself. `status` is what its trail says; `paused` stands beside it. */
export interface RunFacts {
  readonly status: "new" | "running" | "cancelling" | "completed" | "failed" | "cancelled";
  readonly paused: boolean;
  readonly pausedAt: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly error: Failure | null;
  readonly errorVisit: string | null;
  readonly otherFailures: number;
  readonly reason: string | null;
  readonly principal: string | null;
}

/** A stretch of at least `QUIET_MS` in which nothing worked and nothing was recorded. */
export interface Quiet {
  readonly from: number;
  readonly to: number;
}

export interface RunView {
  readonly plan: Plan;
  /** The events folded so far; equals the sequence number of the newest. */
  readonly seq: number;
  /** Time of the newest event. */
  readonly at: number;
  readonly run: RunFacts;
  readonly visits: ReadonlyMap<string, Visit>;
  /** Visit ids in order of their first event. */
  readonly order: readonly string[];
  /** Ids of the visits inside a map or loop, in order of their first event; "" holds the run's own. */
  readonly inside: ReadonlyMap<string, readonly string[]>;
  /** Ids of visits that have not ended. */
  readonly open: ReadonlySet<string>;
  /** Scope → edge number → letter of its end; "" while it has not ended. */
  readonly edges: ReadonlyMap<string, readonly string[]>;
  readonly incidents: ReadonlyMap<string, Incident>;
  readonly quiet: readonly Quiet[];
  /** How many attempts and probes are in flight. */
  readonly working: number;
  /** How many visits have each status. */
  readonly tally: Readonly<Record<Status, number>>;
}
