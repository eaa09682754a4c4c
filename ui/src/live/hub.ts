// One stream a tab. Rule: a subscriber gets each frame of its topic after its own position once and in order, whatever
// happens to connections in between.
//
// For that, each subscriber keeps `seen`, the position of its last frame: older ones are dropped. The stream is in order of
// position, so when one message has come, all before it has come too: every subscriber that is `on` the connection has then
// `reached` its position, also without a frame of its own. The next connection begins at the smallest position that anybody
// still needs. Who comes later is on the connection at once if it brings all he needs, else with the next one.
import { connect, type End } from "./connection";
import { belongs, type Frame, frameOf, type Topic } from "./frames";
import type { Ports } from "./ports";
import type { Message } from "./sse";

export type Phase = "idle" | "connecting" | "live" | "reconnecting" | "closed";

export interface StreamState {
  phase: Phase;
  /** The highest position that came, null before the first. */
  position: number | null;
  /** When the connection was lost, ms since the epoch. */
  lostAt: number | null;
  /** How loud the loss is told: from 2 s in the foot, from 4 s in the banner. */
  loss: "none" | "foot" | "banner";
  retryAt: number | null;
  /** Why the server closed the stream for good. */
  code: string | null;
}

const QUIET: StreamState = { phase: "idle", position: null, lostAt: null, loss: "none", retryAt: null, code: null };

const SETTLE_MS = 20; // subscribers of one rendering come and go together
const LEAVE_MS = 1_000; // without subscribers the connection is kept so long
const FIRST_MS = 500;
const LONGEST_MS = 15_000;
const FOOT_MS = 2_000;
const BANNER_MS = 4_000;
const STEADY_MS = 5_000; // a connection that lasted so long starts the waits anew; one that is cut at once does not

interface Subscriber {
  topic: Topic;
  seen: number | null;
  reached: number | null;
  on: boolean;
  onFrame: (frame: Frame) => void;
}

type Timer = "settle" | "retry" | "foot" | "banner" | "steady";

export class Hub {
  readonly #ports: Ports;
  readonly #url: string;
  readonly #subscribers = new Set<Subscriber>();
  readonly #listeners = new Set<() => void>();
  #state: StreamState = QUIET;
  #topics = new Set<string>(); // of the open connection
  #begin: number | null = null; // where the open connection began
  #high: number | null = null;
  #failures = 0;
  #leave: (() => void) | null = null;
  #timers: Partial<Record<Timer, () => void>> = {};

  constructor(ports: Ports, url: string) {
    this.#ports = ports;
    this.#url = url;
  }

  get state(): StreamState {
    return this.#state;
  }

