// A list of runs that stays right while it is read: see reading.ts for the rules, here is when which of them happens.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { type Frame, useLive, useTopicBatch } from "~/live";
import { type Asked, PAGE, readChanges, readList, readOn, type RunList, showNewer } from "./reading";

/** At most one turn a second, however much happens. */
const TURN_MS = 1_000;
/** Steps that end between headlines move the strips of running runs; those are looked after at this pace. */
const STRIPS_MS = 5_000;

export interface UsedList {
  data: RunList | undefined;
  error: Error | null;
  /** Of reading on; `null` while it goes well. */
  moreError: unknown;
  more: () => void;
  showNewer: () => void;
  /** Reads the list anew: newer runs come in, what no longer fits goes. */
  reload: () => void;
}

function highest(frames: readonly Frame[]): number {
  return Math.max(0, ...frames.map((frame) => frame.position).filter(Number.isFinite));
}

/** `name` tells lists apart; `ask` is called when the list is read, so that spans of time end then. */
export function useRunList(name: readonly unknown[], ask: () => Asked, limit = PAGE): UsedList {
  const queries = useQueryClient();
  const hub = useLive();
  const key = ["runs", "list", ...name, limit];
  const read = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => readList(ask(), hub.state.position, limit, signal),
    staleTime: Number.POSITIVE_INFINITY, // followed, not read again
  });
  const { data } = read;
  const [moreError, setMoreError] = useState<unknown>(null);
  const reading = useRef(false);

  const change = async (make: (now: RunList) => Promise<(now: RunList) => RunList>) => {
    const now = queries.getQueryData<RunList>(key);
    if (!now) return;
    const changed = await make(now);
    queries.setQueryData<RunList>(key, (old) => (old && old.start === now.start ? changed(old) : old));
  };

  useTurns(data, (known) => change((now) => readChanges(now, known)));

  const more = () => {
    if (reading.current) return;
    reading.current = true;
    setMoreError(null);
    change(readOn)
      .catch(setMoreError)
      .finally(() => {
        reading.current = false;
      });
  };
  return {
    data,
    error: data ? null : read.error,
    moreError,
    more,
    showNewer: () => queries.setQueryData<RunList>(key, (old) => old && showNewer(old)),
    reload: () => void read.refetch(),
  };
}

/** Calls `turn` with the position that the stream reached, one turn at a time. A turn that fails is made up by the next. */
function useTurns(data: RunList | undefined, turn: (known: number) => Promise<void>): void {
  const hub = useLive();
  const [mounted] = useState(data?.position);
  const busy = useRef(false);
  const wanted = useRef<number | null>(null);

  const go = async (known: number): Promise<void> => {
    wanted.current = Math.max(wanted.current ?? 0, known);
    if (busy.current) return;
    busy.current = true;
    while (wanted.current !== null) {
      const at: number = wanted.current;
      wanted.current = null;
      await turn(at).catch(() => undefined);
    }
    busy.current = false;
  };

  const from = data && Math.max(data.start, mounted ?? 0);
  const follow = (frames: Frame[]) => void go(highest(frames));
  useTopicBatch("activity", from, follow, TURN_MS);
  useTopicBatch("counts", data ? null : undefined, follow, TURN_MS);

  const moving = data?.list.items.some((row) => row.status === "running") ?? false;
  const latest = useRef(go);
  useEffect(() => {
    latest.current = go;
  });
  useEffect(() => {
    if (!moving) return;
    const timer = setInterval(() => {
      if (hub.state.phase === "live" && hub.state.position !== null) void latest.current(hub.state.position);
    }, STRIPS_MS);
    return () => clearInterval(timer);
  }, [moving, hub]);
}
