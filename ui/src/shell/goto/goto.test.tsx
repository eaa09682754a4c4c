import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { show } from "~/test/render";
import { GoTo } from "./GoTo";

const run = (more: object) => ({ run_id: "ab12", business_key: "EXP-7", segment_id: "expense", segment_name: "Expense", status: "completed", waiting: [], ...more });
const TASKS = [{ task_id: "t1", title: "Approve the trip", business_key: "EXP-7", segment_id: "expense", run_id: "ab12" }];
const SEGMENTS = [{ segment_id: "expense", name: "Expense", description: null }];

const asked: { url: URL; signal: AbortSignal; answer: () => void }[] = [];
let held = false;

/** A server that knows two runs, a task and a segment; `held`: it answers when told to. */
function answerOf(url: URL): unknown {
  const q = url.searchParams.get("q") ?? "";
  const rows = [run({}), run({ run_id: "ab34", business_key: "EXP-71", parent_run_id: "ab12" })];
  if (url.pathname.endsWith("/runs")) {
    const below = url.searchParams.get("parent") === "any";
    return { runs: rows.filter((row) => (below || !("parent_run_id" in row)) && [row.run_id, row.business_key].some((text) => text.startsWith(q))) };
  }
  if (url.pathname.endsWith("/tasks")) return { tasks: q ? [] : TASKS };
  return { segments: SEGMENTS };
}

beforeEach(() => {
  asked.length = 0;
  held = false;
  vi.stubGlobal("fetch", (address: string, init: RequestInit) => {
    const url = new URL(address, "http://host");
    return new Promise<Response>((resolve, reject) => {
      const answer = () => resolve(new Response(JSON.stringify(answerOf(url)), { headers: { "content-type": "application/json" } }));
      init.signal?.addEventListener("abort", () => reject(new DOMException("out of date", "AbortError")));
      asked.push({ url, signal: init.signal as AbortSignal, answer });
      if (!held) answer();
    });
  });
  return () => vi.unstubAllGlobals();
});

async function opened() {
  const onClose = vi.fn();
  const shown = await show(<GoTo opened onClose={onClose} />);
  const field = await shown.findByRole("combobox");
  const options = () => shown.queryAllByRole("option").map((one) => one.textContent ?? "");
  return { ...shown, field, options, onClose };
}

test("a run by its key, a task by a word of its title, a segment by its name", async () => {
  const { field, options } = await opened();
  await userEvent.type(field, "exp");
  await vi.waitFor(() => expect(options()).toEqual(["EXP-7ab12 · Expense · Completed", "Approve the tripEXP-7 · expense", "Expenseexpense"]));
  await userEvent.clear(field);
  await userEvent.type(field, "trip");
  await vi.waitFor(() => expect(options()).toEqual(["Approve the tripEXP-7 · expense"]));
});

test("a run by the beginning of its id, also a child", async () => {
  const { field, options } = await opened();
  await userEvent.type(field, "ab3");
  await vi.waitFor(() => expect(options()).toEqual(["EXP-71ab34 · Expense · Completed"]));
});

test("Enter before the answer goes where the answer leads; what is out of date is ended", async () => {
  held = true;
  const { field, findByText, path, onClose } = await opened();
  await userEvent.type(field, "EX");
  await vi.waitFor(() => expect(asked.some(({ url }) => url.searchParams.get("q") === "EX")).toBe(true));
  await findByText("Looking for more…");
  await userEvent.type(field, "P-7{Enter}");
  expect(asked.filter(({ url }) => url.searchParams.get("q") === "EX").every(({ signal }) => signal.aborted)).toBe(true);
  await vi.waitFor(() => expect(asked.some(({ url }) => url.searchParams.get("q") === "EXP-7")).toBe(true));
  expect(onClose).not.toHaveBeenCalled();
  for (const { answer } of asked) answer();
  await vi.waitFor(() => expect(path()).toBe("/runs/ab12"));
  expect(onClose).toHaveBeenCalled();
});

test("what nothing is called", async () => {
  const { field, findByText, options } = await opened();
  await userEvent.type(field, "nowhere");
  await findByText("Nothing is called “nowhere”.");
  expect(options()).toEqual([]);
});
