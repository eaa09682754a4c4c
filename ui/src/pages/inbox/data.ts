// What the inbox reads, and how it stays right without moving under its reader (see live/held.ts).
import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { request } from "~/api";
import { useTopicBatch } from "~/live";
import { compareWith, extend, type Held, held, type Order, release } from "~/live/held";
import { useWorkspace } from "~/shell";
import type { Row } from "./answer";

export type View = "mine" | "open" | "done";
export const VIEWS: readonly View[] = ["mine", "open", "done"];

const PAGE = 100;
const SOON_MS = 500;

const QUERY: Record<View, Record<string, string | string[]>> = {
  mine: { status: ["open"], assignee: "me", order: "due" },
  open: { status: ["open"], order: "due" },
  done: { status: ["completed", "expired", "cancelled"], order: "newest" },
};

export function tasksQuery(view: View) {
  return infiniteQueryOptions({
    queryKey: ["inbox", "list", view],
    queryFn: ({ signal, pageParam }) => request("get", "/api/v1/tasks", { query: { ...QUERY[view], limit: PAGE, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export function taskQuery(taskId: string) {
  return queryOptions({
    queryKey: ["inbox", "task", taskId],
    queryFn: ({ signal }) => request("get", "/api/v1/tasks/{task_id}", { params: { task_id: taskId }, signal }),
  });
}

/** Due first; what has no end, by its age. Done: what ended last, first. */
function orderOf(view: View, open: boolean): Order<Row> {
  const due = ({ due_at: at }: Row) => (at === null ? Number.POSITIVE_INFINITY : Date.parse(at));
  const age = ({ created_at: at }: Row) => Date.parse(at);
  const difference = (a: number, b: number) => (a === b ? 0 : a - b);
  const compare = view === "done" ? (a: Row, b: Row) => age(b) - age(a) : (a: Row, b: Row) => difference(due(a), due(b)) || age(a) - age(b);
  return { key: (task) => task.task_id, compare, open };
}

interface Shown {
  name: string;
  pages: readonly (readonly Row[])[] | undefined;
  list: Held<Row> | undefined;
}

/** The next state of the list for what was read: further pages come behind it, everything else is news. */
function follow(before: Shown, name: string, pages: Shown["pages"], order: Order<Row>): Shown {
  const kept = before.name === name ? before.list : undefined;
  if (pages === undefined) return { name, pages, list: kept };
  if (kept === undefined || kept.items.length === 0) return { name, pages, list: held(pages.flat()) };
  const known = before.pages?.length ?? 0;
  const list = pages.length > known ? extend(kept, pages.slice(known).flat(), order) : compareWith(kept, pages.flat(), order);
  return { name, pages, list };
}

export function useTaskList(view: View) {
  const workspace = useWorkspace();
  const query = useInfiniteQuery(tasksQuery(view));
  const name = `${view} ${workspace ?? ""}`;
  const [shown, setShown] = useState<Shown & { read: unknown }>({ name, pages: undefined, list: undefined, read: undefined });
  const order = orderOf(view, query.hasNextPage);
  let now = shown;
  if (shown.read !== query.data || shown.name !== name) {
    const inScope = (task: Row) => workspace === undefined || task.workspace_id === workspace;
    const pages = query.data?.pages.map((page) => page.tasks.filter(inScope));
    now = { ...follow(shown, name, pages, order), read: query.data };
    setShown(now);
  }
  const showNewer = () => setShown((old) => (old.list ? { ...old, list: release(old.list, order) } : old));
  return { query, list: now.list, showNewer };
}

/** How many there are of a view, as far as it is known: null while it is not. */
export function useViewCounts(): Partial<Record<View, number | null>> {
  const workspace = useWorkspace();
  const mine = useInfiniteQuery(tasksQuery("mine"));
  const open = useInfiniteQuery(tasksQuery("open"));
  const counted = ({ data, hasNextPage }: typeof mine): number | null => {
    if (data === undefined || hasNextPage) return null;
    return data.pages.flatMap((page) => page.tasks).filter((task) => workspace === undefined || task.workspace_id === workspace).length;
  };
  return { mine: counted(mine), open: counted(open) ?? (workspace === undefined ? (open.data?.pages[0]?.open_count ?? null) : null) };
}

/** Reads lists and tasks again when something happened in the inbox. */
export function useFreshInbox(): void {
  const queries = useQueryClient();
  useTopicBatch("inbox", null, () => void queries.invalidateQueries({ queryKey: ["inbox"] }), SOON_MS);
}
