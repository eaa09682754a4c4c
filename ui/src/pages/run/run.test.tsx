// The page as a whole, against recorded answers: the fetch of the browser is the port of the client.
import { Suspense, useState } from "react";
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import type { TrailEvent } from "~/run/model";
import { RunStore } from "~/run/store";
import { show } from "~/test/render";
import { Body } from "./Body";
import { type Dialog, Dialogs } from "./actions/dialogs";
import { RunProvider } from "./data/context";
import type { Detail } from "./data/queries";
import { useSent } from "./data/sent";
import { Head } from "./head/Head";

const ERROR = { error_type: "E", error_code: "RATES_UNAVAILABLE", error_message: "rates.example answered 503", recoverable: true };
const graph = {
  segment_id: "s",
  steps: [
    { step_id: "intake", step_type: "work", kind: "handler", outputs: ["output"] },
    { step_id: "rates", step_type: "rates", kind: "handler", outputs: ["output"], policy: { max_attempts: 3 } },
    { step_id: "approve", step_type: "human_task", kind: "human", outputs: ["approved", "rejected"] },
    { step_id: "pay", step_type: "pay", kind: "handler", effect: "once" },
  ],
  edges: [
    { number: 0, leaves: 0, source_step: "intake", source_port: "output", target_step: "rates", target_port: "input" },
    { number: 1, leaves: 1, source_step: "intake", source_port: "output", target_step: "approve", target_port: "input" },
    { number: 2, leaves: 0, source_step: "approve", source_port: "approved", target_step: "pay", target_port: "order" },
  ],
};
const ROWS: [string, string | null, Partial<TrailEvent>?][] = [
  ["segment.started", null],
  ["step.scheduled", "intake", { reason: "R2" }],
  ["step.started", "intake", { attempt: 1 }],
  ["step.completed", "intake", { payload: { outputs: { output: 0 }, ends: "DD" } }],
  ["step.scheduled", "rates", { reason: "R2" }],
  ["step.scheduled", "approve", { reason: "R2" }],
  ["human.task_created", "approve", { payload: { task_id: "t1" } }],
  ["step.started", "rates", { attempt: 1 }],
  ["incident.opened", "rates", { error: ERROR, severity: "error", payload: { incident: "i1", kind: "failure" } }],
];
const trail = ROWS.map(([event_type, visit, rest], place): TrailEvent => ({ event_id: `r:${place + 1}`, seq: place + 1, event_type, timestamp: new Date(Date.UTC(2026, 6, 14, 9, 0, place)).toISOString(), ...(visit ? { visit } : {}), ...rest }));
const detail = {
  run_id: "r1", segment_id: "s", segment_name: "Expenses", status: "waiting", business_key: "EXP-1", created_at: "2026-07-14T09:00:00Z", labels: {}, parent_run_id: null,
  waiting: [{ visit: "approve", for: "person", since: "2026-07-14T09:00:06Z", due: null, task_id: "t1", who: "Nora" }],
  incidents: [{ incident: "i1", visit: "rates", kind: "failure", error_code: "RATES_UNAVAILABLE", actions: ["retry", "deliver", "skip", "fail"] }],
  input: { amount: 3 }, parameters: {}, outputs: null, last_seq: 9, position: 9, principal: "api", version: "1",
} as unknown as Detail;
const me = { principal: "u1", display_name: "Mara", tenant_id: "t", workspaces: ["default"], active_workspace: "default", permissions: ["view", "run", "decide"], mode: "keys" };
const visit = { visit: "rates", status: "incident", attempts: [], inputs: { input: { amount: 3 } }, outputs: null, error: ERROR, cause: { rule: "R2", sentence: "" }, caused: [], policy: {} };

vi.setConfig({ testTimeout: 30_000 });
let posted: { url: string; body: unknown }[] = [];
let rights = me.permissions;
beforeEach(() => {
  posted = [];
  rights = me.permissions;
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const path = String(url);
    const json = (value: unknown) => new Response(JSON.stringify(value), { headers: { "content-type": "application/json" } });
    if (init.method === "POST") {
      posted.push({ url: path, body: JSON.parse(String(init.body)) });
      return json({ accepted: true });
    }
    if (path.includes("/me")) return json({ ...me, permissions: rights });
    return json(path.includes("/visit") ? visit : detail);
  });
});

function Shown({ store, chosen: first = null }: { store: RunStore; chosen?: string | null }) {
  const [chosen, choose] = useState<string | null>(first);
  const [tab, setTab] = useState<"timeline" | "trail" | "outputs" | "graph">("timeline");
  const [dialog, ask] = useState<Dialog | null>(null);
  const sent = useSent();
  return (
    <RunProvider value={{ runId: "r1", detail, store, chosen, choose, travel: (event) => store.travel(event), sent }}>
      <Head ask={ask} />
      <Body tab={tab} show={setTab} ask={ask} />
      <Dialogs asked={dialog} onClose={() => ask(null)} />
    </RunProvider>
  );
}

const page = async (store = new RunStore(graph, trail), chosen: string | null = null) => {
  await show(
    <Suspense>
      <Shown store={store} chosen={chosen} />
    </Suspense>,
    "/runs/r1",
  );
  await screen.findByRole("tree", {}, { timeout: 5_000 });
};

