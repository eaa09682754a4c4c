// The counts beside the navigation, fresh from the stream. null: not known yet.
import { create } from "zustand";
import { useTopic } from "~/live";

export interface NavCounts {
  inbox: number | null;
  runs: number | null;
}

const useStore = create<NavCounts>()(() => ({ inbox: null, runs: null }));

const OVER = new Set(["completed", "failed", "cancelled"]);

/** Runs that are not over. */
export function open(byStatus: Record<string, number>): number {
  return Object.entries(byStatus).reduce((sum, [status, count]) => (OVER.has(status) ? sum : sum + count), 0);
}

/** Follows the topic "counts"; stands once, in the shell. */
export function useFollowCounts(): void {
  useTopic("counts", null, (frame) => {
    if (frame.kind !== "counts") return;
    useStore.setState({ inbox: frame.counts.open_tasks, runs: open(frame.counts.by_status) });
  });
}

export const useNavCounts = useStore;
