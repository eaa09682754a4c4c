// A stream without a server, and a clock that only the test moves.
import type { Ports } from "~/live/ports";

interface Opened {
  url: URL;
  lastEventId: string | null;
  signal: AbortSignal;
  write: (text: string) => void;
  end: () => void;
  fail: () => void;
}

export class FakeStream {
  readonly opened: Opened[] = [];
  /** Statuses of the next answers; 200 when empty. */
  readonly answers: number[] = [];
  now = 1_000_000;
  #timers: { at: number; what: () => void }[] = [];

  readonly ports: Ports = {
    now: () => this.now,
    random: () => 0.5,
    later: (ms, what) => {
      const timer = { at: this.now + ms, what };
      this.#timers.push(timer);
      return () => void (this.#timers = this.#timers.filter((one) => one !== timer));
    },
    fetch: async (url, init) => this.#open(url, init),
  };

  /** The connection that was opened last. */
  get last(): Opened {
    const last = this.opened.at(-1);
    if (!last) throw new Error("no connection was opened");
    return last;
  }

  /** Moves the clock; timers fire in their order. What was written before is read first. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    await settled();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.now = next.at;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      next.what();
      await settled();
    }
    this.now = end;
  }

  /** An append as the server writes it. */
  append(position: number, run = "r1", types = ["step.completed"], topics = [`run:${run}`, "activity"]): string {
    const about = { run_id: run, segment_id: "s", business_key: null, workspace_id: "w" };
    const data = { position, stream: `run:${run}`, ...about, topics, events: types.map((event_type) => ({ event_type })) };
    return message("append", data, position);
  }

  #open(url: string, init: RequestInit): Response {
    const status = this.answers.shift() ?? 200;
    const encoder = new TextEncoder();
    let control: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({ start: (started) => void (control = started) });
    const signal = init.signal as AbortSignal;
    this.opened.push({
      url: new URL(url, "http://host"),
      lastEventId: new Headers(init.headers).get("last-event-id"),
      signal,
      write: (text) => signal.aborted || control?.enqueue(encoder.encode(text)),
      end: () => control?.close(),
      fail: () => control?.error(new Error("cut")),
    });
    return new Response(status === 200 ? body : null, { status });
  }
}

/** A message of a stream. */
export function message(event: string, data: unknown, id?: number): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Lets readers read what was written. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
}
