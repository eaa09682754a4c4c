// What a row says of its run: its state as the language knows it, and what it waits for, most pressing first.
import type { components } from "#schema";
import type { Notch, State } from "~/components/state";

export type RunRow = components["schemas"]["RunRow"];
export type Wait = components["schemas"]["Wait"];
export type RunStatus = RunRow["status"];

const WAIT_STATE: Record<Wait["for"], State> = {
  incident: "incident",
  person: "person",
  retry: "retrying",
  message: "message",
  "child run": "message",
  timer: "waiting",
};

const STATUS_STATE: Record<RunStatus, State> = {
  running: "running",
  waiting: "waiting",
  paused: "paused",
  completed: "completed",
  failed: "failed",
  cancelled: "cancelled",
  timed_out: "failed",
};

/** Letters of the server's strip. */
const LETTER: Record<string, State> = {
  s: "scheduled",
  r: "running",
  c: "completed",
  p: "person",
  t: "waiting",
  m: "message",
  y: "retrying",
  f: "failed",
  i: "incident",
  k: "skipped",
  x: "cancelled",
  ".": "scheduled",
};

const PRESSING: readonly Wait["for"][] = ["incident", "person", "retry", "message", "child run", "timer"];

/** What it waits for, most pressing first; of the same kind the one that is due first, then the oldest. */
export function pressing(waits: readonly Wait[]): Wait[] {
  const rank = (wait: Wait) => PRESSING.indexOf(wait.for);
  const time = (text: string | null | undefined) => (text ? Date.parse(text) : Number.POSITIVE_INFINITY);
  return [...waits].sort((a, b) => rank(a) - rank(b) || time(a.due) - time(b.due) || time(a.since) - time(b.since));
}

export function stateOfWait(wait: Wait): State {
  return WAIT_STATE[wait.for];
}

export function stateOfStatus(status: RunStatus): State {
  return STATUS_STATE[status];
}

/** The state that a run is named after: its status, or what it waits for. */
export function stateOf(row: Pick<RunRow, "status" | "waiting">): State {
  const first = pressing(row.waiting)[0];
  return row.status === "waiting" && first ? stateOfWait(first) : stateOfStatus(row.status);
}

/** Of what is not reached yet, so much shows that there is more; the place is needed for what was done. */
const AHEAD = 3;

/** Notches of the strip; they are named by their place, since a row knows no ids. */
export function notchesOf(strip: string | null | undefined): Notch[] {
  const near = (strip ?? "").replace(/\.+$/, (rest) => rest.slice(0, AHEAD));
  return [...near].map((letter, at) => ({ id: String(at + 1), state: LETTER[letter] ?? "scheduled" }));
}

/** The step of a visit: `map_step#3/inner` is a visit of `inner`. */
export function stepOf(visit: string): string {
  return (visit.split("/").at(-1) ?? visit).replace(/#\d+$/, "");
}

const SHORT = 8;

/** What people call the run: its business key, else its id; of a long one the beginning. */
export function nameOf(row: { run_id: string; business_key?: string | null | undefined }): string {
  return row.business_key ?? (row.run_id.length > 2 * SHORT ? row.run_id.slice(0, SHORT) : row.run_id);
}

