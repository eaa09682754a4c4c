// Reading the list and keeping it right. The list is read once; after that only what changed since a position is read, and the
// server alone says what fits the filter: there is no second rule for that here.
//
// Two questions a turn: which runs changed (by what cannot change of a run: its segment, its labels, …), and which of those fit
// the whole filter. The second is asked after the first, so a run that moves in between is at worst told one turn later. The
// position of a turn is one that was known before it asked, so nothing falls between two turns; what comes twice does no harm.
import { request } from "~/api";
import { absorb, extend, type Held, held, type Order, release } from "~/live/held";
import type { Search as Query } from "~/pages/filter/address";
import type { RunOrder } from "../filter";
import type { RunRow } from "./row";

export const PAGE = 200;
const MOST_PAGES = 20;

/** Parameters that a run can come to fit, or no longer fit, while it goes on. */
const MUTABLE = ["status", "wait_for", "error_code", "step_id", "ended_after"];

export interface Asked {
  query: Query;
  order: RunOrder;
}

export interface RunList {
  asked: Asked;
  list: Held<RunRow>;
  /** Cursor of the page behind the last row; null: there is none. */
  next: string | null;
  /** Rows a page. */
  limit: number;
  /** The list holds what stood in the journal at this position; `start`: when it was read. */
  position: number;
  start: number;
}

const time = (text: string) => Date.parse(text);
const COMPARE: Record<RunOrder, (a: RunRow, b: RunRow) => number> = {
  newest: (a, b) => time(b.created_at) - time(a.created_at) || (a.run_id < b.run_id ? 1 : -1),
  oldest: (a, b) => time(a.created_at) - time(b.created_at) || (a.run_id < b.run_id ? -1 : 1),
  updated: (a, b) => time(b.updated_at) - time(a.updated_at) || (a.run_id < b.run_id ? 1 : -1),
};

export function placing(asked: Asked, open: boolean): Order<RunRow> {
  return { key: (row) => row.run_id, compare: COMPARE[asked.order], open };
}

type Signal = AbortSignal | undefined;
const withSignal = (signal: Signal) => (signal ? { signal } : {});

export async function readCounts(query: Query, signal?: Signal) {
  return await request("get", "/api/v1/runs/counts", { query, ...withSignal(signal) });
}

/** The first page, and the position from which its changes are to be followed: one from before it was read. */
export async function readList(asked: Asked, known: number | null, limit = PAGE, signal?: Signal): Promise<RunList> {
  const position = known ?? (await readCounts(asked.query, signal)).position;
  const query = { ...asked.query, order: asked.order, limit };
  const page = await request("get", "/api/v1/runs", { query, ...withSignal(signal) });
  return { asked, limit, list: held(page.runs), next: page.next ?? null, position, start: position };
}

/** The list with one more page. */
export async function readOn(from: RunList, signal?: Signal): Promise<(now: RunList) => RunList> {
  if (from.next === null) return (now) => now;
  const query = { ...from.asked.query, order: from.asked.order, limit: from.limit, cursor: from.next };
  const page = await request("get", "/api/v1/runs", { query, ...withSignal(signal) });
  return (now) =>
    now.next === from.next
      ? { ...now, list: extend(now.list, page.runs, placing(now.asked, true)), next: page.next ?? null }
      : now; // read anew meanwhile
}

async function all(query: Query, since: number, signal: Signal): Promise<RunRow[]> {
  const rows: RunRow[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const asked = { ...query, since_position: since, order: "updated", limit: 500, cursor };
    const answer = await request("get", "/api/v1/runs", { query: asked, ...withSignal(signal) });
    rows.push(...answer.runs);
    cursor = answer.next ?? undefined;
    if (cursor === undefined) break;
  }
  return rows;
}

/** What changed after the list's position; `known` is a position that the stream had reached before this was asked. */
export async function readChanges(from: RunList, known: number, signal?: Signal): Promise<(now: RunList) => RunList> {
  const { query } = from.asked;
  const lasting = Object.fromEntries(Object.entries(query).filter(([name]) => !MUTABLE.includes(name)));
  const narrower = Object.keys(lasting).length < Object.keys(query).length;
  const changed = await all(lasting, from.position, signal);
  const fitting = narrower && changed.length > 0 ? await all(query, from.position, signal) : changed;
  const rows = new Map([...changed, ...fitting].map((row) => [row.run_id, row]));
  const news = { changed: [...rows.values()], fits: new Set(fitting.map((row) => row.run_id)) };
  return (now) => ({
    ...now,
    list: absorb(now.list, news, placing(now.asked, now.next !== null)),
    position: Math.max(now.position, known),
  });
}

/** The list with the newer runs in their places. */
export function showNewer(now: RunList): RunList {
  return { ...now, list: release(now.list, placing(now.asked, now.next !== null)) };
}
