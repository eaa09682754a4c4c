// What the run page reads: the run, its graph, its trail, a visit.
import { queryOptions } from "@tanstack/react-query";
import { request } from "~/api";
import type { RunGraph, TrailEvent } from "~/run/model";

const PAGE = 10_000;

export const runQuery = (runId: string) =>
  queryOptions({
    queryKey: ["runs", "one", runId],
    queryFn: ({ signal }) => request("get", "/api/v1/runs/{run_id}", { params: { run_id: runId }, signal }),
  });

export type Detail = Awaited<ReturnType<NonNullable<ReturnType<typeof runQuery>["queryFn"]>>>;

/** The graph of a run never changes. */
export const graphQuery = (runId: string) =>
  queryOptions({
    queryKey: ["run", runId, "graph"],
    queryFn: async ({ signal }) => (await request("get", "/api/v1/runs/{run_id}/graph", { params: { run_id: runId }, signal })) as RunGraph,
    staleTime: Number.POSITIVE_INFINITY,
  });

export interface Trail {
  events: TrailEvent[];
  /** The journal position that the events know: the stream is followed from here. */
  position: number;
}

/** The events after `after`, page by page until the newest. */
export async function readTrail(runId: string, after: number, signal?: AbortSignal): Promise<Trail> {
  const events: TrailEvent[] = [];
  for (;;) {
    const query = { after: events.at(-1)?.seq ?? after, limit: PAGE };
    const page = await request("get", "/api/v1/runs/{run_id}/trail", { params: { run_id: runId }, query, ...(signal ? { signal } : {}) });
    for (const event of page.events) events.push(event as TrailEvent);
    if (page.events.length === 0 || (events.at(-1)?.seq ?? 0) >= page.last_seq) return { events, position: page.position };
  }
}

export const trailQuery = (runId: string) =>
  queryOptions({
    queryKey: ["run", runId, "trail"],
    queryFn: ({ signal }) => readTrail(runId, 0, signal),
    staleTime: Number.POSITIVE_INFINITY, // the stream goes on from its position
    structuralSharing: false,
    gcTime: 60_000,
  });

/** One visit whole, as of an event. `changed` is the newest event that touched it, so that a change asks again. */
export const visitQuery = (runId: string, visit: string, seq: number | null, changed: number) =>
  queryOptions({
    queryKey: ["run", runId, "visit", visit, seq, changed],
    queryFn: ({ signal }) => request("get", "/api/v1/runs/{run_id}/visit", { params: { run_id: runId }, query: { visit, seq }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before, query) => (query?.queryKey[3] === visit ? before : undefined), // stale data beats a skeleton
  });

export type VisitDetail = Awaited<ReturnType<NonNullable<ReturnType<typeof visitQuery>["queryFn"]>>>;

export const outputsQuery = (runId: string, ended: boolean) =>
  queryOptions({
    queryKey: ["run", runId, "outputs", ended],
    queryFn: ({ signal }) => request("get", "/api/v1/runs/{run_id}/outputs", { params: { run_id: runId }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
