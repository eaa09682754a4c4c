import { createContext, type ReactNode, useContext, useEffect, useEffectEvent, useSyncExternalStore } from "react";
import type { Frame, Topic } from "./frames";
import { Hub, type StreamState } from "./hub";
import { browser } from "./ports";

const Live = createContext<Hub | null>(null);

let tab: Hub | null = null;

/** The hub of this tab. */
function hubOfTab(): Hub {
  tab ??= new Hub(browser, "/api/v1/stream");
  return tab;
}

/** Gives the pages below the one stream of this tab (or, in tests, `hub`). */
export function LiveProvider({ hub, children }: { hub?: Hub; children: ReactNode }) {
  const used = hub ?? hubOfTab();
  useEffect(() => {
    const again = () => used.retryNow();
    window.addEventListener("online", again);
    return () => window.removeEventListener("online", again);
  }, [used]);
  return <Live value={used}>{children}</Live>;
}

export function useLive(): Hub {
  const hub = useContext(Live);
  if (!hub) throw new Error("useLive stands below LiveProvider");
  return hub;
}

/** The state of the stream; re-renders on each change of it. */
export function useStream(): StreamState;
export function useStream<T>(pick: (state: StreamState) => T): T;
export function useStream(pick: (state: StreamState) => unknown = (state) => state): unknown {
  const hub = useLive();
  return useSyncExternalStore(
    (changed) => hub.onChange(changed),
    () => pick(hub.state),
  );
}

/**
 * Calls `onFrame` for each frame of `topic` after position `from`: once each, in order. `from` is the position of the state
 * that the page has read (null: from now on); while it is undefined, nothing is subscribed yet.
 */
export function useTopic(topic: Topic, from: number | null | undefined, onFrame: (frame: Frame) => void): void {
  const hub = useLive();
  const call = useEffectEvent(onFrame);
  useEffect(() => {
    if (from === undefined) return;
    return hub.subscribe(topic, from, (frame) => call(frame));
  }, [hub, topic, from]);
}

/** As `useTopic`, but what came within `ms` (default: four times a second) comes together. */
export function useTopicBatch(topic: Topic, from: number | null | undefined, onFrames: (frames: Frame[]) => void, ms = 250): void {
  const hub = useLive();
  const call = useEffectEvent(onFrames);
  useEffect(() => {
    if (from === undefined) return;
    let waiting: Frame[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = undefined;
      const frames = waiting;
      waiting = [];
      call(frames);
    };
    const leave = hub.subscribe(topic, from, (frame) => {
      waiting.push(frame);
      timer ??= setTimeout(flush, ms);
    });
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, [hub, topic, from, ms]);
}
