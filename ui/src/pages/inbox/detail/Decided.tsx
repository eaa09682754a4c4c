import { Button } from "@mantine/core";
import { At, Section } from "~/components/basics";
import { JsonView } from "~/components/data";
import { StateWord } from "~/components/state";
import { Say, useT } from "~/i18n";
import { isTouched, STATE, type Task } from "../answer";
import { discardDraft, useDraft } from "../draft";
import { outcomeKey } from "./Context";
import { useSettled } from "./useDecision";
import style from "./detail.module.css";

/** What was written here and never sent, where somebody else was first. It can be copied out before it is thrown away. */
function Unsent({ task }: { task: Task }) {
  const t = useT();
  const draft = useDraft(task.task_id);
  if (!draft || !isTouched(draft)) return null;
  return (
    <div className={style.unsent}>
      <h3>{t("inbox.unsent")}</h3>
      <dl className={style.facts}>
        {draft.outcome !== undefined && (
          <div>
            <dt>{t("inbox.unsent.outcome")}</dt>
            <dd>{t(outcomeKey(draft.outcome))}</dd>
          </div>
        )}
        {(["reason", "comment"] as const).map((name) =>
          draft[name] ? (
            <div key={name}>
              <dt>{t(`inbox.${name}`)}</dt>
              <dd>{draft[name]}</dd>
            </div>
          ) : null,
        )}
      </dl>
      {(["input", "changes"] as const).map((name) => (draft[name] === undefined ? null : <JsonView key={name} value={draft[name]} label={t(`inbox.given.${name}`)} />))}
      <Button onClick={() => discardDraft(task.task_id)}>{t("inbox.draft.discard")}</Button>
    </div>
  );
}

/** How the task ended, who did it, with what. */
export function Decided({ task, onNext }: { task: Task; onNext: () => void }) {
  const t = useT();
  useSettled(task, onNext);
  const decision = (task.decision ?? {}) as Record<string, unknown>;
  const given = Object.fromEntries(["option", "input", "changes"].filter((name) => decision[name] !== undefined).map((name) => [name, decision[name]]));
  const values = { who: task.decided_by ?? "", time: task.ended_at === null ? "" : <At time={task.ended_at} /> };
  return (
    <Section title={t("inbox.decided")}>
      <p className={style.decided}>
        <StateWord state={STATE[task.status]}>
          <Say k={`inbox.ended.${task.status === "open" ? "cancelled" : task.status}`} values={{ ...values, outcome: t(outcomeKey(task.outcome)) }} />
        </StateWord>
      </p>
      <dl className={style.facts}>
        {(["reason", "comment"] as const).map((name) =>
          decision[name] ? (
            <div key={name}>
              <dt>{t(`inbox.${name}`)}</dt>
              <dd>{String(decision[name])}</dd>
            </div>
          ) : null,
        )}
      </dl>
      {Object.keys(given).length > 0 && <JsonView value={given} label={t("inbox.ended.given")} tools={false} />}
      <Unsent task={task} />
    </Section>
  );
}
