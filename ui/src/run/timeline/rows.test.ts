import { describe, expect, it } from "vitest";
import { foldTrail } from "../fold";
import type { RunGraph, TrailEvent } from "../model";
import { barsOf, MIN_FAILED_PX, MIN_PX, ticksInside } from "./bars";
import { makeAxis, xOf } from "./axis";
import { FEW, timelineRows, turnedFor } from "./rows";
import { foldsFirst, overview, quietUntil, spanOf } from "./window";

const graph: RunGraph = {
  segment_id: "s",
  steps: [
    { step_id: "m", step_type: "map", kind: "map" },
    { step_id: "x", step_type: "work", kind: "handler", container: "m" },
    { step_id: "last", step_type: "human_task", kind: "human" },
  ],
  edges: [{ number: 0, leaves: 0, source_step: "m", source_port: "results", target_step: "last", target_port: "input" }],
};
const error = { error_type: "E", error_code: "BOOM", error_message: "no", recoverable: true };

class Trail {
  readonly events: TrailEvent[] = [];
  add(event_type: string, ms: number, visit?: string, rest: Partial<TrailEvent> = {}): this {
    const seq = this.events.length + 1;
    this.events.push({ event_id: `r:${seq}`, seq, event_type, timestamp: new Date(ms).toISOString(), ...(visit ? { visit } : {}), ...rest });
    return this;
  }
}

function mapOf(items: number, retried: readonly number[] = []): Trail {
  const trail = new Trail().add("segment.started", 1000).add("step.started", 1000, "m", { payload: { count: items } });
  for (let n = 1; n <= items; n++) {
    const id = `m#${n}/x`;
    trail.add("step.scheduled", 1000 + n, id).add("step.started", 1000 + n, id, { attempt: 1 });
    if (retried.includes(n)) {
      trail.add("step.retrying", 2000 + n, id, { error, payload: { attempt: 2, due_us: (2500 + n) * 1000 } });
      trail.add("step.started", 2500 + n, id, { attempt: 2 });
    }
    trail.add("step.completed", 3000 + n, id, { payload: { ends: "" } }).add("scope.ended", 3000 + n, "m", { payload: { number: n } });
  }
  return trail;
}

describe("rows", () => {
  it("put exceptions first and stand for the rest with one row", () => {
    const view = foldTrail(graph, mapOf(12, [7]).events);
    expect(timelineRows(view, new Set()).map((row) => [row.kind, row.key, row.depth, row.open, row.hidden.length])).toEqual([
      ["visit", "m", 0, true, 0],
      ["visit", "m#7/x", 1, null, 0],
      ["more", "m#", 1, false, 11],
      ["step", "last", 0, null, 0],
    ]);
    expect(timelineRows(view, new Set(["m#"]))).toHaveLength(4 + 11);
    expect(timelineRows(view, new Set(["m"])).map((row) => row.key)).toEqual(["m", "last"]);
  });

  it("show few children as they are", () => {
    expect(timelineRows(foldTrail(graph, mapOf(FEW).events), new Set()).map((row) => row.kind)).toEqual([
      "visit", ...Array.from({ length: FEW }, () => "visit"), "step",
    ]);
  });

  it("open what a visit is hidden in", () => {
    const view = foldTrail(graph, mapOf(12, [7]).events);
    const nothing: ReadonlySet<string> = new Set();
    expect([...turnedFor(view, new Set(["m"]), "m#3/x")]).toEqual(["m#"]);
    expect(turnedFor(view, nothing, "m#7/x")).toBe(nothing);
  });

  it("come fast for 10,000 visits", () => {
    const view = foldTrail(graph, mapOf(10_000, [1, 2]).events);
    expect(timelineRows(view, new Set(["m#"]))).toHaveLength(10_000 + 3);
  });
});

describe("bars", () => {
  const axis = makeAxis({ from: 1000, to: 5000, folds: [], scale: 0.1 });

  it("draw attempts, back-offs and the least width", () => {
    const view = foldTrail(graph, mapOf(2, [2]).events);
    const of = (id: string): unknown[] => {
      const visit = view.visits.get(id);
      return visit ? barsOf(visit, axis, 5000).map((bar) => [bar.shape, Math.round(bar.x), Math.round(bar.width)]) : [];
    };
    expect(of("m#1/x")).toEqual([["solid", 0, 200]]);
    expect(of("m#2/x")).toEqual([["hatched", 0, 100], ["dotted", 100, 50], ["solid", 150, 50]]);
    expect(of("m")).toEqual([["bracket", 0, 400]]);
    const m = view.visits.get("m");
    expect(m && ticksInside(m, axis)).toEqual([xOf(axis, 3001)]);
  });

  it("are never thinner than can be seen", () => {
    const trail = new Trail().add("step.started", 1000, "m#1/x").add("step.failed", 1000, "m#1/x", { error });
    const failed = foldTrail(graph, trail.events).visits.get("m#1/x");
    expect(failed && barsOf(failed, axis, 5000)[0]).toMatchObject({ shape: "hatched", width: MIN_FAILED_PX, cap: "failed" });
    const done = foldTrail(graph, new Trail().add("step.completed", 1000, "m#1/x").events).visits.get("m#1/x");
    expect(done && barsOf(done, axis, 5000)[0]).toMatchObject({ shape: "solid", width: MIN_PX, cap: "none" });
  });

  it("end at now while something lasts, and say what a pause holds", () => {
    const trail = new Trail().add("step.started", 2000, "m#1/x");
    const running = foldTrail(graph, trail.events).visits.get("m#1/x");
    expect(running && barsOf(running, axis, 3000)[0]).toMatchObject({ shape: "running", x: 100, width: 100 });
    trail.add("step.retrying", 3000, "m#1/x", { error, payload: { due_us: 9_000_000 } });
    const retrying = foldTrail(graph, trail.events).visits.get("m#1/x");
    expect(retrying && barsOf(retrying, axis, 4000, true)[1]).toMatchObject({ shape: "paused", x: 200, width: 100, cap: "paused" });
  });

  it("tell a skipped visit by a dash", () => {
    const visit = foldTrail(graph, new Trail().add("step.skipped", 2000, "last", { reason: "R2" }).events).visits.get("last");
    expect(visit && barsOf(visit, axis, 5000)).toMatchObject([{ shape: "dashed", x: 100, width: 22 }]);
  });
});

describe("the window", () => {
  const HOUR = 3_600_000;

  it("folds at first where a run mostly waits", () => {
    const view = foldTrail(graph, mapOf(1).events);
    expect(foldsFirst(view, view.at + 1000)).toBe(false);
    expect(foldsFirst(view, view.at + HOUR)).toBe(true);
    expect(quietUntil(view, view.at + HOUR)).toEqual([{ from: view.at, to: view.at + HOUR }]);
    expect(spanOf(view, view.at + HOUR)).toEqual({ from: 1000, to: view.at + HOUR });
  });

  it("shows the loudest of each column", () => {
    const view = foldTrail(graph, mapOf(3, [2]).events);
    expect(new Set(overview(view, 10, view.at))).toEqual(new Set(["retrying", "completed"]));
  });
});
