// Decisions that were sent and have not come back as facts yet. They are this tab's own.
import { create } from "zustand";
import type { Outcome } from "./answer";

export interface Sent {
  outcome: Outcome;
  at: number;
  /** No worker answers now; the next one carries it out. */
  queued: boolean;
}

const useStore = create<Record<string, Sent>>()(() => ({}));

export function useSent(taskId: string): Sent | undefined {
  return useStore((sent) => sent[taskId]);
}

export function markSent(taskId: string, sent: Sent): void {
  useStore.setState({ [taskId]: sent });
}

export function forgetSent(taskId: string): void {
  useStore.setState(Object.fromEntries(Object.entries(useStore.getState()).filter(([id]) => id !== taskId)), true);
}
