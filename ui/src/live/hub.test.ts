import { beforeEach, describe, expect, test } from "vitest";
import { FakeStream, message } from "~/test/stream";
import type { Frame, Topic } from "./frames";
import { Hub } from "./hub";

let stream: FakeStream;
let hub: Hub;

beforeEach(() => {
  stream = new FakeStream();
  hub = new Hub(stream.ports, "/api/v1/stream");
});

/** Subscribes and answers the positions that came. */
function listen(topic: Topic, from: number | null): { got: number[]; frames: Frame[]; leave: () => void } {
  const frames: Frame[] = [];
  const got: number[] = [];
  const leave = hub.subscribe(topic, from, (frame) => {
    frames.push(frame);
    got.push(frame.position);
  });
  return { got, frames, leave };
}

test("one connection for the union of topics, from the smallest position that anybody needs", async () => {
  listen("run:r1", 40);
  listen("activity", 30);
  listen("counts", null);
  await stream.pass(50);
  expect(stream.opened).toHaveLength(1);
  expect(stream.last.url.pathname).toBe("/api/v1/stream");
  expect(stream.last.url.searchParams.get("topics")).toBe("activity,counts,run:r1");
  expect(stream.last.url.searchParams.get("after")).toBe("30");
  expect(stream.last.lastEventId).toBe("30");
});

test("each subscriber gets what is after its own position, of its own topic", async () => {
  const run = listen("run:r1", 40);
  const all = listen("activity", 30);
  const inbox = listen("inbox", 30);
  await stream.pass(50);
  stream.last.write(stream.append(35) + stream.append(41, "r2") + stream.append(42) + stream.append(43, "r1", ["human.task_created"], ["run:r1", "activity", "inbox"]));
  await stream.pass(0);
  expect(run.got).toEqual([42, 43]);
  expect(all.got).toEqual([35, 41, 42, 43]);
  expect(inbox.got).toEqual([43]);
  expect(hub.state.position).toBe(43);
});

test("duplicates are dropped", async () => {
  const all = listen("activity", 0);
  await stream.pass(50);
  stream.last.write(stream.append(1) + stream.append(2) + stream.append(1) + stream.append(2) + stream.append(3));
  await stream.pass(0);
  expect(all.got).toEqual([1, 2, 3]);
});

test("cut in the middle of a message: the next connection brings it, once", async () => {
  const all = listen("activity", 0);
  await stream.pass(50);
  const cut = stream.append(2);
  stream.last.write(stream.append(1) + cut.slice(0, cut.length - 9));
  await stream.pass(0);
  stream.last.fail();
  await stream.pass(1_000);
  expect(stream.opened).toHaveLength(2);
  expect(stream.last.url.searchParams.get("after")).toBe("1");
  stream.last.write(stream.append(1) + stream.append(2) + stream.append(3));
  await stream.pass(0);
  expect(all.got).toEqual([1, 2, 3]);
});

test("a topic in which nothing happens does not hold back the place to resume from", async () => {
  listen("run:quiet", 5);
  listen("activity", 5);
  await stream.pass(50);
  stream.last.write(stream.append(900));
  await stream.pass(0);
  stream.last.end();
  await stream.pass(1_000);
  expect(stream.last.url.searchParams.get("after")).toBe("900");
});

test("a later subscriber that needs more gets a new connection; what came meanwhile is not given to it out of order", async () => {
  const all = listen("activity", 10);
  await stream.pass(50);
  stream.last.write(stream.append(20));
  await stream.pass(0);
  const late = listen("activity", 12);
  stream.last.write(stream.append(21));
  await stream.pass(50);
  expect(stream.opened).toHaveLength(2);
  expect(stream.opened[0]?.signal.aborted).toBe(true);
  expect(stream.last.url.searchParams.get("after")).toBe("12");
  stream.last.write([15, 20, 21, 22].map((position) => stream.append(position)).join(""));
  await stream.pass(0);
  expect(late.got).toEqual([15, 20, 21, 22]);
  expect(all.got).toEqual([20, 21, 22]);
});

test("a later subscriber that the connection covers uses it", async () => {
  listen("activity", 10);
  await stream.pass(50);
  stream.last.write(stream.append(20));
  await stream.pass(0);
  const late = listen("activity", 20);
  await stream.pass(50);
  stream.last.write(stream.append(21));
  await stream.pass(0);
  expect(stream.opened).toHaveLength(1);
  expect(late.got).toEqual([21]);
});

test("who leaves and comes again within a rendering changes nothing", async () => {
  const first = listen("activity", 10);
  await stream.pass(50);
  first.leave();
  listen("activity", 10);
  await stream.pass(2_000);
  expect(stream.opened).toHaveLength(1);
});

test("from now on: hello says where that is, and a resumption goes on there", async () => {
  const all = listen("activity", null);
  await stream.pass(50);
  expect(stream.last.url.searchParams.has("after")).toBe(false);
  stream.last.write(message("hello", { position: 70, server: "a" }));
  await stream.pass(0);
  stream.last.end();
  await stream.pass(1_000);
  expect(stream.last.url.searchParams.get("after")).toBe("70");
  stream.last.write(stream.append(69) + stream.append(71));
  await stream.pass(0);
  expect(all.got).toEqual([71]);
});

test("topics that come in another order than they were asked for", async () => {
  const a = listen("run:a", 0);
  const b = listen("run:b", 0);
  await stream.pass(50);
  stream.last.write(stream.append(3, "b") + stream.append(4, "a") + stream.append(5, "b") + stream.append(6, "a"));
  await stream.pass(0);
  expect([a.got, b.got]).toEqual([[4, 6], [3, 5]]);
});

