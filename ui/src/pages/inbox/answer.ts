// What may be answered to a task, what is still missing, and what is sent. Rule: nothing is chosen but by the person; a draft is
// what the person chose and wrote so far, and it is never completed by a default.
import type { components } from "#schema";
import type { State } from "~/components/state";

export type Task = components["schemas"]["TaskDetail"];
export type Row = components["schemas"]["TaskRow"];
export type Outcome = "approved" | "modified" | "rejected";

export interface Draft {
  /** What the person chose; undefined: nothing yet. */
  outcome?: Outcome;
  /** The place of the chosen option, of a choice. */
  option?: number;
  input?: unknown;
  changes?: unknown;
  comment?: string;
  reason?: string;
  /** The version of the task that the person looked at. */
  version: number;
}

/** Outcomes in the order in which they are offered. */
const ORDER: readonly Outcome[] = ["approved", "modified", "rejected"];

/** The keys that choose an outcome (they never send). */
export const KEY: Record<Outcome, string> = { approved: "a", modified: "m", rejected: "r" };

/** What such a key does, in words. */
export const CHOOSES = { approved: "inbox.key.approve", modified: "inbox.key.modify", rejected: "inbox.key.reject" } as const satisfies Record<Outcome, string>;

export function outcomesOf(task: Pick<Task, "answers">): Outcome[] {
  return ORDER.filter((outcome) => outcome in task.answers);
}

/** What an outcome brings along, by name: "option", "input", "changes". */
export function brings(task: Pick<Task, "answers">, outcome: Outcome | undefined): string[] {
  return outcome === undefined ? [] : (task.answers[outcome]?.must ?? []);
}

/** Whether a reason has to be given. */
export function needsReason(task: Pick<Task, "answers" | "form">, outcome: Outcome | undefined): boolean {
  if (outcome === undefined) return false;
  const named = task.form.require_reason;
  return brings(task, outcome).includes("reason") || (Array.isArray(named) && named.includes(outcome));
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  return isObject(value) && Object.values(value).every(isEmpty);
}

/** Required fields of the first level that are empty, by their titles. */
function emptyFields(schema: unknown, value: unknown): string[] {
  if (!isObject(schema) || !Array.isArray(schema.required)) return [];
  const given = isObject(value) ? value : {};
  const properties = isObject(schema.properties) ? schema.properties : {};
  const titleOf = (name: string) => (isObject(properties[name]) && typeof properties[name].title === "string" ? properties[name].title : name);
  return (schema.required as string[]).filter((name) => isEmpty(given[name])).map(titleOf);
}

export type Missing = { what: "outcome" | "option" | "input" | "changes" | "reason" } | { what: "fields"; fields: string[] };

/** What is still missing before it can be sent; null: nothing. */
export function missingOf(task: Task, draft: Draft): Missing | null {
  const { outcome } = draft;
  const choice = task.task_type === "choice";
  if (outcome === undefined) return { what: choice ? "option" : "outcome" };
  const must = brings(task, outcome);
  if (must.includes("option") && draft.option === undefined) return { what: "option" };
  for (const name of ["input", "changes"] as const) {
    if (!must.includes(name)) continue;
    const fields = emptyFields(task.schema, draft[name]);
    if (fields.length > 0) return { what: "fields", fields };
    if (isEmpty(draft[name])) return { what: name };
  }
  return needsReason(task, outcome) && !draft.reason?.trim() ? { what: "reason" } : null;
}

/** The body of the request. */
export function bodyOf(task: Task, draft: Draft): components["schemas"]["Decision"] {
  const { outcome, option, comment, reason } = draft;
  const must = brings(task, outcome);
  const given: Record<string, unknown> = {};
  if (must.includes("option") && option !== undefined) given.option = task.options[option]?.value;
  if (must.includes("input")) given.input = draft.input;
  if (must.includes("changes")) given.changes = withoutEmpty(draft.changes);
  if (comment?.trim()) given.comment = comment;
  if (reason?.trim()) given.reason = reason;
  return { outcome: outcome ?? "", expected_version: draft.version, ...given };
}

/** Changes are what the person filled in, not the fields that stayed empty. */
function withoutEmpty(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}

/** Whether there is anything in a draft that would be lost. */
export function isTouched(draft: Draft): boolean {
  const { outcome, option, input, changes, comment, reason } = draft;
  return outcome !== undefined || option !== undefined || ![input, changes, comment, reason].every(isEmpty);
}

/** The form of a review's changes: what a field is now stands beside it; nothing is filled in. */
export function changeSchema(schema: unknown, data: unknown, say: (value: string) => string): unknown {
  if (!isObject(schema) || !isObject(schema.properties) || !isObject(data)) return schema;
  const properties = Object.entries(schema.properties).map(([name, field]): [string, unknown] => {
    if (!(name in data) || !isObject(field)) return [name, field];
    const now = say(typeof data[name] === "string" ? data[name] : JSON.stringify(data[name]));
    return [name, { ...field, description: typeof field.description === "string" ? `${field.description} ${now}` : now }];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

/** The mark of a task in lists. */
export const STATE: Record<Row["status"], State> = { open: "person", completed: "completed", expired: "skipped", cancelled: "cancelled" };
