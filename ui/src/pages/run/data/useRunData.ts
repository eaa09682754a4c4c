// Reads a run and follows it: the trail once, then the stream from the position that the trail knows.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { useTopicBatch } from "~/live";
import type { TrailEvent } from "~/run/model";
import { RunStore } from "~/run/store";
import { type Detail, graphQuery, readTrail, runQuery, trailQuery } from "./queries";

const DETAIL_MS = 1_000;

export interface RunData {
  detail: Detail | undefined;
  store: RunStore | null;
  error: unknown;
  retry: () => void;
  /** Reads what was not sent. */
  fill: () => Promise<void>;
  filling: boolean;
}

export function useRunData(runId: string): RunData {
  const queries = useQueryClient();
  const detail = useQuery(runQuery(runId));
  const graph = useQuery(graphQuery(runId));
  const trail = useQuery(trailQuery(runId));
  const store = useMemo(() => (graph.data && trail.data ? new RunStore(graph.data, trail.data.events) : null), [graph.data, trail.data]);
  const again = useRefresh(runId);

  useTopicBatch(`run:${runId}`, store ? trail.data?.position : undefined, (frames) => {
    if (!store) return;
    if (frames.some((frame) => frame.kind === "gap")) store.gap();
    const events = frames.flatMap((frame) => (frame.kind === "append" ? (frame.events as unknown as TrailEvent[]) : []));
    if (events.length === 0) return;
    store.add(events);
    again();
  });

  const [filling, setFilling] = useState(false);
  const fill = useCallback(async () => {
    if (!store) return;
    setFilling(true);
    try {
      store.filled((await readTrail(runId, store.events.length)).events);
      void queries.invalidateQueries({ queryKey: runQuery(runId).queryKey });
    } finally {
      setFilling(false);
    }
  }, [queries, runId, store]);

  const failed = [detail, graph, trail].find((query) => query.isError && query.data === undefined);
  const retry = () => void Promise.all([detail, graph, trail].filter((query) => query.isError).map((query) => query.refetch()));
  return { detail: detail.data, store, error: failed?.error ?? null, retry, fill, filling };
}

/** Asks for the run's own row again, at most once a second: who is asked, and what can be done, stands only there. */
function useRefresh(runId: string): () => void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      void queries.invalidateQueries({ queryKey: runQuery(runId).queryKey });
    }, DETAIL_MS);
  }, [queries, runId]);
}
