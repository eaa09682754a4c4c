// A decision from the first key to the answer, against a server that the test plays: the fetch of the browser is the client's port.
import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Suspense } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { hearKeys } from "~/shell/keys";
import { show } from "~/test/render";
import { discardDraft } from "./draft";
import { forgetSent } from "./sent";
import { TaskPane } from "./detail/TaskPane";

vi.setConfig({ testTimeout: 30_000 });

const ME = { principal: "u1", display_name: "Mara", tenant_id: "t", workspaces: ["default"], active_workspace: "default", permissions: ["view", "decide"], mode: "keys" };
const TASK = {
  task_id: "t1", status: "open", task_type: "approval", title: "Approve EXP-1, 12 EUR?", priority: "normal", assignee: null, candidate_groups: ["managers"],
  created_at: "2026-07-14T09:00:00Z", due_at: "2999-07-14T09:00:00Z", version: 1, run_id: "r1", visit: "approve", outcome: null, decided_by: null, ended_at: null,
  workspace_id: "default", segment_id: "expenses", business_key: "EXP-1", description: null, form: { require_reason: ["rejected"] }, data: { total: 12 }, options: [], schema: null,
  answers: { approved: { must: [], may: [] }, rejected: { must: [], may: [] } }, decision: null,
  history: [{ at: "2026-07-14T09:00:00Z", event: "task.created", principal: null, text: null }],
  why: [{ visit: "decide", step_type: "switch", sentence: "chose 'manager'", at: "2026-07-14T09:00:00Z", value: 12 }],
  next: [{ outcome: "approved", target: "pay", step_type: "pay", effect: "once" }, { outcome: "expired", target: null, step_type: null, effect: null }], problems: [],
};
const DECIDED = { ...TASK, status: "completed", version: 2, outcome: "rejected", decided_by: "Petra", ended_at: "2026-07-14T09:30:00Z", answers: {}, decision: { outcome: "rejected", comment: null, reason: "too much" } };

let me = ME;
let task: object = TASK;
let posted: unknown[] = [];
let answer: () => [number, unknown] = () => [200, { accepted: true }];

beforeEach(() => {
  hearKeys();
  discardDraft("t1");
  forgetSent("t1");
  [me, task, posted] = [ME, TASK, []];
  answer = () => [200, { accepted: true }];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const json = (status: number, value: unknown) => new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });
    if (url.endsWith("/me")) return json(200, me);
    if (init.method !== "POST") return json(200, task);
    posted.push(JSON.parse(String(init.body)));
    return json(...answer());
  });
});

async function open(onNext: () => void = () => undefined) {
  const shown = await show(
    <Suspense>
      <TaskPane taskId="t1" onNext={onNext} />
    </Suspense>,
    "/inbox/t1",
  );
  await screen.findByRole("heading", { name: TASK.title });
  await screen.findByRole("radio", { name: /Approve/ }).catch(() => null);
  return shown;
}

const send = () => screen.getByRole("button", { name: /^(Approve|Reject|Send)/ });
const off = () => send().getAttribute("aria-disabled") === "true";

test("nothing is chosen and nothing can be sent before the person chooses; a key chooses and does not send", async () => {
  await open();
  expect(screen.queryAllByRole("radio", { checked: true })).toHaveLength(0);
  expect(off()).toBe(true);
  expect(screen.getByText("Choose what you decide")).toBeTruthy();
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await userEvent.click(send());
  expect(posted).toEqual([]);
  await userEvent.keyboard("a");
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /Approve/ }).checked).toBe(true);
  expect(send().textContent).toContain("Approve EXP-1");
  expect(posted).toEqual([]);
});

test("a rejection asks for its reason; what is sent is what was chosen and the version that was seen; then comes the next task", async () => {
  const onNext = vi.fn();
  await open(onNext);
  await userEvent.keyboard("r");
  expect(screen.getByText("Give a reason")).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: /Reason/ }), "no receipts");
  expect(off()).toBe(false);
  task = { ...DECIDED, decided_by: "Mara" };
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  expect(posted).toEqual([{ outcome: "rejected", expected_version: 1, reason: "no receipts" }]);
  await waitFor(() => expect(onNext).toHaveBeenCalledOnce());
});

test("sent twice in one breath is sent once", async () => {
  await open();
  await userEvent.keyboard("a");
  await Promise.all([userEvent.click(send()), userEvent.click(send())]);
  expect(posted).toHaveLength(1);
});

test("the task changed: what happened is told, the draft stays, and only a new look makes it go", async () => {
  await open();
  await userEvent.keyboard("a");
  answer = () => [409, { error: { code: "TASK_VERSION", message: "The task changed.", hint: "Read it again." } }];
  task = { ...TASK, version: 2, history: [...TASK.history, { at: "2026-07-14T09:10:00Z", event: "task.noted", principal: "Petra", text: "see the second receipt" }] };
  await userEvent.click(send());
  await screen.findByText(/you saw version 1, it is at 2/);
  expect(screen.getAllByText(/see the second receipt/).length).toBeGreaterThan(0);
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /Approve/ }).checked).toBe(true);
  expect(off()).toBe(true);
  answer = () => [200, { accepted: true }];
  await userEvent.click(screen.getByRole("button", { name: "Decide on version 2" }));
  await userEvent.click(send());
  expect(posted.at(-1)).toEqual({ outcome: "approved", expected_version: 2 });
});

test("somebody else was first: who, how and why; the draft is still there to be copied", async () => {
  const onNext = vi.fn();
  await open(onNext);
  await userEvent.keyboard("a");
  await userEvent.type(screen.getByRole("textbox", { name: /Comment/ }), "looks right");
  answer = () => [409, { error: { code: "TASK_NOT_OPEN", message: "The task is completed.", hint: "" } }];
  task = DECIDED;
  await userEvent.click(send());
  await screen.findByText(/Rejected by Petra/);
  expect(screen.getByText("too much")).toBeTruthy();
  expect(screen.getByText("Your draft was not sent")).toBeTruthy();
  expect(screen.getByText("looks right")).toBeTruthy();
  expect(onNext).not.toHaveBeenCalled();
});

test("a refusal of another kind stays beside the decision", async () => {
  await open();
  await userEvent.keyboard("a");
  answer = () => [422, { error: { code: "DECISION_INVALID", message: "'approved' takes no 'x'", hint: "Leave it out.", pointer: "/x" } }];
  await userEvent.click(send());
  await screen.findByText("DECISION_INVALID");
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /Approve/ }).checked).toBe(true);
});

test("a draft survives that the page goes", async () => {
  const first = await open();
  await userEvent.keyboard("r");
  await userEvent.type(screen.getByRole("textbox", { name: /Reason/ }), "because");
  first.unmount();
  await open();
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /Reject/ }).checked).toBe(true);
  expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: /Reason/ }).value).toBe("because");
});

test("who may not decide reads everything, chooses nothing, and is told the right that is missing", async () => {
  me = { ...ME, permissions: ["view"] };
  await open();
  await userEvent.keyboard("a");
  expect(screen.queryAllByRole("radio", { checked: true })).toHaveLength(0);
  expect(screen.getByText(/You need `decide` in default/)).toBeTruthy();
  expect(screen.getByText("Why you are asked")).toBeTruthy();
  await act(async () => undefined);
});
