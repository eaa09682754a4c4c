// What a screen reader is told of a list of runs: how many ended, and the name of one that failed. Not every step of every run.
import type { Frame } from "~/live";

export interface RunNews {
  completed: number;
  failed: number;
  /** Of the first that failed. */
  name: string;
}

/** The endings in some frames; null if there are none. `names` are those of shown runs, by id. */
export function newsOf(frames: readonly Frame[], names: ReadonlyMap<string, string>): RunNews | null {
  const news: RunNews = { completed: 0, failed: 0, name: "" };
  for (const frame of frames) {
    if (frame.kind !== "append" || frame.run_id === null) continue;
    const name = names.get(frame.run_id);
    if (name === undefined) continue;
    for (const event of frame.events) {
      if (event.event_type === "segment.completed") news.completed += 1;
      if (event.event_type === "segment.failed") {
        news.failed += 1;
        news.name ||= name;
      }
    }
  }
  return news.completed + news.failed > 0 ? news : null;
}
