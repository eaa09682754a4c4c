import { describe, expect, it } from "vitest";
import { causesOf } from "../causes";
import { foldTrail } from "../fold";
import type { RunGraph, TrailEvent } from "../model";
import { fateOf, notchesOf, stateOf } from "../states";
import { layoutOf, NODE } from "./layout";
import { nodeState } from "./overlay";

/** What a test knows to be there. */
function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("it is not there");
  return value;
}

const graph: RunGraph = {
  segment_id: "s",
  steps: [
    { step_id: "in", step_type: "work", kind: "handler" },
    { step_id: "rates", step_type: "http_action", kind: "handler", policy: { max_attempts: 8 } },
    { step_id: "by", step_type: "switch", kind: "inline" },
    { step_id: "ask", step_type: "human_task", kind: "human" },
    { step_id: "auto", step_type: "work", kind: "handler" },
    { step_id: "pay", step_type: "work", kind: "handler" },
  ],
  edges: [
    { number: 0, leaves: 0, source_step: "in", source_port: "output", target_step: "rates", target_port: "input" },
    { number: 1, leaves: 1, source_step: "in", source_port: "output", target_step: "by", target_port: "input" },
    { number: 2, leaves: 0, source_step: "by", source_port: "manager", target_step: "ask", target_port: "input" },
    { number: 3, leaves: 1, source_step: "by", source_port: "auto", target_step: "auto", target_port: "input" },
    { number: 4, leaves: 0, source_step: "ask", source_port: "approved", target_step: "pay", target_port: "input" },
    { number: 5, leaves: 0, source_step: "auto", source_port: "output", target_step: "pay", target_port: "input" },
  ],
};
const error = { error_type: "E", error_code: "HTTP_UNAVAILABLE", error_message: "503", recoverable: true };

function trail(...rows: [type: string, ms: number, visit?: string, rest?: Partial<TrailEvent>][]): TrailEvent[] {
  return rows.map(([event_type, ms, visit, rest], place) => ({
    event_id: `r:${place + 1}`, seq: place + 1, event_type, timestamp: new Date(ms).toISOString(), ...(visit ? { visit } : {}), ...rest,
  }));
}

const waiting = trail(
  ["segment.started", 0],
  ["step.scheduled", 0, "in"],
  ["step.started", 0, "in"],
  ["step.completed", 38, "in", { payload: { outputs: { output: 0 }, ends: "DD" } }],
  ["step.scheduled", 38, "rates", { reason: "R2" }],
  ["step.scheduled", 38, "by", { reason: "R2" }],
  ["step.completed", 41, "by", { payload: { outputs: { manager: 0 }, ends: "DX" } }],
  ["step.scheduled", 41, "ask", { reason: "R2" }],
  ["step.skipped", 41, "auto", { reason: "R2", payload: { cause: 3, ends: "X" } }],
  ["human.task_created", 41, "ask", { payload: { task_id: "t1" } }],
  ["step.started", 41, "rates"],
  ["step.retrying", 60, "rates", { error, payload: { attempt: 2, due_us: 90_000 } }],
);

describe("the overlay", () => {
  const view = foldTrail(graph, waiting);

  it("gives each step its state and one fact", () => {
    expect(nodeState(view, "in", "")).toEqual({ visit: "in", state: "completed", begun: true, fact: { what: "took", ms: 38 } });
    expect(nodeState(view, "by", "").fact).toEqual({ what: "chose", port: "manager" });
    expect(nodeState(view, "rates", "")).toMatchObject({ state: "retrying", fact: { what: "attempt", number: 2, due: 90 } });
    expect(nodeState(view, "ask", "")).toMatchObject({ state: "person", fact: { what: "since", at: 41 } });
    expect(nodeState(view, "auto", "")).toMatchObject({ state: "skipped", fact: { what: "dead" } });
    expect(nodeState(view, "pay", "")).toEqual({ visit: null, state: "scheduled", begun: false, fact: { what: "waits", count: 1 } });
  });

  it("tells edges apart", () => {
    expect(graph.edges.map((edge) => fateOf(view, "", edge))).toEqual(["delivered", "delivered", "delivered", "dead", "waiting", "dead"]);
    const running = foldTrail(graph, [...waiting.slice(0, 11)]);
    expect(fateOf(running, "", there(graph.edges[0]))).toBe("delivering");
    expect(fateOf(foldTrail(graph, []), "", there(graph.edges[0]))).toBe("unreached");
    const late = foldTrail(graph, trail(["step.completed", 1, "by", { payload: { ends: "LF" } }]));
    expect([fateOf(late, "", there(graph.edges[2])), fateOf(late, "", there(graph.edges[3]))]).toEqual(["late", "false"]);
  });

  it("names the causes, the most pressing first", () => {
    expect(causesOf(view).map((cause) => [cause.what, cause.visit.id, cause.attempt, cause.limit])).toEqual([
      ["person", "ask", null, null],
      ["retrying", "rates", 2, 8],
    ]);
    const stopped = foldTrail(graph, [
      ...waiting,
      ...trail(["incident.opened", 70, "rates", { error, payload: { incident: "i1", kind: "failure" } }]).map((event) => ({ ...event, seq: 13 })),
    ]);
    expect(causesOf(stopped).map((cause) => cause.what)).toEqual(["incident", "person"]);
    expect(causesOf(foldTrail(graph, waiting.slice(0, 3))).map((cause) => [cause.what, cause.count])).toEqual([["running", 1]]);
  });

  it("has a notch for each visit, and one for each step that was not reached", () => {
    expect(notchesOf(view).map((notch) => [notch.id, notch.state])).toEqual([
      ["in", "completed"], ["rates", "retrying"], ["by", "completed"], ["ask", "person"], ["auto", "skipped"], ["pay", "scheduled"],
    ]);
  });

  it("pauses what a paused run holds back", () => {
    const paused = foldTrail(graph, [...waiting, { ...there(waiting[0]), seq: 13, event_type: "segment.paused" }]);
    expect(stateOf(there(paused.visits.get("rates")), paused.run.paused)).toBe("paused");
    expect(stateOf(there(paused.visits.get("ask")), paused.run.paused)).toBe("person");
  });
});

describe("the layout", () => {
  it("places ranks from left to right without overlaps", () => {
    const boxes = Object.values(layoutOf(graph.steps, graph.edges));
    expect(boxes).toHaveLength(6);
    for (const a of boxes) {
      for (const b of boxes) {
        if (a !== b) expect(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y).toBe(true);
      }
    }
    expect(Math.min(...boxes.map((box) => box.x))).toBe(0);
  });

  it("obeys the author where every step has a place", () => {
    const placed = graph.steps.map((step, n) => ({ ...step, x: n * 300 + 40, y: 20 }));
    expect(layoutOf(placed, graph.edges)["by"]).toMatchObject({ x: 600, y: 0, height: NODE.height });
    expect(layoutOf([...placed.slice(1), there(graph.steps[0])], graph.edges)["by"]?.x).not.toBe(600);
  });
});
