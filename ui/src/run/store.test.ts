import { describe, expect, it } from "vitest";
import type { RunGraph, TrailEvent } from "./model";
import { RunStore } from "./store";

const graph: RunGraph = { segment_id: "s", steps: [{ step_id: "a", step_type: "work", kind: "handler" }], edges: [] };
const TYPES = ["segment.started", "step.scheduled", "step.started", "step.completed", "segment.completed"];
const trail: TrailEvent[] = TYPES.map((event_type, place) => ({
  event_id: `r:${place + 1}`, seq: place + 1, event_type, timestamp: new Date(place * 1000).toISOString(),
  ...(event_type.startsWith("step.") ? { visit: "a" } : {}),
}));
const statusOf = (store: RunStore): string | undefined => store.shown.view.visits.get("a")?.status;

describe("the trail of an open page", () => {
  it("takes each event once and in order", () => {
    const store = new RunStore(graph, trail.slice(0, 2));
    let calls = 0;
    store.subscribe(() => (calls += 1));
    store.add(trail.slice(1, 3));
    store.add(trail.slice(0, 3));
    expect([store.events.length, statusOf(store), calls]).toEqual([3, "running", 1]);
  });

  it("waits where something is missing, and goes on when it is there", () => {
    const store = new RunStore(graph, trail.slice(0, 2));
    store.add([trail[4] as TrailEvent]);
    expect([store.events.length, store.shown.missing, statusOf(store)]).toEqual([2, 2, "scheduled"]);
    store.filled(trail.slice(2, 4));
    expect([store.events.length, store.shown.missing, store.shown.view.run.status]).toEqual([5, 0, "completed"]);
  });

  it("knows of a gap without knowing its size", () => {
    const store = new RunStore(graph, trail.slice(0, 2));
    store.gap();
    expect(store.shown.missing).toBeNull();
    store.filled([]);
    expect(store.shown.missing).toBe(0);
  });

  it("travels back and forth while live goes on", () => {
    const store = new RunStore(graph, trail.slice(0, 4));
    store.travel(2);
    expect([store.shown.event, statusOf(store)]).toEqual([2, "scheduled"]);
    store.travel(3);
    expect(statusOf(store)).toBe("running");
    store.add(trail.slice(4));
    expect([store.shown.event, statusOf(store), store.shown.live.run.status]).toEqual([3, "running", "completed"]);
    store.travel(1);
    expect(statusOf(store)).toBeUndefined();
    store.travel(5);
    expect([store.shown.event, store.shown.view]).toEqual([null, store.shown.live]);
    expect(store.shown.live.visits.get("a")?.status).toBe("completed");
  });
});
