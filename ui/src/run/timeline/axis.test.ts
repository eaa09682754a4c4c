import { describe, expect, it } from "vitest";
import { clampScale, fitScale, FOLD_PX, labelSpan, makeAxis, MAX_SCALE, TICK_PX, tickStep, ticksOf, timeAt, xOf, type Axis } from "./axis";

const UTC = (): number => 0;
const at = (clock: string): number => Date.parse(`2026-07-11T${clock}Z`);
const fitted = (from: number, to: number, folds: { from: number; to: number }[], width: number): Axis =>
  makeAxis({ from, to, folds, scale: fitScale({ from, to, folds, width }) });

describe("an axis", () => {
  it("is as wide as it was fitted", () => {
    const folds = [{ from: at("09:39:00"), to: at("11:50:00") }];
    const axis = fitted(at("09:38:00"), at("11:52:00"), folds, 700);
    expect(axis.width).toBeCloseTo(700, 6);
    expect(axis.pieces.map((piece) => piece.folded)).toEqual([false, true, false]);
    expect(axis.pieces[1]?.width).toBe(FOLD_PX);
  });

  it("goes there and back", () => {
    const folds = [{ from: at("09:39:00"), to: at("11:50:00") }, { from: at("13:00:00"), to: at("15:00:00") }];
    const axis = fitted(at("09:38:00"), at("15:01:00"), folds, 900);
    let before = -Infinity;
    for (let x = -20; x <= axis.width + 20; x += 7.3) {
      const moment = timeAt(axis, x);
      expect(moment).toBeGreaterThan(before);
      expect(xOf(axis, moment)).toBeCloseTo(x, 3);
      before = moment;
    }
  });

  it("stands a run of no length", () => {
    const axis = fitted(5, 5, [], 600);
    expect(axis.width).toBeGreaterThan(0);
    expect(xOf(axis, 5)).toBe(0);
  });

  it("zooms to a millisecond and no further", () => {
    expect(tickStep(clampScale(1e9))).toBe(1);
    expect(clampScale(1e9)).toBe(MAX_SCALE);
  });
});

describe("ticks", () => {
  it("begin with the full time and then say what changes", () => {
    const axis = fitted(at("09:38:00"), at("09:39:30"), [], 560);
    expect(ticksOf(axis, 0, 560, UTC).map((tick) => tick.label)).toEqual(["09:38:00", ":10", ":20", ":30", ":40", ":50", "09:39", ":10", ":20", ":30"]);
  });

  it("stand 56 px apart and clear of a fold", () => {
    const folds = [{ from: at("09:39:05"), to: at("11:50:00") }];
    for (const width of [300, 700, 1500, 4000]) {
      const axis = fitted(at("09:38:00"), at("11:52:00"), folds, width);
      const ticks = ticksOf(axis, 0, axis.width, UTC);
      expect(ticks.length).toBeGreaterThan(0);
      ticks.slice(1).forEach((tick, place) => expect(tick.x - (ticks[place]?.x ?? 0)).toBeGreaterThanOrEqual(TICK_PX - 1e-6));
      const fold = axis.pieces.find((piece) => piece.folded);
      for (const tick of ticks) expect(tick.x < (fold?.x ?? 0) || tick.x > (fold?.x ?? 0) + FOLD_PX).toBe(true);
    }
  });

  it("name the day where it changes, in the zone of the person", () => {
    const axis = fitted(at("20:00:00"), at("20:00:00") + 6 * 3_600_000, [], 400);
    const there = ticksOf(axis, 0, 400, () => 2 * 3_600_000);
    expect(there[0]?.label).toBe("22:00");
    expect(there.filter((tick) => tick.day !== null).map((tick) => tick.label)).toEqual(["00:00"]);
  });

  it("tell milliseconds", () => {
    const axis = makeAxis({ from: at("09:38:00"), to: at("09:38:01"), folds: [], scale: MAX_SCALE });
    expect(ticksOf(axis, 0, 200, UTC).map((tick) => tick.label)).toEqual(["09:38:00", ".002", ".003"]);
  });

  it("never write over each other, at any scale and wherever the window begins", () => {
    const from = at("09:38:00") + 579;
    for (const width of [300, 700, 1500]) {
      for (const length of [1, 2, 3, 7, 40, 900, 70_000]) {
        const axis = fitted(from, from + length, [], width);
        for (const left of [-2, 0, width / 3]) {
          const spans = ticksOf(axis, left, left + width, UTC).map((tick) => labelSpan(tick, left));
          spans.slice(1).forEach((span, place) => expect(span.from).toBeGreaterThan(spans[place]?.to ?? 0));
        }
      }
    }
  });
});
