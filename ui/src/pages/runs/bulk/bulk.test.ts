import { afterEach, expect, it, vi } from "vitest";
import { ask, canOf, preview } from "./bulk";

afterEach(() => vi.unstubAllGlobals());

interface Sent {
  path: string;
  body: { run_ids?: string[]; query?: string; dry_run: boolean; reason?: string };
}

function serve(answer: (sent: Sent) => unknown): Sent[] {
  const all: Sent[] = [];
  vi.stubGlobal("fetch", (path: string, init: { body: string }) => {
    const sent = { path, body: JSON.parse(init.body) as Sent["body"] };
    all.push(sent);
    return Promise.resolve(new Response(JSON.stringify(answer(sent)), { headers: { "content-type": "application/json" } }));
  });
  return all;
}

const line = (run_id: string, can: boolean) => ({ run_id, status: "running", can });

it("asks about more runs than one request may name, in parts, and adds them up", async () => {
  const sent = serve(({ body }) => ({ action: "cancel", matched: body.run_ids?.length, can: 1, cannot: 2, lines: [line("a", true), line("b", false)], truncated: true }));
  const ids = Array.from({ length: 2_500 }, (_, n) => `r${n}`);
  const whole = await preview("cancel", { ids }, new AbortController().signal);
  expect(sent.map(({ body }) => body.run_ids?.length)).toEqual([1_000, 1_000, 500]);
  expect(sent.every(({ body }) => body.dry_run)).toBe(true);
  expect(whole).toMatchObject({ matched: 2_500, can: 3, cannot: 6, truncated: true });
  expect(whole.lines.map(({ can }) => can)).toEqual([false, false, false, true, true, true]);
});

it("acts on what the preview was asked about, with the reason for the trail", async () => {
  const sent = serve(() => ({ action: "pause", accepted: 2, queued: 1, refused: 0, answers: [] }));
  expect(await ask("pause", { query: "status=running" }, "  policy 2.3 ")).toMatchObject({ accepted: 2, queued: 1 });
  expect(sent).toEqual([{ path: "/api/v1/runs/bulk", body: { action: "pause", dry_run: false, query: "status=running", reason: "policy 2.3" } }]);
  await ask("pause", { query: "" }, " ");
  expect(sent[1]?.body).not.toHaveProperty("reason");
});

it("tells by the rows for how many each action is", () => {
  const runs = (["running", "waiting", "paused", "failed", "completed"] as const).map((status) => ({ status }));
  expect(canOf(runs)).toEqual({ pause: 2, resume: 1, cancel: 3 });
});
