// How the feed is told: a line an event, under the head of its day. Machines are brief: of their events many alike in a row are
// one line ("12 runs completed"). What a person did, and what needs a person, always has a line of its own.
import type { components } from "#schema";

export type Line = components["schemas"]["ActivityLine"];

export type Entry =
  | { kind: "day"; key: string; at: string }
  | { kind: "line"; key: string; line: Line }
  | { kind: "group"; key: string; type: string; lines: readonly Line[] }
  | { kind: "gap"; key: string; from: number; to: number };

/** Events of which many alike are told as one, where no person caused them. */
const GROUPED: ReadonlySet<string> = new Set(["segment.started", "segment.completed", "human.task_created"]);
const LEAST = 3;
const SPAN_MS = 10 * 60_000;

/** What machines do on their own: whoever set it off did not do that. */
const ALONE: ReadonlySet<string> = new Set(["segment.completed", "segment.failed", "step.failed", "incident.opened", "human.task_created", "human.task_expired"]);

/** Who did it, as a principal; null: nobody but the machine. */
export function actorOf(line: Pick<Line, "event_type" | "principal">): string | null {
  return ALONE.has(line.event_type) ? null : line.principal;
}

/** The name of a line: an append has one position and may hold several events. */
export function keyOf(line: Line): string {
  return line.event_id;
}

/** Newest first: by position, within an append by its order. */
export function compareLines(a: Line, b: Line): number {
  return b.position - a.position || b.seq - a.seq;
}

function alike(a: Line, b: Line): boolean {
  return (
    a.event_type === b.event_type &&
    a.segment_id === b.segment_id &&
    actorOf(a) === actorOf(b) &&
    Math.abs(Date.parse(a.at) - Date.parse(b.at)) <= SPAN_MS
  );
}

function dayOf(at: string): string {
  const day = new Date(at);
  return `${day.getFullYear()}-${day.getMonth() + 1}-${day.getDate()}`;
}

/** Lines that follow each other, are alike and of one day; `first` decides. */
function runOf(lines: readonly Line[], start: number): Line[] {
  const first = lines[start];
  const found: Line[] = [];
  if (!first || !GROUPED.has(first.event_type)) return found;
  for (const line of lines.slice(start)) {
    if (!alike(first, line) || dayOf(first.at) !== dayOf(line.at)) break;
    found.push(line);
  }
  return found;
}

/** A place in the feed where events passed that were not sent: those with positions `from` to `to`. */
export interface Gap {
  from: number;
  to: number;
}

/** The entries of `lines` (newest first), groups in `open` unfolded. */
export function entriesOf(lines: readonly Line[], open: ReadonlySet<string> = new Set(), gaps: readonly Gap[] = []): Entry[] {
  const entries: Entry[] = [];
  const waiting = [...gaps].sort((a, b) => b.to - a.to);
  let day = "";
  for (let at = 0; at < lines.length; ) {
    const line = lines[at];
    if (!line) break;
    while (waiting[0] && waiting[0].to >= line.position) {
      const gap = waiting.shift() as Gap;
      entries.push({ kind: "gap", key: `gap-${gap.to}`, ...gap });
    }
    if (dayOf(line.at) !== day) {
      day = dayOf(line.at);
      entries.push({ kind: "day", key: `day-${day}`, at: line.at });
    }
    const group = runOf(lines, at);
    if (group.length < LEAST) {
      entries.push({ kind: "line", key: keyOf(line), line });
      at += 1;
      continue;
    }
    // Named by its oldest line: newer ones may still join it.
    const key = `group-${keyOf(group[group.length - 1] as Line)}`;
    entries.push({ kind: "group", key, type: line.event_type, lines: group });
    if (open.has(key)) for (const one of group) entries.push({ kind: "line", key: keyOf(one), line: one });
    at += group.length;
  }
  for (const gap of waiting) entries.push({ kind: "gap", key: `gap-${gap.to}`, ...gap });
  return entries;
}

/** Whether a line holds the words that are looked for: person, step, run, segment, outcome, reason. */
export function holds(line: Line, text: string): boolean {
  const where = [
    line.principal,
    line.business_key,
    line.run_id,
    line.segment_id,
    line.visit,
    line.event_type,
    ...Object.values(line.payload ?? {}).map(String),
  ];
  const all = where.filter(Boolean).join(" ").toLocaleLowerCase();
  return text
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
