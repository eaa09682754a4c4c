import { describe, expect, it } from "vitest";
import { absorb, compareWith, extend, held, type Order, release } from "./held";

interface Row {
  id: string;
  at: number;
  state: string;
}

const order: Order<Row> = { key: (row) => row.id, compare: (a, b) => b.at - a.at, open: false };
const open: Order<Row> = { ...order, open: true };
const row = (id: string, at: number, state = "running"): Row => ({ id, at, state });
const ids = (rows: readonly Row[]) => rows.map((one) => one.id).join("");
const three = () => held([row("c", 30), row("b", 20), row("a", 10)]);
const fits = (...names: string[]) => new Set(names);

describe("a list that is being read", () => {
  it("renews in place and keeps the other rows as they were", () => {
    const before = three();
    const after = absorb(before, { changed: [row("b", 20, "completed")], fits: fits("b") }, order);
    expect(ids(after.items)).toBe("cba");
    expect(after.items[1]?.state).toBe("completed");
    expect(after.items[0]).toBe(before.items[0]);
    expect(after.fresh).toEqual([]);
  });

  it("does not move a row whose place would be another one now", () => {
    const after = absorb(three(), { changed: [row("a", 99)], fits: fits("a") }, order);
    expect(ids(after.items)).toBe("cba");
    expect(after.items[2]?.at).toBe(99);
  });

  it("keeps what no longer fits, marked, and takes the mark off when it fits again", () => {
    const gone = absorb(three(), { changed: [row("b", 20, "completed")], fits: fits() }, order);
    expect(ids(gone.items)).toBe("cba");
    expect([...gone.left]).toEqual(["b"]);
    const back = absorb(gone, { changed: [row("b", 20)], fits: fits("b") }, order);
    expect([...back.left]).toEqual([]);
  });

  it("lets what is new wait, in order, until it is asked for", () => {
    const waiting = absorb(three(), { changed: [row("d", 40), row("e", 50)], fits: fits("d", "e") }, order);
    expect(ids(waiting.items)).toBe("cba");
    expect(ids(waiting.fresh)).toBe("ed");
    const shown = release(waiting, order);
    expect(ids(shown.items)).toBe("edcba");
    expect(shown.fresh).toEqual([]);
  });

  it("drops from what waits what does not fit any more, and renews the rest", () => {
    const waiting = absorb(three(), { changed: [row("d", 40), row("e", 50)], fits: fits("d", "e") }, order);
    const later = absorb(waiting, { changed: [row("d", 40, "failed"), row("e", 50, "completed")], fits: fits("e") }, order);
    expect(later.fresh).toEqual([row("e", 50, "completed")]);
  });

  it("puts an older row that came to fit between its neighbours", () => {
    const after = release(absorb(three(), { changed: [row("x", 15)], fits: fits("x") }, open), open);
    expect(ids(after.items)).toBe("cbxa");
  });

  it("leaves what lies behind the part that was read to reading on", () => {
    expect(absorb(three(), { changed: [row("x", 5)], fits: fits("x") }, open).fresh).toEqual([]);
    expect(ids(absorb(three(), { changed: [row("x", 5)], fits: fits("x") }, order).fresh)).toBe("x");
  });

  it("ignores strangers that do not fit", () => {
    const before = three();
    expect(absorb(before, { changed: [row("x", 99)], fits: fits() }, order)).toBe(before);
  });

  it("is the same object when the same news come twice", () => {
    const once = absorb(three(), { changed: [row("b", 20, "failed"), row("d", 40)], fits: fits("d") }, order);
    expect(absorb(once, { changed: [row("b", 20, "failed"), row("d", 40)], fits: fits("d") }, order)).toBe(once);
  });

  it("compares with the whole list: the missing are marked, the new wait", () => {
    const after = compareWith(three(), [row("d", 40), row("c", 30), row("a", 10, "completed")], order);
    expect(ids(after.items)).toBe("cba");
    expect([...after.left]).toEqual(["b"]);
    expect(ids(after.fresh)).toBe("d");
    expect(ids(compareWith(after, [row("c", 30)], order).fresh)).toBe("");
  });

  it("reads on without showing anything twice", () => {
    const more = extend(three(), [row("a", 10, "completed"), row("z", 5)], open);
    expect(ids(more.items)).toBe("cbaz");
    expect(more.items[2]?.state).toBe("completed");
  });

  it("reads on over what waited and what was marked", () => {
    const marked = absorb(three(), { changed: [row("a", 10), row("x", 15)], fits: fits("x") }, order);
    const more = extend(marked, [row("x", 15), row("a", 10)], open);
    expect(ids(more.items)).toBe("cbax");
    expect([...more.left]).toEqual([]);
    expect(more.fresh).toEqual([]);
  });
});
