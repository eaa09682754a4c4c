// What comes over the stream, and which frame belongs to which topic.

/** A public event as every reader sees it: each key there, null where absent, times in ISO 8601 UTC. */
export interface PublicEvent {
  event_type: string;
  [key: string]: unknown;
}

export interface Append {
  kind: "append";
  position: number;
  stream: string;
  run_id: string | null;
  segment_id: string | null;
  workspace_id: string | null;
  events: PublicEvent[];
}

export interface Counts {
  kind: "counts";
  position: number;
  counts: Record<string, unknown>;
}

/** Events that passed without being sent; `href` is where they can be read. */
export interface Gap {
  kind: "gap";
  position: number;
  from: number;
  to: number;
  topic: string | null;
  href: string | null;
}

export type Frame = Append | Counts | Gap;

export type Topic = "activity" | "inbox" | "counts" | `run:${string}`;

const APPENDS: Record<string, (append: Append) => boolean> = {
  activity: () => true,
  inbox: (append) => append.events.some((event) => event.event_type.startsWith("human.") || event.event_type.startsWith("incident.")),
  counts: () => false,
};

/** Whether a subscriber of `topic` gets the frame. */
export function belongs(frame: Frame, topic: string): boolean {
  if (frame.kind === "counts") return topic === "counts";
  if (frame.kind === "gap") return frame.topic === null || frame.topic === topic;
  return topic.startsWith("run:") ? frame.run_id === topic.slice(4) : (APPENDS[topic]?.(frame) ?? false);
}

type Data = Record<string, unknown>;

const numberOf = (value: unknown, fallback: number): number => (typeof value === "number" ? value : fallback);
const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

const READ: Record<string, (data: Data, position: number) => Frame> = {
  append: (data, position) => ({
    kind: "append",
    position: numberOf(data.position, position),
    stream: textOf(data.stream) ?? "",
    run_id: textOf(data.run_id),
    segment_id: textOf(data.segment_id),
    workspace_id: textOf(data.workspace_id),
    events: Array.isArray(data.events) ? (data.events as PublicEvent[]) : [],
  }),
  counts: (data, position) => ({ kind: "counts", position, counts: data }),
  gap: (data, position) => {
    const to = numberOf(data.to, position);
    return { kind: "gap", position: to, from: numberOf(data.from, to), to, topic: textOf(data.topic), href: textOf(data.href) };
  },
};

/** The frame of a message, or null if its event is none that carries one. */
export function frameOf(event: string, data: Data, position: number): Frame | null {
  return READ[event]?.(data, position) ?? null;
}
