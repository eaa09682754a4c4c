import { expect, test } from "vitest";
import type { Task } from "../answer";
import { offersOf } from "./KeyBar";

const task = (task_type: Task["task_type"], ...outcomes: string[]) => ({ task_type, answers: Object.fromEntries(outcomes.map((one) => [one, { must: [], may: [] }])) }) as unknown as Task;
const keys = (count: number, one?: Task) => offersOf({ count, task: one }).map(([key]) => key);

test("only keys that do something are offered", () => {
  expect(keys(0)).toEqual(["?"]);
  expect(keys(2)).toEqual(["j", "k", "?"]);
  expect(keys(1, task("approval", "approved", "rejected"))).toEqual(["a", "r", "e", "Mod+Enter", "?"]);
  expect(keys(3, task("review", "approved", "modified", "rejected"))).toEqual(["j", "k", "a", "m", "r", "e", "Mod+Enter", "?"]);
  expect(keys(1, task("choice", "approved", "rejected"))).toEqual(["1", "r", "e", "Mod+Enter", "?"]);
});
