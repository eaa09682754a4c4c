import { describe, expect, it } from "vitest";
import { compareLines, entriesOf, holds, type Line } from "./feed";

let count = 0;
function line(event_type: string, at: string, more: Partial<Line> = {}): Line {
  count += 1;
  return {
    position: 1000 - count,
    seq: 1,
    event_id: `e${count}`,
    area: "workflow",
    event: "x",
    event_type,
    at: new Date(at).toISOString(),
    workspace_id: "default",
    principal: null,
    run_id: `r${count}`,
    segment_id: "expenses",
    business_key: null,
    task_id: null,
    visit: null,
    severity: "info",
    payload: {},
    ...more,
  };
}
const kinds = (lines: Line[], ...more: [ReadonlySet<string>?, { from: number; to: number }[]?]) =>
  entriesOf(lines, ...more).map((entry) => entry.kind);
const completed = (at: string, more: Partial<Line> = {}) => line("segment.completed", at, more);

describe("the feed", () => {
  it("tells many alike in a row as one line, few as they are", () => {
    const three = ["2026-07-14T11:47", "2026-07-14T11:46", "2026-07-14T11:46"].map((at) => completed(at));
    expect(kinds(three)).toEqual(["day", "group"]);
    expect(kinds(three.slice(1))).toEqual(["day", "line", "line"]);
  });

  it("ends a group where another event, segment, person or time comes between", () => {
    const at = "2026-07-14T11:47";
    expect(kinds([completed(at), completed(at), line("segment.failed", at), completed(at)])).toEqual(["day", "line", "line", "line", "line"]);
    expect(kinds([completed(at), completed(at), completed(at, { segment_id: "other" })])).not.toContain("group");
    const started = (principal: string | null) => line("segment.started", at, { principal });
    expect(kinds([started(null), started(null), started("mara")])).not.toContain("group");
    expect(kinds([completed(at), completed(at), completed(at, { principal: "mara" })])).toContain("group");
    expect(kinds([completed(at), completed("2026-07-14T11:40"), completed("2026-07-14T11:30")])).not.toContain("group");
  });

  it("never groups what failed or what a person did", () => {
    const at = "2026-07-14T11:47";
    for (const type of ["segment.failed", "incident.opened", "human.task_completed", "segment.paused"]) {
      expect(kinds([line(type, at), line(type, at), line(type, at)])).not.toContain("group");
    }
  });

  it("unfolds a group under its own line, and keeps its name when newer ones join it", () => {
    const at = "2026-07-14T11:47";
    const lines = [completed(at), completed(at), completed(at)];
    const [, group] = entriesOf(lines);
    const key = group?.key ?? "";
    expect(kinds(lines, new Set([key]))).toEqual(["day", "group", "line", "line", "line"]);
    expect(entriesOf([completed(at), ...lines])[1]?.key).toBe(key);
  });

  it("has a head for each day, in the person's zone, and no group across it", () => {
    const lines = [completed("2026-07-15T00:01"), completed("2026-07-14T23:59"), completed("2026-07-14T23:58"), completed("2026-07-14T23:57")];
    expect(kinds(lines)).toEqual(["day", "line", "day", "group"]);
  });

  it("puts a gap where events passed unseen", () => {
    const [first, second] = [line("segment.failed", "2026-07-14T11:47", { position: 90 }), line("segment.failed", "2026-07-14T11:46", { position: 40 })];
    expect(kinds([first, second], new Set(), [{ from: 41, to: 80 }])).toEqual(["day", "line", "gap", "line"]);
    expect(kinds([first, second], new Set(), [{ from: 2, to: 30 }])).toEqual(["day", "line", "line", "gap"]);
  });

  it("sorts newest first, within an append the later event first", () => {
    const lines = [line("a", "2026-07-14", { position: 1, seq: 1 }), line("b", "2026-07-14", { position: 2, seq: 1 }), line("c", "2026-07-14", { position: 2, seq: 2 })];
    expect(lines.sort(compareLines).map((one) => one.event_type)).toEqual(["c", "b", "a"]);
  });

  it("finds words of a line, all of them, in any case", () => {
    const one = line("segment.paused", "2026-07-14", { principal: "Kwame Boateng", business_key: "EXP-2028", payload: { reason: "until policy 2.3" } });
    expect(holds(one, "kwame exp-2028")).toBe(true);
    expect(holds(one, "POLICY")).toBe(true);
    expect(holds(one, "kwame exp-2029")).toBe(false);
  });
});
