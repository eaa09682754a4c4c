// What is the case with a visit, in one sentence, and what can be done about it.
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "@tanstack/react-router";
import { Age, At, Countdown } from "~/components/basics";
import { format, Say, useT } from "~/i18n";
import type { Visit } from "~/run/model";
import { attemptLimit, attemptsOf, stateOf, tookOf } from "~/run/states";
import { Act } from "../actions/Act";
import type { Dialog } from "../actions/dialogs";
import { useRun, useShown, useView } from "../data/context";
import style from "./inspector.module.css";

export function VisitSentence({ visit, ask }: { visit: Visit; ask: (dialog: Dialog) => void }) {
  return (
    <>
      <p className={style.said}>
        <Said visit={visit} />
      </p>
      <Actions visit={visit} ask={ask} />
    </>
  );
}

function Said({ visit }: { visit: Visit }) {
  const view = useView();
  const state = stateOf(visit, view.run.paused);
  const at = visit.endedAt === null ? null : <At time={visit.endedAt} seconds />;
  const since = <At time={visit.since} seconds />;
  const age = <Age since={visit.since} />;
  const took = format.duration(tookOf(visit, visit.endedAt ?? view.at) ?? 0);
  switch (state) {
    case "retrying":
      return <Retrying visit={visit} since={since} limit={attemptLimit(view, visit)} />;
    case "waiting":
      return <Say k="run.visit.waiting" values={{ since, due: <At time={visit.due ?? 0} seconds />, left: <Countdown until={visit.due ?? 0} /> }} />;
    case "completed":
      return <Say k={visit.ports.length === 1 && visit.ports[0] !== "output" ? "run.visit.chose" : "run.visit.completed"} values={{ at, took, port: visit.ports[0] ?? "" }} />;
    case "failed":
      return <Say k={visit.handled ? "run.visit.failedHandled" : "run.visit.failed"} values={{ at, took }} />;
    case "skipped":
    case "cancelled":
      return <Say k={`run.visit.${state}`} values={{ at, rule: visit.endRule ?? "" }} />;
    case "person":
    case "message":
    case "incident":
    case "paused":
    case "scheduled":
      return <Say k={`run.visit.${state}`} values={{ since, age }} />;
    default:
      return visit.inside ? <Inside visit={visit} /> : <Say k="run.visit.running" values={{ since, age, attempt: Math.max(1, attemptsOf(visit).length) }} />;
  }
}

function Retrying({ visit, since, limit }: { visit: Visit; since: ReactNode; limit: number | null }) {
  const values = { attempt: attemptsOf(visit).length, limit: limit ?? 0, since, left: <Countdown until={visit.due ?? 0} /> };
  return <Say k={limit === null ? "run.visit.retrying" : "run.visit.retryingOf"} values={values} />;
}

function Inside({ visit }: { visit: Visit }) {
  const { completed = 0, failed = 0, cancelled = 0, count = null, begun = 0 } = visit.inside ?? {};
  const done = completed + failed + cancelled;
  return <Say k="run.visit.inside" values={{ done, failed, running: Math.max(0, begun - done), count: count ?? begun, since: <At time={visit.since} seconds /> }} />;
}

function Actions({ visit, ask }: { visit: Visit; ask: (dialog: Dialog) => void }) {
  const t = useT();
  const { sent } = useRun();
  const view = useView();
  const travelling = useShown((shown) => shown.event !== null);
  const asked = sent.of(visit.id, view);
  const incident = visit.incident;
  const parts = [
    visit.status === "waiting" && visit.task !== null && !travelling && (
      <Button key="task" component={Link} variant="filled" to="/inbox" search={{ task: visit.task } as never}>
        {t("run.decide")}
      </Button>
    ),
    incident !== null && (
      <Act key="resolve" right="run" filled icon="retry" sent={asked !== null} onClick={() => ask({ what: "resolve", visit: visit.id, incident })}>
        {t("run.resolve")}
      </Act>
    ),
    visit.child !== null && (
      <Button key="child" component={Link} to="/runs/$runId" params={{ runId: visit.child } as never} search={{} as never}>
        {t("run.openChild")}
      </Button>
    ),
  ].filter(Boolean);
  return parts.length === 0 ? null : <div className={style.actions}>{parts}</div>;
}
