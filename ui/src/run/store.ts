/**
 * The trail of one run while its page is open: what was read, what came since, and which moment is shown.
 *
 * Rule: events are folded once, in order of their sequence number. One that does not follow opens a hole: it and what comes after it
 * wait until the hole is filled, so that the view never skips. Time travel shows the fold of a prefix; live goes on beneath it.
 */
import { applyAll, emptyView, foldTrail } from "./fold";
import type { RunGraph, RunView, TrailEvent } from "./model";
import { makePlan, type Plan } from "./plan";

export interface Shown {
  /** What the page draws. */
  readonly view: RunView;
  /** What is the case now; equals `view` unless the page travels. */
  readonly live: RunView;
  /** The event that the page travels to; null: live. */
  readonly event: number | null;
  /** How many events are missing before those that wait; null where nobody knows, 0: none. */
  readonly missing: number | null;
}

export class RunStore {
  readonly plan: Plan;
  readonly #events: TrailEvent[] = [];
  readonly #listeners = new Set<() => void>();
  #waiting: TrailEvent[] = [];
  #shown: Shown;

  constructor(graph: RunGraph, events: readonly TrailEvent[] = []) {
    this.plan = makePlan(graph);
    const view = emptyView(this.plan);
    this.#shown = { view, live: view, event: null, missing: 0 };
    this.add(events);
  }

  get shown(): Shown {
    return this.#shown;
  }

  /** All events in order; the one of sequence number n stands at n - 1. Grows in place. */
  get events(): readonly TrailEvent[] {
    return this.#events;
  }

  /** Takes events in, as far as they follow on what is there. */
  add(events: readonly TrailEvent[]): void {
    const following: TrailEvent[] = [];
    let next = this.#events.length + 1;
    for (const event of [...events, ...this.#waiting].sort((a, b) => a.seq - b.seq)) {
      if (event.seq !== next) continue;
      following.push(event);
      next += 1;
    }
    this.#waiting = [...this.#waiting, ...events].filter((event) => event.seq >= next);
    const first = this.#waiting.reduce((least, event) => Math.min(least, event.seq), Infinity);
    const missing = Number.isFinite(first) ? first - next : 0;
    if (following.length === 0 && missing === this.#shown.missing) return;
    for (const event of following) this.#events.push(event);
    const live = applyAll(this.#shown.live, following);
    const travels = this.#shown.event !== null;
    this.#set({ live, missing, ...(travels ? {} : { view: live }) });
  }

  /** The server says that it did not send everything. */
  gap(): void {
    if (this.#shown.missing === 0) this.#set({ missing: null });
  }

  /** What was missing has been read. */
  filled(events: readonly TrailEvent[]): void {
    this.#shown = { ...this.#shown, missing: 0 };
    this.add(events);
    this.#set({});
  }

  /** Shows the run as it was after event `event`; null: as it is. */
  travel(event: number | null): void {
    const to = event === null || event >= this.#events.length + this.#waiting.length ? null : Math.max(0, event);
    if (to === this.#shown.event) return;
    if (to === null) return this.#set({ event: null, view: this.#shown.live });
    const { view } = this.#shown;
    const near = this.#shown.event !== null && to >= view.seq; // a travelling view is nobody else's: it can go on from where it is
    const after = near ? applyAll(view, this.#events.slice(view.seq, to)) : foldTrail(this.plan, this.#events.slice(0, to));
    this.#set({ event: to, view: after });
  }

  /** Is called after each change of `shown`. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(changed: Partial<Shown>): void {
    this.#shown = { ...this.#shown, ...changed };
    for (const listener of this.#listeners) listener();
  }
}