it("says what is the case, the most pressing first, and what can be done", async () => {
  await page();
  const said = [...document.querySelectorAll("p")].map((one) => one.textContent ?? "").filter((text) => /Stopped|Waits for/.test(text));
  expect(said[0]).toContain("Stopped at rates with RATES_UNAVAILABLE");
  expect(said[1]).toContain("Waits for Nora to decide approve");
  expect(screen.getByRole("link", { name: "Open the task" }).getAttribute("href")).toContain("task=t1");
});

it("has a row for each visit and each step that was not reached", async () => {
  await page();
  const rows = within(screen.getByRole("tree")).getAllByRole("treeitem").map((row) => row.textContent);
  expect(rows).toEqual([
    "intakeCompleted1 s",
    expect.stringMatching(/^ratesIncident/),
    expect.stringMatching(/^approveWaits for a person/),
    "payScheduledstarts when approve ended",
  ]);
});

it("walks the rows by keys and shows the chosen visit", async () => {
  await page();
  const tree = screen.getByRole("tree");
  tree.focus();
  fireEvent.keyDown(tree, { key: "j" });
  fireEvent.keyDown(tree, { key: "Enter" });
  expect(await screen.findByText("Why it runs")).toBeTruthy();
  expect(screen.getAllByText("rates.example answered 503.").length).toBeGreaterThan(0);
  expect(within(tree).getByRole("treeitem", { selected: true }).textContent).toContain("rates");
});

it("resolves an incident only after a choice, and shows it as sent until its event comes", async () => {
  const store = new RunStore(graph, trail);
  await page(store);
  fireEvent.click(screen.getByRole("button", { name: "Resolve…" }));
  const dialog = await screen.findByRole("dialog");
  const confirm = within(dialog).getByRole("button", { name: "Resolve" });
  expect(confirm.getAttribute("aria-disabled")).toBe("true");
  expect(within(dialog).getAllByRole("radio").every((radio) => !(radio as HTMLInputElement).checked)).toBe(true);
  fireEvent.click(within(dialog).getByRole("radio", { name: "Deliver values" }));
  fireEvent.change(within(dialog).getByRole("textbox", { name: "Values by port" }), { target: { value: '{"output": 4' } });
  expect(within(dialog).getAllByText("This is not JSON yet").length).toBeGreaterThan(0);
  fireEvent.change(within(dialog).getByRole("textbox", { name: "Values by port" }), { target: { value: '{"output": 4}' } });
  await act(async () => fireEvent.click(within(dialog).getByRole("button", { name: "Deliver these values" })));
  expect(posted).toEqual([{ url: "/api/v1/runs/r1/incidents/i1/resolve", body: { action: "deliver", outputs: { output: 4 }, edge: null, reason: null } }]);
  expect((await screen.findByRole("button", { name: /Resolve….*Sent/ })).getAttribute("aria-disabled")).toBe("true");
  const next: TrailEvent[] = [
    { event_id: "r:10", seq: 10, event_type: "incident.resolved", timestamp: "2026-07-14T09:00:20Z", visit: "rates", payload: { incident: "i1", action: "deliver" } },
    { event_id: "r:11", seq: 11, event_type: "step.completed", timestamp: "2026-07-14T09:00:20Z", visit: "rates", payload: { outputs: { output: 0 }, ends: "" } },
  ];
  await act(async () => store.add(next));
  await waitFor(() => expect(screen.queryByRole("button", { name: /Resolve…/ })).toBeNull());
});

it("spells the consequence of a cancel and sends the reason", async () => {
  await page();
  fireEvent.click(screen.getByRole("button", { name: "Cancel…" }));
  const dialog = await screen.findByRole("dialog", { name: "Cancel EXP-1?" });
  expect(dialog.textContent).toContain("1 task is taken back from a person.");
  fireEvent.change(within(dialog).getByRole("textbox", { name: "Reason" }), { target: { value: "paid by hand" } });
  await act(async () => fireEvent.click(within(dialog).getByRole("button", { name: "Cancel the run" })));
  expect(posted).toEqual([{ url: "/api/v1/runs/r1/cancel", body: { reason: "paid by hand" } }]);
});

it("does nothing without the right, and says which one is missing", async () => {
  rights = ["view"];
  await page();
  const button = screen.getByRole("button", { name: "Cancel…" });
  expect(button.getAttribute("aria-disabled")).toBe("true");
  fireEvent.click(button);
  expect(screen.queryByRole("dialog")).toBeNull();
  act(() => button.focus());
  expect(await screen.findByText("You need the right run in default", {}, { timeout: 5_000 })).toBeTruthy();
});

it("shows the past as it was, and lets nothing be done there", async () => {
  const store = new RunStore(graph, trail);
  await page(store);
  await act(async () => store.travel(5));
  expect(screen.getAllByText("Event 5 of 9").length).toBeGreaterThan(0);
  expect(within(screen.getByRole("tree")).getAllByRole("treeitem")).toHaveLength(4);
  expect(screen.getByRole("button", { name: "Cancel…" }).getAttribute("aria-disabled")).toBe("true");
  expect(screen.queryByText(/Stopped/)).toBeNull();
});
