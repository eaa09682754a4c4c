import { expect, test } from "vitest";
import { bytes, clock, count, countdown, duration, money, sentence } from "./format";

const H = 3_600_000;

test.each([
  [38, "38 ms"],
  [999, "999 ms"],
  [1_900, "1.9 s"],
  [58_400, "58 s"],
  [130_000, "2 m 10 s"],
  [5 * 60_000, "5 m"],
  [2 * H + 13 * 60_000 + 59_000, "2 h 13 m"],
  [H + 2_000, "1 h"],
  [3 * 24 * H + 4 * H, "3 d 04 h"],
  [-5, "0 ms"],
])("a duration of %d ms is %s", (ms, words) => expect(duration(ms)).toBe(words));

test("countdowns are clocks", () => {
  expect([18_000, 17_200, 125_000, 3_725_000, -1].map(countdown)).toEqual(["0:18", "0:18", "2:05", "1:02:05", "0:00"]);
});

test("a clock time has its date only if that is not today", () => {
  const now = new Date(2026, 6, 14, 11, 51).getTime();
  expect(clock(new Date(2026, 6, 14, 9, 38), { now })).toBe("09:38");
  expect(clock(new Date(2026, 6, 14, 9, 38, 2), { now, seconds: true })).toBe("09:38:02");
  expect(clock(new Date(2026, 6, 13, 9, 38), { now })).toBe("13 Jul 09:38");
  expect(clock(new Date(2025, 6, 13, 0, 0), { now })).toBe("13 Jul 2025 00:00");
});

test("money has its currency and two decimals; unknown is said", () => {
  expect([money("1284.5", "EUR"), money(0, "USD"), money(null, "EUR")]).toEqual(["€1,284.50", "$0.00", "unknown"]);
});

test("counts: unknown is a dash, many is 9,999+", () => {
  expect([null, 0, 412, 9_999, 10_000].map(count)).toEqual(["–", "0", "412", "9,999", "9,999+"]);
});

test("sizes", () => {
  expect([0, 1_023, 2_202_009].map(bytes)).toEqual(["0 B", "1,023 B", "2.1 MiB"]);
});

test("messages of errors as sentences; names stay as they are", () => {
  expect(sentence("there is no run 'nope'")).toBe("There is no run 'nope'.");
  expect(sentence("rates.example answered 503")).toBe("rates.example answered 503.");
  expect(sentence("fx_rates is down!")).toBe("fx_rates is down!");
  expect(sentence("")).toBe("");
});
