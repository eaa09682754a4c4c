// A line of the feed in words. One table says how each kind of event looks; the sentences stand in the catalogue.
import { useMe } from "~/api";
import { Initials } from "~/components/basics";
import { Mark, type State } from "~/components/state";
import { type Key, Say, useT } from "~/i18n";
import { stepOf } from "~/pages/runs/list/row";
import { actorOf, type Line } from "../feed/feed";
import { personOf } from "./people";

const MARKS = {
  "segment.started": "running",
  "segment.completed": "completed",
  "segment.failed": "failed",
  "segment.cancelled": "cancelled",
  "segment.paused": "paused",
  "segment.resumed": "running",
  "step.failed": "failed",
  "incident.opened": "incident",
  "incident.resolved": "completed",
  "human.task_created": "person",
  "human.task_completed": "completed",
  "human.task_expired": "waiting",
  "human.task_cancelled": "cancelled",
  "segment.published": "completed",
  "key.created": "scheduled",
  "key.revoked": "cancelled",
} as const satisfies Record<string, State>;

type Kind = keyof typeof MARKS;
const isKind = (type: string): type is Kind => type in MARKS;

/** The square of who acted, else the mark of what happened. */
export function ToldMark({ line }: { line: Pick<Line, "event_type" | "principal"> }) {
  const me = useMe();
  const principal = actorOf(line);
  if (principal !== null) {
    const { name, own } = personOf(principal, me);
    return <Initials name={name} own={own} />;
  }
  return <Mark state={isKind(line.event_type) ? MARKS[line.event_type] : "note"} />;
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** What happened, as a sentence. An event that this page does not know is told by its name. */
export function Told({ line }: { line: Line }) {
  const me = useMe();
  if (!isKind(line.event_type)) return <code>{line.event_type}</code>;
  const principal = actorOf(line);
  const actor = principal === null ? null : personOf(principal, me);
  const payload = line.payload ?? {};
  const values = {
    actor: actor === null ? "none" : actor.own ? "you" : "other",
    who: actor?.name ?? "",
    step: <code>{line.visit ? stepOf(line.visit) : (line.segment_id ?? "")}</code>,
    kind: textOf(payload.kind),
    action: textOf(payload.action),
    outcome: textOf(payload.outcome),
    version: <code>{textOf(payload.version)}</code>,
  };
  return <Say k={`activity.told.${line.event_type}`} values={values} />;
}

/** Many alike: "12 runs completed". */
export function ToldGroup({ type, count }: { type: string; count: number }) {
  return <Say k={`activity.group.${type}` as Key} values={{ count }} />;
}

/** What stands beside it: the reason somebody gave, in quotes, or one of the event itself. */
export function ToldDetail({ line }: { line: Line }) {
  const t = useT();
  const reason = textOf(line.payload?.reason);
  if (reason === "") return null;
  return actorOf(line) === null ? reason : t("activity.quoted", { text: reason });
}
