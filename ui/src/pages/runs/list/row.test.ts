import { describe, expect, it } from "vitest";
import { nameOf, notchesOf, pressing, stateOf, stepOf, type Wait } from "./row";

const wait = (visit: string, what: Wait["for"], more: Partial<Wait> = {}): Wait => ({
  visit,
  for: what,
  since: "2026-07-14T09:00:00Z",
  ...more,
});

describe("what a row says of its run", () => {
  it("puts the most pressing wait first, then what is due first", () => {
    const waits = [
      wait("cool_down", "timer"),
      wait("fx_rates", "retry"),
      wait("late", "person", { due: "2026-07-14T15:00:00Z" }),
      wait("soon", "person", { due: "2026-07-14T10:00:00Z" }),
      wait("someday", "person"),
      wait("pay", "incident"),
    ];
    expect(pressing(waits).map((one) => one.visit)).toEqual(["pay", "soon", "late", "someday", "fx_rates", "cool_down"]);
  });

  it.each([
    [{ status: "waiting", waiting: [wait("a", "timer"), wait("b", "person")] }, "person"],
    [{ status: "waiting", waiting: [wait("a", "child run")] }, "message"],
    [{ status: "waiting", waiting: [] }, "waiting"],
    [{ status: "running", waiting: [wait("a", "person")] }, "running"],
    [{ status: "paused", waiting: [wait("a", "person")] }, "paused"],
    [{ status: "timed_out", waiting: [] }, "failed"],
  ] as const)("is named after what holds it: %o", (row, state) => {
    expect(stateOf({ status: row.status, waiting: [...row.waiting] })).toBe(state);
  });

  it("reads the letters of the strip; one it does not know is not yet reached", () => {
    expect(notchesOf("cky?").map((notch) => notch.state)).toEqual(["completed", "skipped", "retrying", "scheduled"]);
    expect(notchesOf(null)).toEqual([]);
    expect(notchesOf("cr.........").map((notch) => notch.state)).toEqual(["completed", "running", "scheduled", "scheduled", "scheduled"]);
  });

  it("names the step of a visit and the run", () => {
    expect(stepOf("receipts#3/read")).toBe("read");
    expect(stepOf("tries#2")).toBe("tries");
    expect(stepOf("pay")).toBe("pay");
    expect(nameOf({ business_key: "EXP-1", run_id: "r_1" })).toBe("EXP-1");
    expect(nameOf({ business_key: null, run_id: "r_1" })).toBe("r_1");
    expect(nameOf({ business_key: null, run_id: "e3317a3c88d602df823a8d9f" })).toBe("e3317a3c");
  });
});
