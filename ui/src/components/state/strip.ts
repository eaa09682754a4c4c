// What a trail strip shows: which notches, which folded, and its name in words. No drawing here.
import { loudest, SETTLED, type State } from "./states";

export interface Notch {
  id: string;
  state: State;
  /** A container: how much of it is done, 0 to 1. */
  progress?: number;
}

export type Piece = { kind: "notch"; notch: Notch } | { kind: "fold"; count: number };

const MOST = 14;
const HEAD = 2;

/** At most 14 notches; more fold in the middle to a count. The first two stay, and everything live as long as it fits. */
export function pieces(notches: readonly Notch[], most = MOST): Piece[] {
  const whole = notches.map((notch): Piece => ({ kind: "notch", notch }));
  if (notches.length <= most) return whole;
  const keep = new Set<number>();
  for (let at = 0; at < HEAD; at += 1) keep.add(at);
  const wanted = [...notches.keys()].filter((at) => at >= HEAD);
  const live = wanted.filter((at) => !SETTLED.has(notches[at]?.state ?? "completed") && notches[at]?.state !== "scheduled");
  const rest = wanted.filter((at) => !live.includes(at)).reverse();
  for (const at of [...live, ...rest]) if (keep.size < most - 1) keep.add(at);
  const shown: Piece[] = [];
  for (const [at, piece] of whole.entries()) {
    const last = shown.at(-1);
    if (keep.has(at)) shown.push(piece);
    else if (last?.kind === "fold") last.count += 1;
    else shown.push({ kind: "fold", count: 1 });
  }
  return shown;
}

/** For the name in words: how many are over, of how many, and what holds the run (undefined: nothing). */
export function summaryOf(notches: readonly Notch[]): { done: number; total: number; state: State | undefined } {
  const over = notches.filter(({ state }) => SETTLED.has(state)).length;
  const open = notches.map(({ state }) => state).filter((state) => !SETTLED.has(state) && state !== "scheduled");
  return { done: over, total: notches.length, state: loudest(open) };
}
