// What the server is asked under "Go to anything": runs by id and business key, open tasks by title, segments by id and name.
import type { components } from "#schema";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { request } from "~/api";
import { type Translate, useT } from "~/i18n";
import { stateOf } from "~/pages/runs/list/row";
import { found, segmentsQuery } from "~/pages/segments/data";
import { fit, type Target, useGoTo } from "./providers";

type Run = components["schemas"]["RunRow"];
type Task = components["schemas"]["TaskRow"];

const MOST = 6;
const TASKS = 200;
const ID = /^[0-9a-f]{3,}$/;

/** Prefixes as they may be written: the server tells small letters from capitals, and a person in a hurry does not. */
const spellings = (query: string): string[] => [...new Set([query, query.toUpperCase(), query.toLowerCase()])];

function onlyOnce<T>(rows: readonly T[], key: (row: T) => string): T[] {
  return [...new Map(rows.map((row) => [key(row), row])).values()];
}

/** Children share the key of their parent more often than not; they are offered where an id is typed. */
async function readRuns(query: string, signal: AbortSignal): Promise<Run[]> {
  const asked = [...spellings(query).map((q) => ({ q, limit: MOST })), ...(ID.test(query) ? [{ q: query, parent: "any", limit: MOST }] : [])];
  const pages = await Promise.all(asked.map((one) => request("get", "/api/v1/runs", { query: one, signal })));
  return onlyOnce(
    pages.flatMap((page) => page.runs),
    (run) => run.run_id,
  );
}

/** Beginnings are the server's; words further on are looked for in those that are due first. */
async function readTasks(query: string, queries: QueryClient, signal: AbortSignal): Promise<Task[]> {
  const [near, ...begun] = await Promise.all([
    queries.fetchQuery({ queryKey: ["inbox", "goto"], queryFn: () => request("get", "/api/v1/tasks", { query: { limit: TASKS } }), staleTime: 10_000, retry: false }),
    ...spellings(query).map((q) => request("get", "/api/v1/tasks", { query: { q, limit: MOST }, signal })),
  ]);
  const fitting = near.tasks.filter((task) => fit(`${task.title} ${task.business_key ?? ""}`, query) > 0);
  return onlyOnce([...begun.flatMap((page) => page.tasks), ...fitting], (task) => task.task_id);
}

function runTarget(run: Run, t: Translate): Target {
  const name = run.business_key ?? run.run_id;
  const about = [run.business_key === null ? null : run.run_id, run.segment_name ?? run.segment_id, t(`words.state.${stateOf(run)}`)];
  return {
    id: run.run_id,
    kind: "run",
    label: name,
    detail: about.filter(Boolean).join(" · "),
    also: run.segment_id,
    icon: "runs",
    to: `/runs/${encodeURIComponent(run.run_id)}`,
  };
}

function taskTarget(task: Task): Target {
  return {
    id: task.task_id,
    kind: "task",
    label: task.title || task.task_id,
    detail: [task.business_key, task.segment_id].filter(Boolean).join(" · "),
    also: `${task.task_id} ${task.run_id ?? ""}`,
    icon: "inbox",
    to: `/inbox/${encodeURIComponent(task.task_id)}`,
  };
}

/** Offers what the server knows, while "Go to anything" stands. */
export function useAskedTargets(): void {
  const t = useT();
  const queries = useQueryClient();
  useGoTo("runs", async (query, signal) => (query ? (await readRuns(query, signal)).map((run) => runTarget(run, t)) : []));
  useGoTo("tasks", async (query, signal) => (query ? (await readTasks(query, queries, signal)).map((task) => taskTarget(task)) : []));
  useGoTo("segments", async (query) => {
    if (!query) return [];
    const { segments } = await queries.fetchQuery({ ...segmentsQuery(undefined), retry: false });
    return found(segments, query).map(
      ({ segment_id: id, name, description }): Target => ({
        id,
        kind: "segment",
        label: name ?? id,
        ...(name === null ? {} : { detail: id }),
        ...(description === null ? {} : { also: description }),
        icon: "segments",
        to: `/segments/${encodeURIComponent(id)}`,
      }),
    );
  });
}