  /** Is called after each change of `state`. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Frames of `topic` after position `from` (null: from now on), until the answer is called. */
  subscribe(topic: Topic, from: number | null, onFrame: (frame: Frame) => void): () => void {
    const at = from ?? this.#state.position;
    const subscriber: Subscriber = { topic, seen: at, reached: at, on: false, onFrame };
    this.#subscribers.add(subscriber);
    this.#settle(SETTLE_MS);
    return () => {
      this.#subscribers.delete(subscriber);
      if (this.#subscribers.size === 0) this.#settle(LEAVE_MS);
    };
  }

  /** Does not wait for the next try. */
  retryNow(): void {
    if (this.#state.phase === "reconnecting" && this.#leave === null) this.#open();
  }

  #set(changed: Partial<StreamState>): void {
    this.#state = { ...this.#state, ...changed };
    for (const listener of this.#listeners) listener();
  }

  #time(name: Timer, ms: number, what: () => void): void {
    this.#timers[name]?.();
    this.#timers[name] = this.#ports.later(ms, what);
  }

  #settle(ms: number): void {
    this.#time("settle", ms, () => {
      if (this.#subscribers.size === 0) return this.#close();
      if (this.#leave !== null && this.#covered()) return;
      if (this.#leave === null && this.#state.phase === "reconnecting") return; // the next try takes them along
      this.#open();
    });
  }

  /** Puts on the open connection whom it brings all he needs; whether that is everybody. */
  #covered(): boolean {
    const at = this.#high ?? this.#begin;
    for (const subscriber of this.#subscribers) {
      const { topic, seen } = subscriber;
      subscriber.on ||= this.#topics.has(topic) && (seen === null || (at !== null && seen >= at));
    }
    return [...this.#subscribers].every(({ on }) => on);
  }

  #open(): void {
    for (const name of ["settle", "retry"] as const) this.#timers[name]?.();
    this.#leave?.();
    const needs = [...this.#subscribers].map(({ reached }) => reached).filter((need) => need !== null);
    const after = needs.length > 0 ? Math.min(...needs) : null;
    this.#topics = new Set([...this.#subscribers].map(({ topic }) => topic));
    for (const subscriber of this.#subscribers) subscriber.on = true;
    this.#begin = after;
    this.#high = null;
    if (this.#state.phase !== "reconnecting") this.#set({ phase: this.#state.phase === "live" ? "live" : "connecting", code: null });

    const query = new URLSearchParams({ topics: [...this.#topics].sort().join(",") });
    if (after !== null) query.set("after", String(after));
    this.#leave = connect(this.#ports, `${this.#url}?${query}`, after, {
      onOpen: () => this.#opened(),
      onMessage: (message) => this.#message(message),
      onEnd: (end) => this.#ended(end),
    });
  }

  #opened(): void {
    for (const name of ["foot", "banner"] as const) this.#timers[name]?.();
    this.#time("steady", STEADY_MS, () => {
      this.#failures = 0;
    });
    this.#set({ phase: "live", lostAt: null, loss: "none", retryAt: null });
  }

  #message(message: Message): void {
    const position = Number(message.id ?? Number.NaN);
    const data = parsed(message.data);
    if (data === null) return;
    if (message.event === "reconnect") return this.#lost(typeof data.after_ms === "number" ? data.after_ms : 0);
    if (message.event === "closed") return this.#refused(String(data.code ?? "CLOSED"));
    if (message.event === "hello") return this.#hello(Number(data.position));

    const frame = frameOf(message.event, data, position);
    if (frame === null) return;
    for (const subscriber of [...this.#subscribers]) {
      if (!subscriber.on || !belongs(frame, subscriber.topic)) continue;
      // Counts are a state, not news: they have no position of their own.
      if (frame.kind !== "counts") {
        if (subscriber.seen !== null && frame.position <= subscriber.seen) continue;
        subscriber.seen = frame.position;
      }
      subscriber.onFrame(frame);
    }
    if (frame.kind !== "counts") this.#advance(frame.position);
  }

  /** Where the server begins; who asked for "from now on" starts there. */
  #hello(position: number): void {
    if (!Number.isFinite(position)) return;
    for (const subscriber of this.#subscribers) subscriber.seen ??= position;
    if (this.#begin === null) this.#advance(position);
    else this.#show(position);
  }

  #advance(position: number): void {
    this.#high = Math.max(this.#high ?? 0, position);
    for (const subscriber of this.#subscribers) {
      if (subscriber.on) subscriber.reached = Math.max(subscriber.reached ?? 0, position);
    }
    this.#show(position);
  }

  #show(position: number): void {
    if (this.#state.position === null || position > this.#state.position) this.#set({ position });
  }

  #ended(end: End): void {
    if (end.why === "left") return;
    if (end.why === "refused" && end.status !== 429 && end.status !== 408) return this.#refused(`HTTP_${end.status}`);
    this.#lost(this.#backOff());
  }

  /** Doubles from half a second to 15 s, with between half and all of it, so that a thousand tabs do not come at once. */
  #backOff(): number {
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    return longest * (0.5 + this.#ports.random() / 2);
  }

  #lost(wait: number): void {
    this.#drop();
    const now = this.#ports.now();
    const first = this.#state.phase !== "reconnecting";
    this.#set({ phase: "reconnecting", lostAt: this.#state.lostAt ?? now, retryAt: now + wait });
    this.#time("retry", wait, () => this.#open());
    if (!first) return;
    this.#time("foot", FOOT_MS, () => this.#set({ loss: "foot" }));
    this.#time("banner", BANNER_MS, () => this.#set({ loss: "banner" }));
  }

  #refused(code: string): void {
    this.#drop();
    for (const timer of Object.values(this.#timers)) timer();
    this.#set({ phase: "closed", code, retryAt: null, loss: "banner" });
  }

  #close(): void {
    this.#drop();
    for (const timer of Object.values(this.#timers)) timer();
    this.#topics = new Set();
    this.#high = null;
    this.#set(QUIET);
  }

  #drop(): void {
    for (const subscriber of this.#subscribers) subscriber.on = false;
    const leave = this.#leave;
    this.#leave = null;
    this.#timers.steady?.();
    leave?.();
  }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
