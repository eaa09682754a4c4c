// Drafts of decisions stay on this device until they are sent or discarded.
import { create } from "zustand";
import { persist } from "zustand/middleware";
import type { Draft } from "./answer";

interface Kept extends Draft {
  /** ms since the epoch. */
  savedAt: number;
}

const MOST = 50;

const useDrafts = create<Record<string, Kept>>()(persist(() => ({}), { name: "worktrail.drafts", version: 1 }));

function without<T>(all: Record<string, T>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([one]) => one !== name));
}

/** The draft of a task on this device, and how it changes. */
export function useDraft(taskId: string): Kept | undefined {
  return useDrafts((drafts) => drafts[taskId]);
}

export function keepDraft(taskId: string, draft: Draft): void {
  const others = without(useDrafts.getState(), taskId);
  const newest = Object.entries(others)
    .sort(([, a], [, b]) => b.savedAt - a.savedAt)
    .slice(0, MOST - 1);
  useDrafts.setState(Object.fromEntries([...newest, [taskId, { ...draft, savedAt: Date.now() }]]), true);
}

export function discardDraft(taskId: string): void {
  useDrafts.setState(without(useDrafts.getState(), taskId), true);
}
