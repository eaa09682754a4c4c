/**
 * The time axis of the timeline: from moments to pixels and back.
 *
 * Rule: time is linear, but for stretches in which nothing happens: folded, each is 56 px wide, with its length above it. The scale is
 * pixels a millisecond; pixels count from the start of the run, so that panning changes no number here.
 */
import type { Quiet } from "../model";

export const FOLD_PX = 56;
export const TICK_PX = 56;
export const MAX_SCALE = 60; // 1 ms is 60 px wide

export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly x: number;
  readonly width: number;
  readonly folded: boolean;
}

export interface Axis {
  readonly pieces: readonly Piece[];
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly scale: number;
}

export interface Tick {
  readonly x: number;
  readonly at: number;
  readonly label: string;
  /** A second line: the day, where it changes. */
  readonly day: number | null;
}

/** The axis of `from` to `to`; stretches in `folds` are folded. They are in order and do not overlap. */
export function makeAxis({ from, to, folds, scale }: { from: number; to: number; folds: readonly Quiet[]; scale: number }): Axis {
  const pieces: Piece[] = [];
  let x = 0;
  let at = from;
  const add = (until: number, folded: boolean): void => {
    if (until <= at) return;
    const width = folded ? FOLD_PX : (until - at) * scale;
    pieces.push({ from: at, to: until, x, width, folded });
    x += width;
    at = until;
  };
  for (const fold of folds) {
    if (fold.to <= from || fold.from >= to) continue;
    add(Math.min(fold.from, to), false);
    add(Math.min(fold.to, to), true);
  }
  add(to, false);
  if (pieces.length === 0) pieces.push({ from, to: from + 1, x: 0, width: Math.max(1, scale), folded: false });
  return { pieces, from, to: Math.max(to, from + 1), width: Math.max(x, 1), scale };
}

/** The scale at which `from` to `to` is `width` pixels wide. */
export function fitScale({ from, to, folds, width }: { from: number; to: number; folds: readonly Quiet[]; width: number }): number {
  let linear = Math.max(1, to - from);
  let left = width;
  for (const fold of folds) {
    const length = Math.min(fold.to, to) - Math.max(fold.from, from);
    if (length <= 0) continue;
    linear -= length;
    left -= FOLD_PX;
  }
  return clampScale(Math.max(40, left) / Math.max(1, linear));
}

export const clampScale = (scale: number): number => Math.min(MAX_SCALE, Math.max(1e-9, scale));

function pieceWhere(axis: Axis, before: (piece: Piece) => boolean): Piece {
  let low = 0;
  let high = axis.pieces.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(axis.pieces[middle] as Piece)) low = middle + 1;
    else high = middle;
  }
  return axis.pieces[low] as Piece;
}

/** Where a moment stands; moments outside stand where the scale carries them. */
export function xOf(axis: Axis, at: number): number {
  if (at <= axis.from) return (at - axis.from) * axis.scale;
  if (at >= axis.to) return axis.width + (at - axis.to) * axis.scale;
  const piece = pieceWhere(axis, (one) => one.to < at);
  return piece.x + ((at - piece.from) / (piece.to - piece.from)) * piece.width;
}

/** The moment at a place. */
export function timeAt(axis: Axis, x: number): number {
  if (x <= 0) return axis.from + x / axis.scale;
  if (x >= axis.width) return axis.to + (x - axis.width) / axis.scale;
  const piece = pieceWhere(axis, (one) => one.x + one.width < x);
  return piece.from + ((x - piece.x) / piece.width) * (piece.to - piece.from);
}

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;
const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, S, 2 * S, 5 * S, 10 * S, 15 * S, 30 * S, M, 2 * M, 5 * M, 10 * M, 15 * M, 30 * M,
  H, 2 * H, 3 * H, 6 * H, 12 * H, D, 2 * D, 7 * D, 14 * D, 28 * D, 84 * D, 364 * D,
];

/** The distance of two ticks in milliseconds. */
export function tickStep(scale: number): number {
  return STEPS.find((step) => step * scale >= TICK_PX) ?? (STEPS.at(-1) as number);
}

// At 11 px, in the widest of the system's fonts.
const DIGIT_PX = 6.7;
const POINT_PX = 3.7;
const GAP_PX = 5;

/** About the width of a label: digits, points and colons. */
const labelWidth = (label: string): number => [...label].reduce((sum, letter) => sum + (/\d/.test(letter) ? DIGIT_PX : POINT_PX), 0);

/** From where to where the label of a tick at `x` stands; `left` is where the window begins: there it stands to the right of it. */
export function labelSpan({ x, label }: { x: number; label: string }, left: number): { from: number; to: number; start: boolean } {
  const width = labelWidth(label);
  const start = x - left < width / 2;
  const from = start ? x : x - width / 2;
  return { from, to: from + width, start };
}

/** How far local time is ahead of UTC at a moment, in milliseconds. */
export type Zone = (at: number) => number;

export const localZone: Zone = (at) => -new Date(at).getTimezoneOffset() * M;

const two = (value: number): string => String(value).padStart(2, "0");

/** `09:38:00`, or shorter where the step and the place on the axis say the rest. */
export function clockLabel(at: number, zone: Zone, step: number, full: boolean): string {
  const local = Math.round(at + zone(at));
  const ms = ((local % D) + D) % D;
  const clock = `${two(Math.floor(ms / H))}:${two(Math.floor(ms / M) % 60)}`;
  const seconds = two(Math.floor(ms / S) % 60);
  const rest = ms % S;
  if (full) return step < S && rest ? `${clock}:${seconds}.${String(rest).padStart(3, "0")}` : step < M ? `${clock}:${seconds}` : clock;
  if (step < S) return rest ? `.${String(rest).padStart(3, "0")}` : `${clock}:${seconds}`;
  if (step < M) return ms % M ? `:${seconds}` : clock;
  return clock;
}

/** The ticks between two places, at least 56 px apart, their labels clear of each other, all clear of folds. The first has the full time; a day change has its day. */
export function ticksOf(axis: Axis, left: number, right: number, zone: Zone = localZone): Tick[] {
  const step = tickStep(axis.scale);
  const found: Tick[] = [];
  let clear = -Infinity;
  let written = -Infinity;
  let day: number | null = null;
  for (const piece of axis.pieces) {
    if (piece.x + piece.width < left || piece.x > right) continue;
    if (piece.folded) {
      clear = piece.x + piece.width + TICK_PX / 3;
      continue;
    }
    const until = Math.min(piece.to, timeAt(axis, right));
    const next = axis.pieces[axis.pieces.indexOf(piece) + 1];
    const end = next?.folded ? next.x - TICK_PX / 3 : Infinity;
    let local = Math.ceil((Math.max(piece.from, timeAt(axis, left)) + zone(piece.from)) / step) * step;
    for (; local - zone(piece.from) <= until; local += step) {
      const at = local - zone(piece.from);
      const x = xOf(axis, at);
      if (x < clear || x > end) continue;
      const today = Math.floor((at + zone(at)) / D);
      const changed = day !== null && today !== day;
      const label = clockLabel(at, zone, step, found.length === 0 || changed);
      const span = labelSpan({ x, label }, left);
      if (span.from < written) continue;
      found.push({ x, at, label, day: changed ? at : null });
      day = today;
      clear = x + TICK_PX;
      written = span.to + GAP_PX;
    }
  }
  return found;
}
