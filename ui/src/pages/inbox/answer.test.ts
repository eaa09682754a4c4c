import { expect, test } from "vitest";
import { bodyOf, changeSchema, type Draft, isTouched, missingOf, outcomesOf, type Task } from "./answer";

const RULES: Record<Task["task_type"], Task["answers"]> = {
  approval: { approved: { must: [], may: [] }, rejected: { must: [], may: [] } },
  choice: { approved: { must: ["option"], may: [] }, rejected: { must: [], may: [] } },
  input: { approved: { must: ["input"], may: [] }, rejected: { must: [], may: [] } },
  review: { approved: { must: [], may: ["changes"] }, modified: { must: ["changes"], may: [] }, rejected: { must: [], may: [] } },
};

const SCHEMA = { type: "object", required: ["amount"], properties: { amount: { type: "number", title: "Amount" }, note: { type: "string" } } };

function task(task_type: Task["task_type"], more: Partial<Task> = {}): Task {
  return { task_type, answers: RULES[task_type], form: { require_reason: ["rejected"] }, schema: SCHEMA, data: { amount: 4 }, options: [{ value: true, label: "Yes" }, { value: 1, label: null }], version: 1, ...more } as Task;
}

const draft = (more: Partial<Draft> = {}): Draft => ({ version: 1, ...more });

test("before the person chooses, nothing can be sent, whatever else is filled in", () => {
  for (const type of ["approval", "input", "review"] as const) expect(missingOf(task(type), draft({ input: { amount: 1 }, changes: { amount: 1 }, reason: "why" }))).toEqual({ what: "outcome" });
  expect(missingOf(task("choice"), draft({ option: 0 }))).toEqual({ what: "option" });
});

test("what an outcome must bring is asked for by name", () => {
  expect(missingOf(task("approval"), draft({ outcome: "approved" }))).toBeNull();
  expect(missingOf(task("choice"), draft({ outcome: "approved" }))).toEqual({ what: "option" });
  expect(missingOf(task("choice"), draft({ outcome: "approved", option: 1 }))).toBeNull();
  expect(missingOf(task("input"), draft({ outcome: "approved" }))).toEqual({ what: "fields", fields: ["Amount"] });
  expect(missingOf(task("input"), draft({ outcome: "approved", input: { amount: 0 } }))).toBeNull();
  expect(missingOf(task("input", { schema: null }), draft({ outcome: "approved" }))).toEqual({ what: "input" });
  expect(missingOf(task("review", { schema: { type: "object" } }), draft({ outcome: "modified", changes: {} }))).toEqual({ what: "changes" });
});

test("a reason is needed where the form says so, and blanks are none", () => {
  expect(missingOf(task("approval"), draft({ outcome: "rejected", reason: "  " }))).toEqual({ what: "reason" });
  expect(missingOf(task("approval"), draft({ outcome: "rejected", reason: "no receipts" }))).toBeNull();
  expect(missingOf(task("approval", { form: {} }), draft({ outcome: "rejected" }))).toBeNull();
});

test("what is sent is the outcome, the version that was looked at, and only what belongs to the outcome", () => {
  const full = draft({ version: 7, outcome: "rejected", option: 0, input: { amount: 1 }, changes: { amount: 2 }, reason: "r", comment: " " });
  expect(bodyOf(task("review"), full)).toEqual({ outcome: "rejected", expected_version: 7, reason: "r" });
  expect(bodyOf(task("review"), { ...full, outcome: "modified", changes: { amount: 2, note: undefined } })).toEqual({ outcome: "modified", expected_version: 7, changes: { amount: 2 }, reason: "r" });
  expect(bodyOf(task("choice"), { ...full, outcome: "approved" })).toEqual({ outcome: "approved", expected_version: 7, option: true, reason: "r" });
});

test("outcomes stand in one order; those of an ended task are none", () => {
  expect(outcomesOf(task("review"))).toEqual(["approved", "modified", "rejected"]);
  expect(outcomesOf(task("review", { answers: {} }))).toEqual([]);
});

test("a draft is worth keeping once anything is in it", () => {
  expect(isTouched(draft())).toBe(false);
  expect(isTouched(draft({ changes: { note: undefined }, comment: "" }))).toBe(false);
  expect(isTouched(draft({ changes: { note: "x" } }))).toBe(true);
  expect(isTouched(draft({ outcome: "approved" }))).toBe(true);
});

test("a form of changes says what a field is now and fills nothing in", () => {
  const made = changeSchema(SCHEMA, { amount: 4, other: 1 }, (value) => `now ${value}`) as { properties: Record<string, object> };
  expect(made.properties.amount).toEqual({ type: "number", title: "Amount", description: "now 4" });
  expect(made.properties.note).toEqual({ type: "string" });
});
