// What is the case, in words: one sentence a cause, the most pressing first; of an ended run its outcome.
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { createElement, type ReactNode, useMemo, useState } from "react";
import { useMe } from "~/api";
import { Age, At, Countdown, Icon } from "~/components/basics";
import { useNow } from "~/components/basics/Clock";
import { Mark, type State, text } from "~/components/state";
import { format, Say, useT } from "~/i18n";
import { type Cause, causesOf } from "~/run/causes";
import type { RunView } from "~/run/model";
import { Act } from "../actions/Act";
import type { Dialog } from "../actions/dialogs";
import { useRun, useShown, useView } from "../data/context";
import style from "./head.module.css";

const MOST = 3;

export function Sentences({ ask }: { ask: (dialog: Dialog) => void }) {
  const t = useT();
  const view = useView();
  const [all, setAll] = useState(false);
  const causes = useMemo(() => causesOf(view), [view]);
  const shown = all ? causes : causes.slice(0, MOST);
  const more = causes.length - shown.length;
  return (
    <div className={style.sentences}>
      <RunSentence view={view} />
      {shown.map((cause) => (
        <CauseSentence key={`${cause.what} ${cause.incident?.id ?? cause.visit.id}`} cause={cause} ask={ask} />
      ))}
      {more > 0 && (
        <button type="button" className={style.more} onClick={() => setAll(true)}>
          {t("run.cause.more", { count: more })}
        </button>
      )}
    </div>
  );
}

function Sentence({ state, children }: { state: State; children: ReactNode }) {
  return (
    <p className={style.sentence} style={{ "--said": text(state) } as React.CSSProperties}>
      <Mark state={state} />
      {children}
    </p>
  );
}

const head = (inner: ReactNode[]) => createElement("b", { className: style.said }, ...inner);

/** A visit in a sentence; choosing it shows it in the inspector. */
function VisitName({ id }: { id: string }) {
  const { choose } = useRun();
  return (
    <button type="button" className={style.visit} onClick={() => choose(id)}>
      <code>{id}</code>
    </button>
  );
}

function RunSentence({ view }: { view: RunView }) {
  const { detail } = useRun();
  const { run } = view;
  const took = run.startedAt !== null && run.endedAt !== null ? format.duration(run.endedAt - run.startedAt) : "";
  const at = run.endedAt === null ? null : <At time={run.endedAt} seconds />;
  if (run.status === "completed") return <Sentence state="completed"><span><Say k="run.said.completed" values={{ head, at, took }} /></span></Sentence>;
  if (run.status === "cancelled") {
    return (
      <Sentence state="cancelled">
        <span><Say k={run.reason === null ? "run.said.cancelled" : "run.said.cancelledBecause"} values={{ head, at, took, reason: run.reason ?? "" }} /></span>
      </Sentence>
    );
  }
  if (run.status === "failed") {
    const visit = run.errorVisit === null ? null : <VisitName id={run.errorVisit} />;
    const code = run.error?.error_code ?? "";
    return (
      <Sentence state="failed">
        <span>
          <Say k={visit === null ? "run.said.failed" : "run.said.failedAt"} values={{ head, at, took, visit, error: code, message: format.sentence(run.error?.error_message ?? "") }} />
          {run.otherFailures > 0 && <> <Say k="run.said.others" values={{ count: run.otherFailures }} /></>}
        </span>
      </Sentence>
    );
  }
  if (run.paused) return <Sentence state="paused"><span><Say k="run.said.paused" values={{ head, since: <At time={run.pausedAt ?? view.at} /> }} /></span></Sentence>;
  if (run.status === "cancelling") return <Sentence state="cancelled"><span><Say k="run.said.cancelling" values={{ head, count: view.open.size }} /></span></Sentence>;
  if (view.open.size === 0) return <Sentence state="running"><span><Say k="run.said.begins" values={{ head, since: <At time={detail.created_at} /> }} /></span></Sentence>;
  return null;
}