test("a frame of one topic that comes after a later one of another is not lost", async () => {
  const a = listen("run:a", 0);
  const b = listen("run:b", 0);
  await stream.pass(50);
  stream.last.write(stream.append(9, "a") + stream.append(4, "b"));
  await stream.pass(0);
  expect([a.got, b.got]).toEqual([[9], [4]]);
});

test("a gap is given to all but counts, and counts as read up to its end", async () => {
  const run = listen("run:r1", 0);
  const all = listen("activity", 0);
  await stream.pass(50);
  stream.last.write(message("gap", { from: 1, to: 212, href: "/api/v1/activity" }, 212) + stream.append(100, "r2") + stream.append(213));
  await stream.pass(0);
  expect(all.frames[0]).toEqual({ kind: "gap", position: 212, from: 1, to: 212, href: "/api/v1/activity" });
  expect(all.got).toEqual([212, 213]);
  expect(run.got).toEqual([212, 213]);
});

test("counts are a state without a position: they come again and do not move the place to resume from", async () => {
  const counts = listen("counts", null);
  listen("activity", 3);
  await stream.pass(50);
  const told = (completed: number) => message("counts", { by_status: { completed }, by_wait: {}, open_tasks: 2, position: 90 });
  stream.last.write(told(1) + told(2) + stream.append(4));
  await stream.pass(0);
  expect(counts.frames.map((frame) => frame.kind === "counts" && frame.counts.by_status.completed)).toEqual([1, 2]);
  stream.last.end();
  await stream.pass(1_000);
  expect(stream.last.lastEventId).toBe("4");
});

describe("states", () => {
  test("connecting, live, reconnecting; the foot after 2 s, the banner after 4 s, live again", async () => {
    listen("activity", 0);
    const seen: string[] = [];
    hub.onChange(() => seen.push(`${hub.state.phase} ${hub.state.loss}`));
    await stream.pass(50);
    stream.answers.push(503, 503, 503, 503);
    stream.last.end();
    await stream.pass(1_900);
    expect(hub.state).toMatchObject({ phase: "reconnecting", loss: "none" });
    await stream.pass(200);
    expect(hub.state.loss).toBe("foot");
    await stream.pass(2_000);
    expect(hub.state.loss).toBe("banner");
    expect(hub.state.lostAt).toBe(1_000_050);
    await stream.pass(20_000);
    expect(hub.state).toMatchObject({ phase: "live", loss: "none", lostAt: null, retryAt: null });
    expect([...new Set(seen)]).toEqual(["connecting none", "live none", "reconnecting none", "reconnecting foot", "reconnecting banner"]);
  });

  test("waits double, with chance, up to 15 s; a connection that opens starts them anew", async () => {
    listen("activity", 0);
    stream.answers.push(...Array.from({ length: 9 }, () => 500));
    await stream.pass(20);
    const waits: number[] = [];
    for (let turn = 0; turn < 8; turn += 1) {
      waits.push((hub.state.retryAt ?? 0) - stream.now);
      await stream.pass(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([375, 750, 1_500, 3_000, 6_000, 11_250, 11_250, 11_250]);
  });

  test("a server that accepts and cuts at once is not asked ever faster; a steady connection starts anew", async () => {
    listen("activity", 0);
    await stream.pass(20);
    const waits: number[] = [];
    const cut = async () => {
      stream.last.end();
      await stream.pass(0);
      waits.push((hub.state.retryAt ?? 0) - stream.now);
      await stream.pass(waits.at(-1) ?? 0);
    };
    for (let turn = 0; turn < 3; turn += 1) await cut();
    await stream.pass(6_000);
    await cut();
    expect(waits).toEqual([375, 750, 1_500, 375]);
  });

  test("without a heartbeat the connection is dead", async () => {
    listen("activity", 0);
    await stream.pass(50);
    for (let beat = 0; beat < 4; beat += 1) {
      stream.last.write(": beat\n\n");
      await stream.pass(30_000);
    }
    expect(hub.state.phase).toBe("live");
    await stream.pass(5_001);
    expect(hub.state.phase).toBe("reconnecting");
    expect(stream.opened[0]?.signal.aborted).toBe(true);
  });

  test("reconnect: the server says when to come again", async () => {
    listen("activity", 0);
    await stream.pass(50);
    stream.last.write(stream.append(5) + message("reconnect", { after_ms: 700 }));
    await stream.pass(690);
    expect(stream.opened).toHaveLength(1);
    await stream.pass(20);
    expect(stream.opened).toHaveLength(2);
    expect(stream.last.lastEventId).toBe("5");
  });

  test("closed, and refused, end it for good", async () => {
    listen("activity", 0);
    await stream.pass(50);
    stream.last.write(message("closed", { code: "RIGHT_GONE" }));
    await stream.pass(60_000);
    expect(hub.state).toMatchObject({ phase: "closed", code: "RIGHT_GONE" });
    expect(stream.opened).toHaveLength(1);

    hub = new Hub(stream.ports, "/api/v1/stream");
    stream.answers.push(403);
    listen("activity", 0);
    await stream.pass(60_000);
    expect(hub.state).toMatchObject({ phase: "closed", code: "HTTP_403" });
    expect(stream.opened).toHaveLength(2);
  });

  test("try now does not wait", async () => {
    listen("activity", 0);
    await stream.pass(50);
    stream.answers.push(503, 503, 503, 503);
    stream.last.end();
    await stream.pass(4_000);
    const before = stream.opened.length;
    hub.retryNow();
    expect(stream.opened).toHaveLength(before + 1);
  });

  test("the last who leaves closes it", async () => {
    const { leave } = listen("activity", 0);
    await stream.pass(50);
    leave();
    await stream.pass(1_100);
    expect(stream.last.signal.aborted).toBe(true);
    expect(hub.state.phase).toBe("idle");
  });
});
