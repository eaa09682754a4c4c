// One connection: opens, reads to its end, and says how it ended. Whether there is a next one is the hub's matter.
import type { Ports } from "./ports";
import { makeParser, type Message } from "./sse";

/** The server sends a comment every 15 s; without a byte for so long the connection is dead. */
export const SILENCE_MS = 35_000;

export type End = { why: "lost" } | { why: "refused"; status: number } | { why: "left" };

export interface Handlers {
  onOpen: () => void;
  onMessage: (message: Message) => void;
  onEnd: (end: End) => void;
}

/** Opens `url` (resuming after `after`, if given); the answer leaves it, without a further call. */
export function connect(ports: Ports, url: string, after: number | null, handlers: Handlers): () => void {
  const control = new AbortController();
  let ended = false;
  let stopWaiting = () => {};

  const end = (how: End): void => {
    if (ended) return;
    ended = true;
    stopWaiting();
    control.abort();
    handlers.onEnd(how);
  };
  const expectMore = (): void => {
    stopWaiting();
    stopWaiting = ports.later(SILENCE_MS, () => end({ why: "lost" }));
  };

  const run = async (): Promise<void> => {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (after !== null) headers["last-event-id"] = String(after);
    const answer = await ports.fetch(url, { headers, credentials: "same-origin", cache: "no-store", signal: control.signal });
    if (ended) return;
    if (!answer.ok || !answer.body) {
      end(answer.status >= 400 && answer.status < 500 ? { why: "refused", status: answer.status } : { why: "lost" });
      return;
    }
    handlers.onOpen();
    const parse = makeParser((message) => ended || handlers.onMessage(message));
    const decoder = new TextDecoder();
    const reader = answer.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (ended) return;
      if (done) break;
      expectMore();
      parse(decoder.decode(value, { stream: true }));
    }
    end({ why: "lost" });
  };

  expectMore();
  run().catch(() => end({ why: "lost" }));
  return () => end({ why: "left" });
}