function CauseSentence({ cause, ask }: { cause: Cause; ask: (dialog: Dialog) => void }) {
  const { detail } = useRun();
  const wait = detail.waiting.find((one: { visit: string }) => one.visit === cause.visit.id);
  const visit = <VisitName id={cause.visit.id} />;
  const since = <At time={cause.since} />;
  const age = <Age since={cause.since} />;
  switch (cause.what) {
    case "person":
      return <PersonSentence cause={cause} visit={visit} since={since} age={age} who={wait?.who ?? null} due={wait?.due ?? null} />;
    case "incident":
      return <IncidentSentence cause={cause} visit={visit} since={since} ask={ask} />;
    case "retrying":
      return <RetryingSentence cause={cause} visit={visit} since={since} />;
    case "message":
      return <ChildSentence cause={cause} visit={visit} since={since} age={age} />;
    case "waiting":
      return (
        <Sentence state="waiting">
          <span>
            <Say k={cause.due === null ? "run.said.waiting" : "run.said.waitingUntil"} values={{ head, visit, since, due: <At time={cause.due ?? 0} seconds />, left: <Countdown until={cause.due ?? 0} /> }} />
          </span>
        </Sentence>
      );
    default:
      return (
        <Sentence state="running">
          <span>
            <Say k="run.said.running" values={{ head, visit, since, age, count: cause.count - 1 }} />
          </span>
        </Sentence>
      );
  }
}

interface Parts {
  cause: Cause;
  visit: ReactNode;
  since: ReactNode;
}

function PersonSentence({ cause, visit, since, age, who, due }: Parts & { age: ReactNode; who: string | null; due: string | null }) {
  const t = useT();
  const me = useMe();
  const travelling = useShown((shown) => shown.event !== null);
  const mine = who === null ? me.mode === "local" : who === me.principal || who === me.display_name || me.mode === "local";
  const values = { head, visit, since, age, who: who ?? t("run.aPerson") };
  return (
    <Sentence state="person">
      <span>
        <Say k={mine ? "run.said.you" : "run.said.person"} values={values} />
        {due !== null && <> <Due due={+new Date(due)} /></>}
      </span>
      {cause.visit.task !== null && !travelling && (
        <Button component={Link} variant={mine ? "filled" : "default"} to="/inbox" search={{ task: cause.visit.task } as never} rightSection={undefined}>
          {t(mine ? "run.decide" : "run.openTask")}
        </Button>
      )}
    </Sentence>
  );
}

const SOON_MS = 3_600_000;

function Due({ due }: { due: number }) {
  const left = due - useNow();
  const time = left < 0 ? <Age since={due} /> : left < SOON_MS ? <Countdown until={due} /> : format.duration(left);
  return (
    <b>
      <Say k={left < 0 ? "run.said.overdue" : "run.said.due"} values={{ time }} />
    </b>
  );
}

function IncidentSentence({ cause, visit, since, ask }: Parts & { ask: (dialog: Dialog) => void }) {
  const t = useT();
  const view = useView();
  const { sent } = useRun();
  const { incident } = cause;
  const asked = sent.of(cause.visit.id, view);
  if (!incident) return null;
  return (
    <Sentence state="incident">
      <span>
        <Say k={`run.said.incident.${incident.kind}`} values={{ head, visit, since, error: incident.error?.error_code ?? "" }} />
      </span>
      <Act right="run" filled sent={asked !== null} onClick={() => ask({ what: "resolve", visit: cause.visit.id, incident: incident.id })}>
        {t("run.resolve")}
      </Act>
    </Sentence>
  );
}

function RetryingSentence({ cause, visit, since }: Parts) {
  const values = { head, visit, since, attempt: cause.attempt ?? 0, limit: cause.limit ?? 0, left: <Countdown until={cause.due ?? 0} /> };
  return (
    <Sentence state="retrying">
      <span>
        <Say k={cause.limit === null ? "run.said.retrying" : "run.said.retryingOf"} values={values} />
      </span>
    </Sentence>
  );
}

function ChildSentence({ cause, visit, since, age }: Parts & { age: ReactNode }) {
  const { child } = cause.visit;
  const run = child === null ? null : (
    <Link to="/runs/$runId" params={{ runId: child }} search={{} as never}>
      <code>{child}</code> <Icon name="right" size={12} />
    </Link>
  );
  return (
    <Sentence state="message">
      <span>
        <Say k={run === null ? "run.said.message" : "run.said.child"} values={{ head, visit, since, age, run }} />
      </span>
    </Sentence>
  );
}
