import { expect, test } from "vitest";
import { show } from "~/test/render";
import { type Cause, failedAfter } from "./data";
import { Sentence } from "./Sentence";

const cause = (kind: Cause["kind"], query: string) => ({ kind, query }) as Cause;

test("what failed leads to what was counted: children too, since the moment the server counted from", async () => {
  const since = "2026-07-10T08:00:00.000000Z";
  const causes = [cause("incident", "parent=any&wait_for=incident"), cause("failed", new URLSearchParams({ parent: "any", ended_after: since }).toString())];
  expect(failedAfter(causes)).toBe(since);
  expect(failedAfter(causes.slice(0, 1))).toBe(null);
  const { getByRole } = await show(<Sentence decisions={0} due={null} incidents={2} failed={10} failedAfter={since} moving={0} />);
  const search = (name: string) => new URL(getByRole("link", { name }).getAttribute("href") ?? "", "http://host").search;
  const failed = search("10 runs");
  expect(decodeURIComponent(failed)).toContain("any");
  expect(decodeURIComponent(failed)).toContain(since);
  expect(decodeURIComponent(failed)).toContain("timed_out");
  expect(decodeURIComponent(search("2 runs"))).toContain("any");
});
