// One timer for all clocks of the page. It stands still while nobody looks and while the stream is lost.
import { useSyncExternalStore } from "react";
import { format, useT } from "~/i18n";
import { useStream } from "~/live";

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(tick, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time, ms since the epoch, moving once a second. */
export function useNow(): number {
  return useSyncExternalStore(listen, () => now);
}

type Time = string | number | Date;

/** How long ago `since` was, or how long it took `until` then: "2 h 13 m". */
export function Age({ since, until }: { since: Time; until?: Time | null }) {
  return until === null || until === undefined ? <LiveAge since={since} /> : <Took ms={+new Date(until) - +new Date(since)} />;
}

function Took({ ms }: { ms: number }) {
  useT();
  return <span>{format.duration(ms)}</span>;
}

function LiveAge({ since }: { since: Time }) {
  return <Took ms={Math.max(0, useNow() - +new Date(since))} />;
}

/** A point in time as "09:38", with the whole of it as title. */
export function At({ time, seconds = false }: { time: Time; seconds?: boolean }) {
  useT();
  const at = new Date(time);
  return (
    <time dateTime={at.toISOString()} title={format.whole(at)}>
      {format.clock(at, { seconds })}
    </time>
  );
}

/** What is left until `until` as a clock, "0:18". When the stream is lost it becomes the clock time. */
export function Countdown({ until }: { until: Time }) {
  const lost = useStream((state) => state.loss !== "none");
  return lost ? <At time={until} seconds /> : <Left until={until} />;
}

function Left({ until }: { until: Time }) {
  return <span role="timer">{format.countdown(+new Date(until) - useNow())}</span>;
}
