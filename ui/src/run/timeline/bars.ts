/**
 * The bars of a row: what a visit did with its time, as shapes on the axis.
 *
 * Rule: solid is work, hollow waits, hatched is trouble, dashed was not taken, dotted is not yet. A bar is at least 3 px wide, a
 * failed attempt 6. What lasts ends at now.
 */
import type { Stretch, Visit, VisitState } from "../model";
import { stateOf } from "../states";
import { xOf, type Axis } from "./axis";

export type Shape = "solid" | "running" | "hatched" | "dotted" | "tall" | "thin" | "message" | "ruled" | "open" | "bracket" | "dashed" | "paused";

export interface Bar {
  readonly shape: Shape;
  readonly x: number;
  readonly width: number;
  readonly state: VisitState;
  readonly stretch: Stretch | null;
  /** The mark at its end. */
  readonly cap: "none" | "failed" | "cancelled" | "incident" | "paused";
}

export const MIN_PX = 3;
export const MIN_FAILED_PX = 6;
export const DASH_PX = 22;
/** How high a shape is drawn, in a row of 26. */
export const HEIGHT: Readonly<Record<Shape, number>> = {
  solid: 10, running: 12, hatched: 12, dotted: 2, tall: 14, thin: 5, message: 5, ruled: 14, open: 10, bracket: 10, dashed: 2, paused: 5,
};

const WAITS: Readonly<Partial<Record<Stretch["what"], Shape>>> = {
  person: "tall", time: "thin", message: "message", incident: "ruled", inside: "bracket", backoff: "dotted",
};
const STATE_OF: Readonly<Partial<Record<Stretch["what"], VisitState>>> = {
  person: "person", time: "waiting", message: "message", incident: "incident", backoff: "retrying",
};
const TROUBLE: ReadonlySet<Stretch["end"]> = new Set(["failed", "timed_out", "interrupted"] as const);

function shapeOf(stretch: Stretch): Shape {
  const wait = WAITS[stretch.what];
  if (wait) return wait;
  if (stretch.to === null) return "running";
  if (stretch.end !== null && TROUBLE.has(stretch.end)) return "hatched";
  return stretch.end === "cancelled" ? "open" : "solid";
}

function stateOfBar(stretch: Stretch, shape: Shape, visit: VisitState): VisitState {
  const own = STATE_OF[stretch.what];
  if (own) return own;
  if (stretch.what === "inside") return visit;
  return shape === "hatched" ? "failed" : shape === "open" ? "cancelled" : shape === "running" ? "running" : "completed";
}

/** The bars of a visit. `now` is the end of what lasts; a paused run draws what it holds back as paused. */
export function barsOf(visit: Visit, axis: Axis, now: number, paused = false): Bar[] {
  const state = stateOf(visit, paused);
  const last = visit.stretches.length - 1;
  const bars = visit.stretches.map((stretch, place): Bar => {
    const shape = place === last && state === "paused" && stretch.to === null ? "paused" : shapeOf(stretch);
    const x = xOf(axis, stretch.from);
    const width = xOf(axis, stretch.to ?? Math.max(now, stretch.from)) - x;
    const least = shape === "hatched" ? MIN_FAILED_PX : MIN_PX;
    return {
      shape, x, width: Math.max(least, width), stretch, state: stateOfBar(stretch, shape, state),
      cap: place === last ? capOf(visit, shape) : "none",
    };
  });
  if (bars.length === 0 && visit.status === "skipped" && visit.endedAt !== null) {
    bars.push({ shape: "dashed", x: xOf(axis, visit.endedAt), width: DASH_PX, state: "skipped", stretch: null, cap: "none" });
  }
  return bars;
}

function capOf(visit: Visit, shape: Shape): Bar["cap"] {
  if (visit.status === "failed") return "failed";
  if (visit.status === "cancelled") return "cancelled";
  if (shape === "paused") return "paused";
  return shape === "ruled" && visit.status === "incident" ? "incident" : "none";
}

/** Where a container's items ended, as ticks on its bracket: places at least 2 px apart. */
export function ticksInside(visit: Visit, axis: Axis): number[] {
  const places: number[] = [];
  let clear = -Infinity;
  for (const at of visit.inside?.ticks ?? []) {
    const x = xOf(axis, at);
    if (x < clear) continue;
    places.push(x);
    clear = x + 2;
  }
  return places;
}
