// Actions on many runs. Rule: nothing happens without a preview of it, and the preview asks the same question as the action.
import type { components } from "#schema";
import { request } from "~/api";
import type { RunRow } from "../list/row";

export type Action = components["schemas"]["BulkRequest"]["action"];
export type Preview = components["schemas"]["BulkPreview"];
export type Asked = components["schemas"]["BulkAsked"];

export const ACTIONS: readonly Action[] = ["pause", "resume", "cancel"];

/** Which runs: chosen ones, or all that fit a query string. */
export type Which = { ids: readonly string[] } | { query: string };

/** Ids that one request may name. */
const MOST = 1_000;

type Body = { run_ids: string[] } | { query: string };

function bodies(which: Which): Body[] {
  if ("query" in which) return [which];
  const cuts = Array.from({ length: Math.ceil(which.ids.length / MOST) }, (_, cut) => which.ids.slice(cut * MOST, (cut + 1) * MOST));
  return cuts.map((run_ids) => ({ run_ids: [...run_ids] }));
}

/** What would happen. Lines of those that cannot come first. */
export async function preview(action: Action, which: Which, signal: AbortSignal): Promise<Preview> {
  const parts: Preview[] = [];
  for (const body of bodies(which)) parts.push(await request("post", "/api/v1/runs/bulk/preview", { body: { action, dry_run: true, ...body }, signal }));
  const sum = (key: "matched" | "can" | "cannot") => parts.reduce((all, part) => all + part[key], 0);
  const lines = parts.flatMap((part) => part.lines).sort((a, b) => Number(a.can) - Number(b.can));
  return { action, matched: sum("matched"), can: sum("can"), cannot: sum("cannot"), lines, truncated: lines.length < sum("matched") };
}

/** Asks for it. */
export async function ask(action: Action, which: Which, reason: string): Promise<Asked> {
  const why = reason.trim() === "" ? {} : { reason: reason.trim() };
  const parts: Asked[] = [];
  for (const body of bodies(which)) parts.push(await request("post", "/api/v1/runs/bulk", { body: { action, dry_run: false, ...why, ...body } }));
  const sum = (key: "accepted" | "queued" | "refused") => parts.reduce((all, part) => all + part[key], 0);
  return { action, accepted: sum("accepted"), queued: sum("queued"), refused: sum("refused"), answers: parts.flatMap((part) => part.answers) };
}

const OPEN: ReadonlySet<RunRow["status"]> = new Set(["running", "waiting", "paused"]);
const CAN: Record<Action, (run: Pick<RunRow, "status">) => boolean> = {
  pause: (run) => OPEN.has(run.status) && run.status !== "paused",
  resume: (run) => run.status === "paused",
  cancel: (run) => OPEN.has(run.status),
};

/** How many of the shown runs an action is for, by what their rows say; the preview says it for certain. */
export function canOf(runs: readonly Pick<RunRow, "status">[]): Record<Action, number> {
  const count = (action: Action) => runs.filter(CAN[action]).length;
  return { pause: count("pause"), resume: count("resume"), cancel: count("cancel") };
}
