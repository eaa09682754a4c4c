// The counts beside the navigation, fresh from the stream. null: not known yet.
import { create } from "zustand";
import { useTopic } from "~/live";

export interface NavCounts {
  inbox: number | null;
  runs: number | null;
}

const useStore = create<NavCounts>()(() => ({ inbox: null, runs: null }));

const read = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** Follows the topic "counts"; stands once, in the shell. */
export function useFollowCounts(): void {
  useTopic("counts", null, (frame) => {
    if (frame.kind !== "counts") return;
    const { inbox, running, runs } = frame.counts;
    useStore.setState({ inbox: read(inbox), runs: read(runs ?? running) });
  });
}

export const useNavCounts = useStore;
