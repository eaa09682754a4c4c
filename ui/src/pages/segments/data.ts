// What is known of segments: the list, and one whole.
import type { components } from "#schema";
import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { request } from "~/api";
import { useTopicBatch } from "~/live";

export type SegmentRow = components["schemas"]["SegmentRow"];
export type Segment = components["schemas"]["SegmentDetail"];

const MOST = 500;
const SOON_MS = 2_000;

export function segmentsQuery(workspace: string | undefined) {
  const query = { limit: MOST, ...(workspace === undefined ? {} : { workspace_id: workspace }) };
  return queryOptions({
    queryKey: ["segments", "list", workspace ?? null],
    queryFn: ({ signal }) => request("get", "/api/v1/segments", { query, signal }),
  });
}

/** One segment; without `version` the newest. */
export function segmentQuery(segmentId: string, version?: string) {
  return queryOptions({
    queryKey: ["segments", "one", segmentId, version ?? null],
    queryFn: ({ signal }) => request("get", "/api/v1/segments/{segment_id}", { params: { segment_id: segmentId }, query: { version }, signal }),
  });
}

/** Reads counts and versions again when something happened. */
export function useFreshSegments(): void {
  const queries = useQueryClient();
  useTopicBatch("activity", null, () => void queries.invalidateQueries({ queryKey: ["segments"] }), SOON_MS);
}

/** Those whose id, name or description has every word of the search in it. */
export function found<T extends { segment_id: string; name: string | null; description: string | null }>(segments: readonly T[], search: string): T[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return segments.filter(({ segment_id: id, name, description }) => {
    const text = `${id} ${name ?? ""} ${description ?? ""}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}
