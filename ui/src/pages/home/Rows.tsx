// The rows of Home. Each is one link; what else it offers is a stop of its own. Hover shows nothing that focus does not.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Age, At, Kbd } from "~/components/basics";
import { Fuse, Mark, type State, text, TrailStrip } from "~/components/state";
import { format, Say, useT } from "~/i18n";
import { nameOf, notchesOf, type RunRow as Run, stepOf } from "~/pages/runs/list/row";
import { StateText } from "~/pages/runs/list/StateText";
import type { Cause, Task } from "./data";
import style from "./home.module.css";

function Cue({ children, keys }: { children: ReactNode; keys?: string }) {
  return (
    <span className={style.cue} aria-hidden="true">
      {children}
      {keys && <Kbd keys={keys} />}
    </span>
  );
}

export function TaskRow({ task, strip, left }: { task: Task; strip: string | null | undefined; left: boolean }) {
  const t = useT();
  return (
    <li className={style.need} data-left={left || undefined}>
      <Mark state={left ? "completed" : "person"} />
      <Link to="/inbox" search={{ task: task.task_id } as never} className={style.main} data-row>
        <b className="truncate">{task.title}</b>
        <span className="secondary truncate">
          {task.run_id !== null && <code>{nameOf({ run_id: task.run_id, business_key: task.business_key })}</code>}
          {[task.segment_id, task.visit && stepOf(task.visit), task.assignee ?? task.candidate_groups.join(", ")].filter(Boolean).map((part) => (
            <span key={part}> · {part}</span>
          ))}
        </span>
      </Link>
      <span className={style.strip}>{strip ? <TrailStrip notches={notchesOf(strip)} most={9} /> : null}</span>
      <span className={style.fuse}>{task.due_at !== null && !left && <Fuse asked={task.created_at} due={task.due_at} />}</span>
      <span className={style.last}>
        <span className={style.rest}>{left ? t("home.waits.settled") : <Since time={task.created_at} />}</span>
        <Cue keys="Enter">{t("home.waits.decide")}</Cue>
      </span>
    </li>
  );
}

function Since({ time }: { time: string }) {
  return (
    <span className="muted">
      <Say k="runs.since" values={{ time: <At time={time} /> }} />
    </span>
  );
}

const CAUSE_STATE: Record<Cause["kind"], State> = { incident: "incident", failed: "failed", retrying: "retrying" };

export function CauseRow({ cause, left }: { cause: Cause; left: boolean }) {
  const t = useT();
  const state = CAUSE_STATE[cause.kind];
  const step = <code>{cause.step_id ?? cause.segment_id}</code>;
  const visit = cause.sample_visit === null ? {} : { visit: cause.sample_visit };
  return (
    <li className={style.repair} data-left={left || undefined}>
      <Mark state={state} />
      <Link to="/runs/$runId" params={{ runId: cause.sample_run_id }} search={visit} className={style.main} data-row>
        <b className="truncate" style={{ color: text(state) }}>
          <Say k={`home.cause.${cause.kind}`} values={{ step }} />
        </b>
        <span className={style.reason}>
          {format.sentence(cause.message)} {format.sentence(cause.hint)} <code>{cause.error_code}</code>
        </span>
      </Link>
      <span className={style.runs}>
        <Link to="/runs" search={queryOf(cause.query) as never} className={style.aside}>
          {t("home.cause.runs", { count: cause.runs })}
        </Link>
      </span>
      <span className={style.since}>{left ? <span className="muted">{t("home.cause.over")}</span> : <Since time={cause.since} />}</span>
      <span className={style.lastCue}>
        <Cue>{t("home.cause.open")}</Cue>
      </span>
    </li>
  );
}

/** A query string as search parameters; what is there several times becomes a list. */
function queryOf(query: string): Record<string, string | string[]> {
  const search: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const before = search[name];
    search[name] = before === undefined ? value : [before, value].flat();
  }
  return search;
}

export function MotionRow({ run, left }: { run: Run; left: boolean }) {
  return (
    <li className={style.motion} data-left={left || undefined}>
      <Link to="/runs/$runId" params={{ runId: run.run_id }} className={style.mainLine} data-row>
        <code className="truncate" title={run.run_id}>
          {nameOf(run)}
        </code>
        <span className="truncate">{run.segment_name ?? run.segment_id}</span>
      </Link>
      <span className={style.strip}>
        <TrailStrip notches={notchesOf(run.strip)} most={9} />
      </span>
      <span className={style.state}>
        <StateText run={run} brief />
      </span>
      <span className={style.age}>
        <Age since={run.created_at} until={run.ended_at} />
      </span>
    </li>
  );
}
