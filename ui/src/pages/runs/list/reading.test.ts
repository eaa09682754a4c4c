import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readChanges, readList, readOn, showNewer } from "./reading";
import type { RunRow } from "./row";

const T0 = Date.parse("2026-07-14T09:00:00Z");
const iso = (minutes: number) => new Date(T0 + minutes * 60_000).toISOString();

function row(id: string, minutes: number, more: Partial<RunRow> = {}): RunRow {
  return {
    run_id: id,
    segment_id: "expenses",
    segment_name: null,
    status: "running",
    business_key: null,
    created_at: iso(minutes),
    updated_at: iso(minutes),
    ended_at: null,
    duration_ms: null,
    error_code: null,
    waiting: [],
    labels: {},
    instance_id: "default",
    workspace_id: "default",
    root_run_id: null,
    parent_run_id: null,
    parent_visit: null,
    segment_hash: "s",
    lock_hash: "l",
    owned: true,
    strip: null,
    ...more,
  };
}

/** A server in small: runs with the position at which each last changed. */
class Runs {
  rows: { row: RunRow; position: number }[] = [];
  asked: URLSearchParams[] = [];
  size = 200;

  answer = (address: RequestInfo | URL): Promise<Response> => {
    const url = new URL(String(address), "http://localhost");
    const body = url.pathname.endsWith("/counts") ? this.counts() : this.page(url.searchParams);
    return Promise.resolve(new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } }));
  };

  counts() {
    const position = Math.max(0, ...this.rows.map((one) => one.position));
    return { total: this.rows.length, by_status: {}, by_wait: {}, position };
  }

  page(query: URLSearchParams) {
    this.asked.push(query);
    const since = Number(query.get("since_position") ?? -1);
    const status = query.getAll("status");
    const found = this.rows
      .filter((one) => one.position > since && (status.length === 0 || status.includes(one.row.status)))
      .map((one) => one.row)
      .sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at));
    const start = Number(query.get("cursor") ?? 0);
    const end = start + this.size;
    return { runs: found.slice(start, end), next: end < found.length ? String(end) : null };
  }

  put(one: RunRow, position: number) {
    this.rows = [...this.rows.filter((other) => other.row.run_id !== one.run_id), { row: one, position }];
  }
}

let server: Runs;
beforeEach(() => {
  server = new Runs();
  vi.stubGlobal("fetch", server.answer);
});
afterEach(() => vi.unstubAllGlobals());

const ids = (rows: readonly RunRow[]) => rows.map((one) => one.run_id).join("");

describe("the list of runs", () => {
  it("knows from which position it is to be followed before it is read", async () => {
    server.put(row("a", 0), 7);
    const order = { query: {}, order: "newest" } as const;
    expect((await readList(order, null)).position).toBe(7);
    expect((await readList(order, 5)).position).toBe(5);
  });

  it("follows: renewed in place, new ones wait, what no longer fits stays marked", async () => {
    server.put(row("a", 0), 1);
    server.put(row("b", 1), 2);
    const first = await readList({ query: { status: ["running"] }, order: "newest" }, null);
    expect(ids(first.list.items)).toBe("ba");

    server.put(row("a", 0, { status: "completed" }), 3);
    server.put(row("c", 2), 4);
    server.put(row("d", 3, { status: "completed" }), 5);
    const after = (await readChanges(first, 5))(first);
    expect(ids(after.list.items)).toBe("ba");
    expect(after.list.items[1]?.status).toBe("completed");
    expect([...after.list.left]).toEqual(["a"]);
    expect(ids(after.list.fresh)).toBe("c");
    expect(after.position).toBe(5);
    expect(ids(showNewer(after).list.items)).toBe("cba");
  });

  it("asks once where nothing of the filter can change", async () => {
    server.put(row("a", 0), 1);
    const first = await readList({ query: { segment_id: ["expenses"] }, order: "newest" }, null);
    server.put(row("b", 1), 2);
    server.asked = [];
    const after = (await readChanges(first, 2))(first);
    expect(server.asked).toHaveLength(1);
    expect(ids(after.list.fresh)).toBe("b");
  });

  it("reads all that changed, also over several pages", async () => {
    const first = await readList({ query: {}, order: "newest" }, 0);
    for (let at = 0; at < 7; at += 1) server.put(row(`r${at}`, at), at + 1);
    server.size = 3;
    expect((await readChanges(first, 7))(first).list.fresh).toHaveLength(7);
  });

  it("reads on page by page, and drops a page that belongs to a list read anew meanwhile", async () => {
    for (let at = 0; at < 5; at += 1) server.put(row(String(at), at), at + 1);
    server.size = 2;
    const first = await readList({ query: {}, order: "newest" }, null);
    expect(ids(first.list.items)).toBe("43");
    const second = (await readOn(first))(first);
    expect(ids(second.list.items)).toBe("4321");
    const late = await readOn(first);
    expect(late(second)).toBe(second);
    const third = (await readOn(second))(second);
    expect(ids(third.list.items)).toBe("43210");
    expect(third.next).toBeNull();
  });
});
