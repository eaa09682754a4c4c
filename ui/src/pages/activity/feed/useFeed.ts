import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTopicBatch } from "~/live";
import type { Search } from "~/pages/filter/address";
import type { Gap } from "./feed";
import { type Feed, readFeed, readGap, readNews, readOlder, showNews } from "./reading";

/** News are read at most once a second. */
const TURN_MS = 1_000;

/** The feed of a filter; `name` tells filters apart. */
export function useFeed(name: readonly unknown[], query: Search) {
  const queries = useQueryClient();
  const key = ["activity", ...name];
  const read = useQuery({ queryKey: key, queryFn: ({ signal }) => readFeed(query, signal), staleTime: Number.POSITIVE_INFINITY });
  const { data } = read;
  const [mounted] = useState(data?.position);
  const [moreError, setMoreError] = useState<unknown>(null);
  const busy = useRef<Promise<void>>(Promise.resolve());

  /** One change after the other: each begins with what the one before made. */
  const change = (make: (now: Feed) => Promise<(now: Feed) => Feed>): Promise<void> => {
    const next = busy.current.then(async () => {
      const now = queries.getQueryData<Feed>(key);
      if (!now) return;
      const changed = await make(now);
      queries.setQueryData<Feed>(key, (old) => (old && old.start === now.start ? changed(old) : old));
    });
    busy.current = next.catch(() => undefined);
    return next;
  };
  const from = data && Math.max(data.start, mounted ?? 0);
  useTopicBatch("activity", from, () => void change(readNews).catch(() => undefined), TURN_MS);

  const loud = (make: (now: Feed) => Promise<(now: Feed) => Feed>) => {
    setMoreError(null);
    change(make).catch(setMoreError);
  };
  return {
    data,
    error: data ? null : read.error,
    reload: () => void read.refetch(),
    moreError,
    older: () => loud(readOlder),
    readGap: (gap: Gap) => loud((now) => readGap(now, gap)),
    showNews: () => queries.setQueryData<Feed>(key, (old) => old && showNews(old)),
  };
}
