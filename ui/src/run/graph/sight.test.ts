import { describe, expect, it } from "vitest";
import { firstSight, pressingStep, READABLE } from "./sight";

const room = { width: 1000, height: 300 };
const step = (x: number, y: number) => ({ x, y, width: 120, height: 44 });

describe("the first sight of a graph", () => {
  it("is all of it where that can be read, and no larger than it is", () => {
    expect(firstSight({ step: step(0, 0), reach: { width: 500, height: 100 }, room })).toEqual({ x: 250, y: 100, zoom: 1 });
  });

  it("is its beginning where it is large", () => {
    const seen = firstSight({ step: step(0, 300), reach: { width: 5000, height: 600 }, room });
    expect(seen.zoom).toBe(READABLE);
    expect(seen.x).toBe(16);
    expect(300 * seen.zoom + seen.y).toBeGreaterThan(0);
    expect(344 * seen.zoom + seen.y).toBeLessThan(room.height);
  });

  it("has the step in its middle, up to the edge of the drawing", () => {
    const reach = { width: 5000, height: 100 };
    const middle = firstSight({ step: step(2440, 0), reach, room });
    expect(2500 * middle.zoom + middle.x).toBeCloseTo(500, 6);
    const last = firstSight({ step: step(4880, 0), reach, room });
    expect(reach.width * last.zoom + last.x).toBeCloseTo(room.width - 16, 6);
  });

  it("begins at what stopped, then at what waits", () => {
    expect(pressingStep(new Map([["a", "completed"], ["b", "running"], ["c", "person"], ["d", "incident"]]))).toBe("d");
    expect(pressingStep(new Map([["a", "completed"], ["b", "running"], ["c", "person"]]))).toBe("c");
    expect(pressingStep(new Map([["a", "completed"]]))).toBe(null);
  });
});
