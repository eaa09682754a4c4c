/**
 * What of a graph is seen first.
 *
 * Rule: all of it, if its labels can be read then; else so large that they can, beginning at one step, and never further than the
 * edge of the drawing, so that no room is lost.
 */
import type { VisitState } from "../model";

/** At this zoom the name of a step is 11 px high. */
export const READABLE = 0.9;
const PAD = 16;

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Placed extends Size {
  readonly x: number;
  readonly y: number;
}

export interface Sight {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** Along one side: the middle of what fits, else the step near the beginning of the window and the drawing up to its edge. */
function along(from: number, size: number, reach: number, room: number, zoom: number): number {
  const whole = reach * zoom;
  if (whole + 2 * PAD <= room) return (room - whole) / 2;
  const wanted = room / 2 - (from + size / 2) * zoom;
  return Math.min(PAD, Math.max(room - PAD - whole, wanted));
}

/** Zoom and shift for a window of `room`; `reach` is the size of the drawing, `step` the one that is to be in sight. */
export function firstSight({ step, reach, room }: { step: Placed; reach: Size; room: Size }): Sight {
  const fits = Math.min((room.width - 2 * PAD) / Math.max(1, reach.width), (room.height - 2 * PAD) / Math.max(1, reach.height));
  const zoom = Math.min(1, Math.max(READABLE, fits));
  return { x: along(step.x, step.width, reach.width, room.width, zoom), y: along(step.y, step.height, reach.height, room.height, zoom), zoom };
}

const PRESSING: readonly VisitState[] = ["incident", "failed", "person", "retrying", "message", "waiting", "paused", "running"];

/** The step that a person looks for: what stopped, then what waits, then what runs; null: nothing of that, so the beginning. */
export function pressingStep(states: ReadonlyMap<string, VisitState>): string | null {
  for (const wanted of PRESSING) {
    for (const [step, state] of states) if (state === wanted) return step;
  }
  return null;
}
