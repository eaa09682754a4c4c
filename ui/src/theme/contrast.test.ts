// WCAG contrast of every pair of tokens that meets on a page, in both schemes.
import { describe, expect, test } from "vitest";
import tokens from "./tokens.css?raw";

type Scheme = Record<string, string>;

/** The hex values of the first block after `selector`. */
function schemeOf(selector: string): Scheme {
  const start = tokens.indexOf(`${selector} {`);
  const block = tokens.slice(start, tokens.indexOf("}", start));
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((hit) => [hit[1], hit[2]]));
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const GROUNDS = ["paper", "sunken", "raised", "hover", "selected"];
const STATES = ["completed", "running", "person", "waiting", "retrying", "failed", "incident", "skipped", "cancelled", "stale"];
const TYPES = ["string", "number", "boolean", "object", "array", "file", "any"];

// [foreground, ground, at least]
const PAIRS: [string, string, number][] = [
  ...["ink-0", "ink-1", "ink-2", "ink-3", ...STATES.map((state) => `s-${state}-text`)].flatMap((ink) => GROUNDS.map((ground): [string, string, number] => [ink, ground, 4.5])),
  ...STATES.flatMap((state) => GROUNDS.map((ground): [string, string, number] => [`s-${state}`, ground, 3])),
  ...STATES.flatMap((state): [string, string, number][] => [
    [`s-${state}-text`, `s-${state}-tint`, 4.5],
    [`s-${state}`, `s-${state}-tint`, 3],
    ["ink-1", `s-${state}-tint`, 7],
  ]),
  ...["paper", "sunken", "raised"].map((ground): [string, string, number] => ["control", ground, 3]),
  ...TYPES.flatMap((type) => ["paper", "sunken", "raised"].map((ground): [string, string, number] => [`t-${type}`, ground, 4.5])),
];

describe.each([
  ["light", ":root"],
  ["dark", ':root[data-mantine-color-scheme="dark"]'],
])("%s", (_, selector) => {
  const scheme = schemeOf(selector);
  test(`${PAIRS.length} pairs are told apart`, () => {
    const low = PAIRS.map(([ink, ground, least]) => ({ ink, ground, least, is: contrast(scheme[ink] ?? "", scheme[ground] ?? "") }));
    expect(low.filter(({ is, least }) => !(is >= least - 0.005))).toEqual([]);
  });
});

test("the measure is that of WCAG", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});
