// The feed is read backwards by position and followed at its own end. What happens after it was read waits to be shown. After a
// long absence not all of that is read at once: the rest is a gap, a row in its place, which can be read when it is asked for.
import { request } from "~/api";
import { absorb, extend, type Held, held, type Order, release } from "~/live/held";
import type { Search } from "~/pages/filter/address";
import { compareLines, type Gap, keyOf, type Line } from "./feed";

const PAGE = 100;
/** Pages that a turn reads before it leaves a gap. */
const MOST_PAGES = 5;

export interface Feed {
  query: Search;
  list: Held<Line>;
  /** The position to read on before; null: the first event is here. */
  next: number | null;
  /** Everything up to this position is here, or in a gap; `start`: when it was read. */
  position: number;
  start: number;
  gaps: readonly Gap[];
}

const ORDER: Order<Line> = { key: keyOf, compare: compareLines, open: false };

type Signal = AbortSignal | undefined;

async function page(query: Search, before: number | null, signal: Signal) {
  const asked = { ...query, limit: PAGE, ...(before === null ? {} : { before }) };
  const answer = await request("get", "/api/v1/activity", { query: asked, ...(signal ? { signal } : {}) });
  return { lines: answer.events, next: answer.next === null || answer.next === undefined ? null : Number(answer.next), position: answer.position };
}

export async function readFeed(query: Search, signal?: Signal): Promise<Feed> {
  const { lines, next, position } = await page(query, null, signal);
  return { query, list: held(lines), next, position, start: position, gaps: [] };
}

/** Older lines, one page. */
export async function readOlder(from: Feed, signal?: Signal): Promise<(now: Feed) => Feed> {
  const before = from.next;
  if (before === null) return (now) => now;
  const { lines, next } = await page(from.query, before, signal);
  return (now) => (now.next === before ? { ...now, list: extend(now.list, lines, ORDER), next } : now);
}

/** Reads backwards from `before` (null: the end) down to `after`; `reached`: the lowest position that was read, `after` if all. */
async function between(query: Search, before: number | null, after: number, signal: Signal) {
  const lines: Line[] = [];
  let place = before;
  let top: number | null = null;
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const read = await page(query, place, signal);
    top ??= read.position;
    const newer = read.lines.filter((line) => line.position > after);
    lines.push(...newer);
    if (newer.length < read.lines.length || read.next === null || read.next <= after + 1) return { lines, top, reached: after };
    place = read.next;
  }
  return { lines, top, reached: (place ?? after + 1) - 1 };
}

/** What happened after the feed's position: it waits to be shown. */
export async function readNews(from: Feed, signal?: Signal): Promise<(now: Feed) => Feed> {
  const { lines, top, reached } = await between(from.query, null, from.position, signal);
  return (now) => ({
    ...now,
    list: absorb(now.list, { changed: lines, fits: new Set(lines.map(keyOf)) }, ORDER),
    position: Math.max(now.position, top ?? 0),
    gaps: reached > from.position ? [...now.gaps, { from: from.position + 1, to: reached }] : now.gaps,
  });
}

/** Reads a gap, or the upper part of a long one, into its place. */
export async function readGap(from: Feed, gap: Gap, signal?: Signal): Promise<(now: Feed) => Feed> {
  const { lines, reached } = await between(from.query, gap.to + 1, gap.from - 1, signal);
  return (now) => {
    const others = now.gaps.filter((other) => other.to !== gap.to);
    const grown = absorb(now.list, { changed: lines, fits: new Set(lines.map(keyOf)) }, ORDER);
    const waiting = now.list.fresh;
    const shown = release(grown, ORDER);
    const kept = new Set(waiting.map(keyOf));
    return {
      ...now,
      list: { ...shown, items: shown.items.filter((line) => !kept.has(keyOf(line))), fresh: waiting },
      gaps: reached >= gap.from ? [...others, { from: gap.from, to: reached }] : others,
    };
  };
}

export function showNews(now: Feed): Feed {
  return { ...now, list: release(now.list, ORDER) };
}
