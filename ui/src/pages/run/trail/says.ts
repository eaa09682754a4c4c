// What an event says, in words: one line a type. The types stand in docs/journal.md; one that is not known says its payload's keys.
import { format, type Translate } from "~/i18n";
import type { RunView, TrailEvent } from "~/run/model";
import { pathOf } from "~/run/plan";

type Payload = Record<string, unknown>;
type Says = (event: TrailEvent, payload: Payload, view: RunView, t: Translate) => string;

const textOf = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

/** "delivered manager; auto and director are dead". */
function endsOf(event: TrailEvent, payload: Payload, view: RunView, t: Translate): string {
  const ends = textOf(payload["ends"]);
  const out = view.plan.steps.get(pathOf(event.visit ?? ""))?.out ?? [];
  const named = (letters: string) => [...new Set(out.filter((_, place) => letters.includes(ends[place] ?? " ")).map((edge) => edge.target_step))].join(", ");
  const [delivered, late, dead, open] = [named("D"), named("L"), named("XFE"), named("O")];
  const parts = [
    delivered && t("run.says.delivered", { steps: delivered }),
    late && t("run.says.late", { steps: late }),
    dead && t("run.says.dead", { steps: dead }),
    open && t("run.says.asked", { steps: open }),
  ];
  const said = parts.filter(Boolean).join("; ");
  const ports = payload["outputs"];
  return said === "" && ports && typeof ports === "object" ? Object.keys(ports).join(", ") : said;
}

const errorOf = (event: TrailEvent): string => (event.error ? `${event.error.error_code}: ${event.error.error_message}` : "");

const SAYS: Readonly<Record<string, Says>> = {
  "segment.started": (_event, payload) => textOf(payload["business_key"]),
  "segment.failed": (event) => errorOf(event),
  "segment.cancelled": (event) => event.reason ?? "",
  "segment.cancel_requested": (event) => event.reason ?? "",
  "segment.paused": (event) => event.reason ?? "",
  "segment.resumed": (event) => event.reason ?? "",
  "step.scheduled": (event, payload, _view, t) => (Array.isArray(payload["counted"]) ? t("run.says.counted", { count: payload["counted"].length, unmet: String(payload["unmet"] === true) }) : t("run.says.rule", { rule: event.reason ?? "R2" })),
  "step.started": (event, payload, _view, t) => {
    if (typeof payload["count"] === "number") return t("run.items", { count: payload["count"] });
    return payload["child"] ? t("run.says.child", { run: textOf(payload["child"]) }) : t("run.says.attempt", { attempt: event.attempt ?? 1 });
  },
  "step.completed": endsOf,
  "step.failed": (event, payload, _view, t) => `${errorOf(event)}. ${t(payload["handled"] === true ? "run.says.handled" : "run.says.unhandled", { rule: event.reason ?? "R11" })}`,
  "step.skipped": (event, _payload, _view, t) => t("run.says.skipped", { rule: event.reason ?? "R2" }),
  "step.cancelled": (event, _payload, _view, t) => t("run.says.cancelled", { rule: event.reason ?? "R10" }),
  "step.retrying": (event, payload, _view, t) => t("run.says.retrying", { attempt: textOf(payload["attempt"]), at: format.clock(Number(payload["due_us"]) / 1000, { seconds: true }), error: event.error?.error_code ?? "" }),
  "step.timed_out": (event, payload, _view, t) => t("run.says.timedOut", { attempt: event.attempt ?? 1, limit: textOf(payload["limit"]) || "attempt" }),
  "step.interrupted": (event, _payload, _view, t) => t("run.says.interrupted", { attempt: event.attempt ?? 1 }),
  "step.answered": (_event, payload) => textOf(payload["status"]),
  "scope.ended": (event, payload, _view, t) => (event.error ? t("run.says.itemFailed", { number: textOf(payload["number"]), error: event.error.error_code }) : t("run.says.itemEnded", { number: textOf(payload["number"]) })),
  "timer.set": (_event, payload, _view, t) => t("run.says.due", { at: format.clock(Number(payload["due_us"]) / 1000, { seconds: true }) }),
  "human.task_completed": (_event, payload) => textOf(payload["outcome"]),
  "human.task_late": (_event, payload) => textOf(payload["outcome"]),
  "incident.opened": (event) => errorOf(event),
  "incident.resolved": (_event, payload) => textOf(payload["action"]),
  "data.published": (_event, payload) => textOf(payload["name"]),
};

export function saysOf(event: TrailEvent, view: RunView, t: Translate): string {
  const payload = (event.payload ?? {}) as Payload;
  const says = SAYS[event.event_type];
  return says ? says(event, payload, view, t) : Object.keys(payload).slice(0, 4).join(", ");
}
