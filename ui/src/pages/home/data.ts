// What Home reads, and how it stays right: everything short is read again when something happened, at most once a second.
import type { components } from "#schema";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { request } from "~/api";
import { useTopicBatch } from "~/live";
import type { Order } from "~/live/held";
import { readCounts } from "~/pages/runs/list/reading";

export type Task = components["schemas"]["TaskRow"];
export type Cause = components["schemas"]["Attention"]["causes"][number];
export type Throughput = components["schemas"]["Throughput"];

const SOON_MS = 1_000;
const FIGURES_MS = 60_000;
const TASKS = 5;

/** As of this person's clock: the figures end where the page says "now". */
const until = () => ({ until: new Date().toISOString() });

const scope = (workspace: string | undefined) => (workspace === undefined ? {} : { workspace_id: workspace });

/** Statuses of runs that are not over. */
export const OPEN = ["running", "waiting", "paused"];

/** Statuses of runs that failed. */
export const OVER = ["failed", "timed_out"];

/** What stopped may be a run's own run: causes count them, so the lists that they lead to show them. */
export const BELOW = { parent: "any" };

/** Since when failures count: as the query of a cause says it. */
export function failedAfter(causes: readonly Cause[]): string | null {
  const query = causes.find((cause) => cause.kind === "failed")?.query ?? "";
  return new URLSearchParams(query).get("ended_after");
}

export function useAttention(workspace: string | undefined) {
  return useQuery({
    queryKey: ["home", "attention", workspace],
    queryFn: ({ signal }) => request("get", "/api/v1/attention", { query: { ...scope(workspace), ...until() }, signal }),
  });
}

export function useTasks(workspace: string | undefined) {
  const query = { ...scope(workspace), status: ["open"], assignee: "me", order: "due", limit: TASKS };
  return useQuery({
    queryKey: ["home", "tasks", workspace],
    queryFn: ({ signal }) => request("get", "/api/v1/tasks", { query, signal }),
  });
}

export function useRunCounts(workspace: string | undefined) {
  return useQuery({
    queryKey: ["home", "counts", workspace],
    queryFn: ({ signal }) => readCounts(workspace === undefined ? {} : { workspace_id: workspace }, signal),
  });
}

/** The strips of the runs that wait for people, by run id: a task does not carry one. */
export function useTaskStrips(workspace: string | undefined) {
  const query = { ...scope(workspace), wait_for: ["person"], parent: "any", order: "updated", limit: 100 };
  return useQuery({
    queryKey: ["home", "strips", workspace],
    queryFn: ({ signal }) => request("get", "/api/v1/runs", { query, signal }),
    select: (page) => new Map(page.runs.map((run) => [run.run_id, run.strip])),
  });
}

export function useThroughput(workspace: string | undefined) {
  return useQuery({
    queryKey: ["home", "throughput", workspace],
    queryFn: ({ signal }) => request("get", "/api/v1/throughput", { query: { ...scope(workspace), ...until(), bucket_s: 1800, buckets: 48 }, signal }),
    refetchInterval: FIGURES_MS,
  });
}

/** Reads again what the news may have changed. */
export function useFreshHome(): void {
  const queries = useQueryClient();
  const again = (...names: string[]) => {
    for (const name of names) void queries.invalidateQueries({ queryKey: ["home", name] });
  };
  useTopicBatch("activity", null, () => again("attention", "tasks", "counts", "strips", "lately"), SOON_MS);
  useTopicBatch("inbox", null, () => again("attention", "tasks", "strips"), SOON_MS);
  useTopicBatch("activity", null, () => again("throughput"), FIGURES_MS / 4);
}

const LAST = Number.POSITIVE_INFINITY;

/** Due first; what has no end, by its age. */
export const TASK_ORDER: Order<Task> = {
  key: (task) => task.task_id,
  compare: (a, b) => dueOf(a) - dueOf(b) || Date.parse(a.created_at) - Date.parse(b.created_at),
  open: false,
};

function dueOf(task: Task): number {
  return task.due_at === null ? LAST : Date.parse(task.due_at);
}

const WORST: readonly Cause["kind"][] = ["incident", "failed", "retrying"];

/** Worst first, then the most runs. */
export const CAUSE_ORDER: Order<Cause> = {
  key: (cause) => [cause.kind, cause.error_code, cause.segment_id, cause.step_id].join(" "),
  compare: (a, b) => WORST.indexOf(a.kind) - WORST.indexOf(b.kind) || b.runs - a.runs,
  open: false,
};
