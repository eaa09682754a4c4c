import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Line } from "./feed";
import { readFeed, readGap, readNews, readOlder, showNews } from "./reading";

const line = (position: number): Line => ({ position, seq: 1, event_id: `e${position}`, event_type: "segment.paused", area: "workflow", event: "x", at: "2026-07-14T09:00:00Z", workspace_id: "default", principal: null, severity: "info", payload: {} }) as Line;

/** Every position up to `last` has one event. */
let last = 0;
let asked: URLSearchParams[] = [];
beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", (address: string) => {
    const query = new URL(address, "http://localhost").searchParams;
    asked.push(query);
    const before = Number(query.get("before") ?? last + 1);
    const events = [];
    for (let at = before - 1; at > 0 && events.length < Number(query.get("limit")); at -= 1) events.push(line(at));
    const next = (events.at(-1)?.position ?? 1) > 1 ? String(events.at(-1)?.position) : null;
    return Promise.resolve(new Response(JSON.stringify({ events, next, position: last }), { headers: { "content-type": "application/json" } }));
  });
});
afterEach(() => vi.unstubAllGlobals());

const places = (lines: readonly Line[]) => lines.map((one) => one.position);
const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, n) => from - n);

it("reads backwards, page by page, to the first event", async () => {
  last = 230;
  const first = await readFeed({ area: "workflow" });
  expect(places(first.list.items)).toEqual(down(230, 131));
  const second = (await readOlder(first))(first);
  const third = (await readOlder(second))(second);
  expect(places(third.list.items)).toEqual(down(230, 1));
  expect(third.next).toBeNull();
  expect(asked.every((query) => query.get("area") === "workflow")).toBe(true);
});

it("lets what happened meanwhile wait, once, whatever is read twice", async () => {
  last = 50;
  const first = await readFeed({});
  last = 53;
  const news = await readNews(first);
  const later = news(news(first));
  expect(places(later.list.items)).toEqual(down(50, 1));
  expect(places(later.list.fresh)).toEqual([53, 52, 51]);
  expect(later.gaps).toEqual([]);
  expect(places(showNews(later).list.items)).toEqual(down(53, 1));
});

it("leaves a gap after a long absence, and reads it into its place on request", async () => {
  last = 10;
  const first = await readFeed({});
  last = 700;
  const back = (await readNews(first))(first);
  expect(places(back.list.fresh)).toEqual(down(700, 201));
  expect(back.gaps).toEqual([{ from: 11, to: 200 }]);
  const shown = showNews(back);
  const whole = (await readGap(shown, { from: 11, to: 200 }))(shown);
  expect(places(whole.list.items)).toEqual(down(700, 1));
  expect(whole.gaps).toEqual([]);
});

it("reads a gap while newer events still wait, and those go on waiting", async () => {
  last = 10;
  const first = await readFeed({});
  last = 700;
  const back = (await readNews(first))(first);
  const whole = (await readGap(back, { from: 11, to: 200 }))(back);
  expect(places(whole.list.items)).toEqual(down(200, 1));
  expect(places(whole.list.fresh)).toEqual(down(700, 201));
});

it("leaves the lower part of a very long gap a gap", async () => {
  last = 10;
  const first = await readFeed({});
  last = 1_600;
  const back = showNews((await readNews(first))(first));
  expect(back.gaps).toEqual([{ from: 11, to: 1_100 }]);
  const part = (await readGap(back, { from: 11, to: 1_100 }))(back);
  expect(part.gaps).toEqual([{ from: 11, to: 600 }]);
});
