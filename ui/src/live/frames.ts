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
  business_key: string | null;
  workspace_id: string | null;
  /** Of all topics of this tab, those that it is about. For `activity` alone it has headlines only. */
  topics: string[];
  events: PublicEvent[];
}

/** How many runs there are by status and by what they wait for; not news of a position, but the state at one. */
export interface Counts {
  kind: "counts";
  position: number;
  counts: { by_status: Record<string, number>; by_wait: Record<string, number>; open_tasks: number | null };
}

/** Appends that passed without being sent; `href` is where they can be read. */
export interface Gap {
  kind: "gap";
  position: number;
  from: number;
  to: number;
  href: string | null;
}

export type Frame = Append | Counts | Gap;

export type Topic = "activity" | "inbox" | "counts" | `run:${string}`;

/** Whether a subscriber of `topic` gets the frame. */
export function belongs(frame: Frame, topic: string): boolean {
  if (frame.kind === "counts") return topic === "counts";
  return frame.kind === "gap" ? topic !== "counts" : frame.topics.includes(topic);
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
    business_key: textOf(data.business_key),
    workspace_id: textOf(data.workspace_id),
    topics: Array.isArray(data.topics) ? (data.topics as string[]) : [],
    events: Array.isArray(data.events) ? (data.events as PublicEvent[]) : [],
  }),
  counts: (data, position) => ({
    kind: "counts",
    position: numberOf(data.position, position),
    counts: {
      by_status: (data.by_status ?? {}) as Record<string, number>,
      by_wait: (data.by_wait ?? {}) as Record<string, number>,
      open_tasks: typeof data.open_tasks === "number" ? data.open_tasks : null,
    },
  }),
  gap: (data, position) => {
    const to = numberOf(data.to, position);
    return { kind: "gap", position: to, from: numberOf(data.from, to), to, href: textOf(data.href) };
  },
};

/** The frame of a message, or null if its event is none that carries one. */
export function frameOf(event: string, data: Data, position: number): Frame | null {
  return READ[event]?.(data, position) ?? null;
}
