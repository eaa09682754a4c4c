import type { components } from "#schema";
import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { request } from "~/api";
import type { Key } from "~/i18n";
import { filterOf, runQuery, textOfFilter } from "../filter";
import { readCounts } from "../list/reading";

export type Saved = components["schemas"]["View"];

/** A tab of the page: one that is always there, or a saved one. */
export interface Tab {
  id: string;
  /** Of those that are always there. */
  label?: Key;
  saved?: Saved;
  query: string;
}

const ALWAYS: readonly (Tab & { label: Key })[] = [
  { id: "all", label: "runs.view.all", query: "" },
  { id: "day", label: "runs.view.day", query: "created=24h" },
  { id: "people", label: "runs.view.people", query: "wait_for=person" },
  { id: "failed", label: "runs.view.failed", query: "status=failed&status=timed_out" },
  { id: "incidents", label: "runs.view.incidents", query: "wait_for=incident" },
];

const KEY = ["views", "runs"];
/** Counts of the tabs are told at this pace at most. */
export const COUNTS_MS = 5_000;

/** The tabs with their counts; `error` if the saved ones could not be read (the others stand there all the same). */
export function useTabs(workspace: string | undefined) {
  const read = useQuery({ queryKey: KEY, queryFn: ({ signal }) => request("get", "/api/v1/views", { query: { page: "runs" }, signal }) });
  const saved = (read.data?.views ?? []).map((view): Tab => ({ id: view.view_id, saved: view, query: view.query }));
  const tabs: readonly Tab[] = [...ALWAYS, ...saved];
  const counts = useQueries({
    queries: tabs.map(({ query }) => ({
      queryKey: ["runs", "tab", query, workspace],
      queryFn: ({ signal }: { signal: AbortSignal }) => readCounts(runQuery(filterOf(query), Date.now(), workspace), signal),
    })),
  });
  return { tabs: tabs.map((tab, place) => ({ ...tab, count: counts[place]?.data?.total ?? null })), error: read.error, again: () => void read.refetch() };
}

/** The tab that shows this filter; undefined: none does. */
export function tabOf<T extends Tab>(tabs: readonly T[], filter: string): T | undefined {
  return tabs.find((tab) => textOfFilter(filterOf(tab.query)) === filter);
}

export interface Draft {
  name: string;
  query: string;
  shared: boolean;
}

/** Saving, changing and deleting views; the tabs follow. */
export function useViewChanges() {
  const queries = useQueryClient();
  const done = { onSuccess: () => queries.invalidateQueries({ queryKey: KEY }) };
  const create = useMutation({ mutationFn: (draft: Draft) => request("post", "/api/v1/views", { body: { page: "runs", ...draft } }), ...done });
  const change = useMutation({
    mutationFn: ({ id, ...draft }: Draft & { id: string }) => request("put", "/api/v1/views/{view_id}", { params: { view_id: id }, body: { page: "runs", ...draft } }),
    ...done,
  });
  const remove = useMutation({ mutationFn: (id: string) => request("delete", "/api/v1/views/{view_id}", { params: { view_id: id } }), ...done });
  return { create, change, remove };
}
