import { expect, it } from "vitest";
import type { Frame } from "~/live";
import { newsOf } from "./news";

const frame = (run_id: string, ...types: string[]) =>
  ({ kind: "append", position: 1, stream: `run:${run_id}`, run_id, events: types.map((event_type) => ({ event_type })) }) as unknown as Frame;

it("counts the endings of shown runs and names the first that failed", () => {
  const names = new Map([
    ["a", "EXP-1"],
    ["b", "EXP-2"],
    ["c", "EXP-3"],
  ]);
  const frames = [frame("a", "segment.completed"), frame("x", "segment.failed"), frame("b", "step.failed", "segment.failed"), frame("c", "segment.failed")];
  expect(newsOf(frames, names)).toEqual({ completed: 1, failed: 2, name: "EXP-2" });
  expect(newsOf([frame("x", "segment.completed"), frame("a", "segment.paused")], names)).toBeNull();
});
