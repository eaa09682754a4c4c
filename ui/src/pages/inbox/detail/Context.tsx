// Beside the decision: why you are asked, what happens next, what happened to the task.
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { At, Icon, Section } from "~/components/basics";
import { JsonView } from "~/components/data";
import { Mark } from "~/components/state";
import { type Key, Say, useT } from "~/i18n";
import type { Task } from "../answer";
import style from "./detail.module.css";

/** A short value stands in the line, anything larger folds below it. */
function WhyValue({ value, visit }: { value: unknown; visit: string }) {
  const t = useT();
  if (value === null || value === undefined) return null;
  if (typeof value !== "object") return <code className={style.inlineValue}>{JSON.stringify(value)}</code>;
  return (
    <details className={style.whyValue}>
      <summary>{t("inbox.why.value")}</summary>
      <JsonView value={value} label={t("inbox.why.valueOf", { visit })} tools={false} />
    </details>
  );
}

const NEAR = 6;

/** The way that led here, the nearest first: what was decided last is mostly the reason. */
function Why({ task }: { task: Task }) {
  const t = useT();
  const [all, setAll] = useState(false);
  const way = [...task.why].reverse();
  const shown = all ? way : way.slice(0, NEAR);
  if (way.length === 0) return null;
  return (
    <Section title={t("inbox.why")}>
      <ol className={style.why}>
        {shown.map((one) => (
          <WhyStep key={one.visit} one={one} runId={task.run_id} />
        ))}
      </ol>
      {shown.length < way.length && (
        <button type="button" className={style.more} onClick={() => setAll(true)}>
          {t("inbox.why.more", { count: way.length - shown.length })}
        </button>
      )}
    </Section>
  );
}

function WhyStep({ one, runId }: { one: Task["why"][number]; runId: string | null }) {
  const visit = <code>{one.visit}</code>;
  return (
    <li>
      {one.sentence.startsWith("chose") ? <Icon name="t_switch" size={14} /> : <Mark state="completed" />}
      <div>
        {runId === null ? (
          visit
        ) : (
          <Link to="/runs/$runId" params={{ runId }} search={{ visit: one.visit }}>
            {visit}
          </Link>
        )}{" "}
        {one.sentence} <WhyValue value={one.value} visit={one.visit} />
      </div>
    </li>
  );
}

interface Next {
  outcome: string;
  target: string | null;
  step_type: string | null;
  effect: string | null;
}

/** The steps behind an outcome: [{target, effect}]; empty: the run ends there. */
export function targetsOf(task: Task, outcome: string): { target: string; once: boolean }[] {
  return (task.next as unknown as Next[]).flatMap((one) => (one.outcome === outcome && one.target !== null ? [{ target: one.target, once: one.effect === "once" }] : []));
}

/** "then pay, once, and approver". */
export function Leads({ task, outcome }: { task: Task; outcome: string }) {
  const t = useT();
  if (!task.next.some((one) => one.outcome === outcome)) return null;
  const targets = targetsOf(task, outcome);
  if (targets.length === 0) return <>{t("inbox.next.ends")}</>;
  return (
    <>
      {t("inbox.next.then")}{" "}
      {targets.map(({ target, once }, at) => (
        <span key={target}>
          {at > 0 && ", "}
          <code>{target}</code>
          {once && ` ${t("inbox.next.once")}`}
        </span>
      ))}
    </>
  );
}

function NextSteps({ task }: { task: Task }) {
  const t = useT();
  if (task.next.length === 0) return null;
  const outcomes = [...new Set(task.next.map((one) => String(one.outcome)))].filter((outcome) => outcome !== "expired");
  return (
    <Section title={t("inbox.next")}>
      <dl className={style.next}>
        {outcomes.map((outcome) => (
          <div key={outcome}>
            <dt>{t(outcomeKey(outcome))}</dt>
            <dd>
              <Leads task={task} outcome={outcome} />
            </dd>
          </div>
        ))}
      </dl>
      {task.due_at !== null && (
        <p className={style.expiry}>
          <Say k="inbox.next.expiry" values={{ time: <At time={task.due_at} />, leads: <Leads task={task} outcome="expired" /> }} />
        </p>
      )}
    </Section>
  );
}

const OUTCOMES = new Set(["approved", "modified", "rejected", "expired"]);

export function outcomeKey(outcome: string | null): Key {
  return `inbox.outcome.${outcome !== null && OUTCOMES.has(outcome) ? outcome : "other"}` as Key;
}

const EVENTS = new Set(["task.created", "task.decided", "task.expired", "task.cancelled"]);

function History({ task }: { task: Task }) {
  const t = useT();
  return (
    <Section title={t("inbox.history")} count={task.history.length}>
      <ol className={style.history}>
        {[...task.history].reverse().map((one, at) => {
          const event = String(one.event);
          return (
            <li key={at}>
              <At time={String(one.at)} />
              <span>
                <b>{EVENTS.has(event) ? t(`inbox.event.${event.slice(5)}` as Key) : event}</b> {one.principal ? String(one.principal) : ""}{" "}
                {one.text ? <span className="muted">{String(one.text)}</span> : null}
              </span>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}

export function Context({ task }: { task: Task }) {
  const t = useT();
  return (
    <aside className={style.context} aria-label={t("inbox.context")}>
      <Why task={task} />
      <NextSteps task={task} />
      <History task={task} />
    </aside>
  );
}
