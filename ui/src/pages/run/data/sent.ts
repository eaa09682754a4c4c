// Own wishes show at once as "sent" and become fact when their event arrives.
import { useCallback, useState } from "react";
import type { RunView } from "~/run/model";

export type Wish = "cancel" | "pause" | "resume" | "resolve" | "retry";

interface Asked {
  readonly wish: Wish;
  /** The visit it is about; null: the run. */
  readonly visit: string | null;
  /** The newest event when it was sent. */
  readonly seq: number;
  readonly queued: boolean;
}

export interface Sent {
  /** Whether a wish about this visit (null: the run) waits for its event. */
  of: (visit: string | null, view: RunView) => Asked | null;
  add: (asked: Asked) => void;
}

const DONE: Record<Wish, (view: RunView, asked: Asked) => boolean> = {
  cancel: (view) => view.run.status === "cancelling" || view.run.endedAt !== null,
  pause: (view) => view.run.paused || view.run.endedAt !== null,
  resume: (view) => !view.run.paused,
  resolve: (view, asked) => (view.visits.get(asked.visit ?? "")?.lastSeq ?? 0) > asked.seq,
  retry: (view, asked) => (view.visits.get(asked.visit ?? "")?.lastSeq ?? 0) > asked.seq,
};

export function useSent(): Sent {
  const [all, setAll] = useState<readonly Asked[]>([]);
  const of = useCallback((visit: string | null, view: RunView) => all.find((one) => one.visit === visit && !DONE[one.wish](view, one)) ?? null, [all]);
  const add = useCallback((asked: Asked) => setAll((before) => [...before.filter((one) => one.visit !== asked.visit), asked]), []);
  return { of, add };
}
