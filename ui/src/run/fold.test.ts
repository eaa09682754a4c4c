import { describe, expect, it } from "vitest";
import { apply, applyAll, emptyView, foldTrail, momentOf, QUIET_MS } from "./fold";
import goldenText from "./golden.json?raw";
import type { RunGraph, RunView, TrailEvent } from "./model";
import { makePlan } from "./plan";

interface Golden {
  case: string;
  graph: RunGraph;
  events: TrailEvent[];
  states: (string | null)[];
  run: string;
  open: string[];
  incidents: string[];
  edges: Record<string, string[]>;
}

/** What a test knows to be there. */
function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("it is not there");
  return value;
}

const GOLDEN = JSON.parse(goldenText) as Golden[];

/** What two views must agree on, as plain data. */
const described = (view: RunView): unknown => ({
  ...view,
  plan: null,
  visits: [...view.visits],
  inside: [...view.inside],
  open: [...view.open],
  edges: [...view.edges],
  incidents: [...view.incidents],
});

describe("the golden cases, folded as the engine folds them", () => {
  it.each(GOLDEN.map((one) => [one.case, one] as const))("%s", (_, golden) => {
    let view = emptyView(golden.graph);
    golden.events.forEach((event, place) => {
      view = apply(view, event);
      const state = golden.states[place];
      if (event.visit && state) expect([event.seq, view.visits.get(event.visit)?.status]).toEqual([event.seq, state]);
    });
    expect(view.run.status).toBe(golden.run);
    expect([...view.open].sort()).toEqual(golden.open);
    expect([...view.incidents.keys()].sort()).toEqual(golden.incidents);
    const edges = Object.fromEntries([...view.edges].map(([scope, fates]) => [scope, Array.from(fates, (fate) => fate ?? "")]));
    for (const [scope, fates] of Object.entries(golden.edges)) {
      expect([scope, fates.map((_, place) => edges[scope]?.[place] ?? "")]).toEqual([scope, fates]);
    }
    expect(described(foldTrail(golden.graph, golden.events))).toEqual(described(view));
    for (const visit of view.visits.values()) {
      if (!view.open.has(visit.id)) expect(visit.stretches.every((stretch) => stretch.to !== null)).toBe(true);
    }
    expect(Object.values(view.tally).reduce((a, b) => a + b, 0)).toBe(view.visits.size);
    if (view.open.size === 0) expect(view.working).toBe(0);
  });
});

const graph: RunGraph = {
  segment_id: "s",
  steps: [
    { step_id: "a", step_type: "work", kind: "handler" },
    { step_id: "m", step_type: "map", kind: "map" },
    { step_id: "x", step_type: "work", kind: "handler", container: "m" },
  ],
  edges: [{ number: 0, leaves: 0, source_step: "a", source_port: "output", target_step: "m", target_port: "input" }],
};

function events(...rows: [type: string, ms: number, visit?: string, rest?: Partial<TrailEvent>][]): TrailEvent[] {
  return rows.map(([event_type, ms, visit, rest], place) => ({
    event_id: `r:${place + 1}`,
    seq: place + 1,
    event_type,
    timestamp: new Date(ms).toISOString(),
    ...(visit ? { visit } : {}),
    ...rest,
  }));
}

const error = { error_type: "E", error_code: "BOOM", error_message: "no", recoverable: true };

describe("a view", () => {
  it("keeps what an event does not touch", () => {
    const trail = events(["segment.started", 0], ["step.scheduled", 0, "a"], ["step.scheduled", 0, "m"], ["step.started", 1, "a"]);
    const before = foldTrail(graph, trail.slice(0, 3));
    const m = before.visits.get("m");
    const a = before.visits.get("a");
    const after = apply(before, there(trail[3]));
    expect(after).not.toBe(before);
    expect(after.visits.get("m")).toBe(m);
    expect(after.visits.get("a")).not.toBe(a);
  });

  it("passes over what it already has", () => {
    const trail = events(["segment.started", 0], ["step.scheduled", 0, "a"], ["step.started", 1, "a"]);
    const view = foldTrail(graph, trail);
    expect(described(applyAll(view, trail))).toEqual(described(view));
  });

  it("tells attempts, back-offs and waits apart", () => {
    const view = foldTrail(
      graph,
      events(
        ["segment.started", 0],
        ["step.scheduled", 0, "a"],
        ["step.started", 10, "a", { attempt: 1 }],
        ["step.timed_out", 20, "a", { attempt: 1 }],
        ["step.retrying", 20, "a", { error, payload: { attempt: 2, due_us: 50_000 } }],
        ["step.started", 50, "a", { attempt: 2 }],
        ["step.completed", 60, "a", { payload: { outputs: { output: 0 }, ends: "D" } }],
      ),
    );
    const a = there(view.visits.get("a"));
    expect(a.stretches.map(({ what, from, to, end }) => [what, from, to, end])).toEqual([
      ["work", 10, 20, "timed_out"],
      ["backoff", 20, 50, null],
      ["work", 50, 60, "completed"],
    ]);
    expect(a.stretches[0]?.error?.error_code).toBe("BOOM");
    expect(a.stretches[1]?.due).toBe(50);
    expect(view.edges.get("")).toEqual(["D"]);
  });

  it("counts what is inside a map", () => {
    const view = foldTrail(
      graph,
      events(
        ["step.started", 1, "m", { payload: { count: 3, bound: 2 } }],
        ["step.scheduled", 1, "m#1/x"],
        ["step.scheduled", 1, "m#2/x"],
        ["step.started", 1, "m#1/x"],
        ["step.failed", 2, "m#1/x", { error, payload: { ends: "" } }],
        ["scope.ended", 2, "m", { error, payload: { number: 1 } }],
        ["step.skipped", 3, "m#2/x"],
        ["scope.ended", 3, "m", { payload: { number: 2 } }],
      ),
    );
    expect(view.visits.get("m")?.inside).toEqual({
      count: 3, bound: 2, begun: 2, completed: 1, failed: 1, cancelled: 0, ticks: [2, 3],
    });
    expect(view.inside.get("m")).toEqual(["m#1/x", "m#2/x"]);
    expect(view.visits.get("m#2/x")).toMatchObject({ path: "m/x", scope: "m#2", parent: "m", number: 2 });
  });

  it("knows where nothing happened", () => {
    const view = foldTrail(
      graph,
      events(
        ["segment.started", 1000],
        ["step.started", 1000, "a"],
        ["step.completed", 1000 + 2 * QUIET_MS, "a"],
        ["step.scheduled", 2000 + 3 * QUIET_MS, "m"],
      ),
    );
    expect(view.quiet).toEqual([{ from: 1000 + 2 * QUIET_MS, to: 2000 + 3 * QUIET_MS }]);
  });

  it("reads microseconds", () => {
    expect(momentOf("1970-01-01T00:00:01.234567Z")).toBeCloseTo(1234.567, 6);
    expect(momentOf("1970-01-01T00:00:01Z")).toBe(1000);
    expect(momentOf("1970-01-01T00:00:01.5Z")).toBe(1500);
  });
});

declare const process: { cpuUsage(from?: unknown): { user: number } };

/** A map of `items` items of one step each, as events: five events an item and a few around them. */
function wideTrail(items: number): TrailEvent[] {
  const rows: Parameters<typeof events> = [["segment.started", 0], ["step.scheduled", 0, "m"], ["step.started", 0, "m", { payload: { count: items } }]];
  for (let n = 1; n <= items; n++) {
    rows.push(["step.scheduled", n, `m#${n}/x`], ["step.started", n, `m#${n}/x`]);
    rows.push(["step.completed", n + 5, `m#${n}/x`, { payload: { ends: "", outputs: { output: 0 } } }], ["scope.ended", n + 5, "m", { payload: { number: n } }]);
  }
  return events(...rows);
}

it("folds 10,000 visits in less than 200 ms", { timeout: 60_000 }, () => {
  const trail = wideTrail(10_000);
  const plan = makePlan(graph);
  const times = Array.from({ length: 5 }, () => {
    const from = process.cpuUsage();
    expect(foldTrail(plan, trail).visits.size).toBe(10_001);
    return process.cpuUsage(from).user / 1000;
  });
  expect(Math.min(...times)).toBeLessThan(200);
});
