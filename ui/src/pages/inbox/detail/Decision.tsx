// The decision. Nothing is chosen before the person chooses; the button names the consequence and says what is missing.
import { Button, Textarea } from "@mantine/core";
import { useId, useRef } from "react";
import { useCan } from "~/api";
import { At, Kbd, Section } from "~/components/basics";
import { ErrorBlock } from "~/components/feedback";
import { useT } from "~/i18n";
import { useDoing } from "~/shell";
import { useShortcuts } from "~/shell/keys";
import { CHOOSES, KEY, needsReason, type Outcome, outcomesOf, type Task } from "../answer";
import { useSent } from "../sent";
import { Changed } from "./Changed";
import { Leads } from "./Context";
import { Given } from "./Given";
import { type Deciding, useDecision } from "./useDecision";
import style from "./detail.module.css";

interface Option {
  id: string;
  outcome: Outcome;
  option?: number;
  label: string;
  keys?: string;
}

/** What can be chosen: the outcomes, and of a choice each of its options in place of the approval. */
function useOptions(task: Task): Option[] {
  const t = useT();
  return outcomesOf(task).flatMap((outcome): Option[] => {
    if (task.task_type === "choice" && outcome === "approved") {
      return task.options.map((option, at) => ({
        id: `option-${at}`,
        outcome,
        option: at,
        label: String(option.label ?? (typeof option.value === "string" ? option.value : JSON.stringify(option.value))),
        ...(at < 9 ? { keys: String(at + 1) } : {}),
      }));
    }
    return [{ id: outcome, outcome, label: t(`inbox.choose.${task.task_type}.${outcome}`), keys: KEY[outcome] }];
  });
}

function Options({ task, options, deciding, off }: { task: Task; options: Option[]; deciding: Deciding; off: boolean }) {
  const t = useT();
  const name = useId();
  const { draft, choose } = deciding;
  return (
    <fieldset className={style.options} disabled={off}>
      <legend className="visually-hidden">{t("inbox.decision")}</legend>
      {options.map(({ id, outcome, option, label, keys }) => (
        <label key={id} className={style.option}>
          <input type="radio" name={name} value={id} checked={draft.outcome === outcome && draft.option === option} onChange={() => choose(outcome, option)} />
          <span className={style.optionName}>{label}</span>
          <span className={style.optionLeads}>
            <Leads task={task} outcome={outcome} />
          </span>
          {keys !== undefined && <Kbd keys={keys} />}
        </label>
      ))}
    </fieldset>
  );
}

/** "Approve EXP-2041": the verb, and what it is done to. */
function useAction(task: Task, { draft }: Deciding, options: Option[]): string {
  const t = useT();
  if (draft.outcome === undefined) return t("inbox.send");
  const what = task.business_key ?? "none"; // the catalogue leaves it out
  if (task.task_type === "choice" && draft.outcome === "approved") {
    const chosen = options.find((one) => one.option === draft.option);
    return chosen ? t("inbox.send.choice", { option: chosen.label, what }) : t("inbox.send");
  }
  return t(`inbox.send.${task.task_type}.${draft.outcome}`, { what });
}

function SendBar({ task, deciding, action, onSend }: { task: Task; deciding: Deciding; action: string; onSend: () => void }) {
  const t = useT();
  const sent = useSent(task.task_id);
  const { off, savedAt, discard } = deciding;
  const reason = useId();
  return (
    <div className={style.send}>
      <Button variant="filled" data-disabled={off !== null} aria-disabled={off !== null} aria-describedby={reason} rightSection={<Kbd keys="Mod+Enter" />} onClick={onSend}>
        {action}
      </Button>
      {savedAt !== undefined && !sent && <Button onClick={discard}>{t("inbox.draft.discard")}</Button>}
      <span id={reason} className={style.off} role="status">
        {off}
      </span>
      {savedAt !== undefined && !sent && (
        <span className={style.saved}>
          {t("inbox.draft.saved")} <At time={savedAt} />
        </span>
      )}
    </div>
  );
}

function Texts({ task, deciding, off }: { task: Task; deciding: Deciding; off: boolean }) {
  const t = useT();
  const { draft, change } = deciding;
  const must = needsReason(task, draft.outcome);
  return (
    <div className={style.texts}>
      <Textarea
        label={t("inbox.reason")}
        description={t(must ? "inbox.reason.must" : "inbox.reason.may")}
        aria-required={must}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={10_000}
        value={draft.reason ?? ""}
        disabled={off}
        onChange={(event) => change({ reason: event.currentTarget.value })}
      />
      <Textarea
        label={
          <>
            {t("inbox.comment")} <Kbd keys="e" />
          </>
        }
        description={t("inbox.comment.may")}
        autosize
        minRows={1}
        maxRows={8}
        maxLength={10_000}
        value={draft.comment ?? ""}
        disabled={off}
        data-comment
        onChange={(event) => change({ comment: event.currentTarget.value })}
      />
    </div>
  );
}

/** A form sends itself once it fits its schema; what is not a form is sent as it is. */
function useSend(formId: string, deciding: Deciding): () => void {
  return () => {
    if (deciding.off !== null) return;
    const form = document.getElementById(formId);
    if (form instanceof HTMLFormElement) form.requestSubmit();
    else deciding.send();
  };
}

function useKeys(options: Option[], deciding: Deciding, locked: boolean, send: () => void, comment: () => void): void {
  const choose = (keys: string) => {
    const option = options.find((one) => one.keys === keys);
    if (!option || locked) return false;
    return deciding.choose(option.outcome, option.option);
  };
  const numbers = Object.fromEntries(options.flatMap(({ keys, option }) => (option === undefined || keys === undefined ? [] : [[keys, { label: "inbox.key.option" as const, run: () => choose(keys) }]])));
  useShortcuts("inbox", {
    ...Object.fromEntries(options.flatMap(({ keys, outcome, option }) => (option === undefined && keys !== undefined ? [[keys, { label: CHOOSES[outcome], run: () => choose(keys) }]] : []))),
    ...numbers,
    e: { label: "inbox.key.comment", run: comment },
    "Mod+Enter": { label: "inbox.key.send", run: send, inFields: true },
  });
}

export function Decision({ task }: { task: Task }) {
  const t = useT();
  const can = useCan("decide");
  const sent = useSent(task.task_id);
  const deciding = useDecision(task);
  const options = useOptions(task);
  const action = useAction(task, deciding, options);
  const box = useRef<HTMLDivElement>(null);
  const formId = `answer-${task.task_id}`;
  const send = useSend(formId, deciding);
  const locked = !can || sent !== undefined || deciding.sending;
  useDoing(deciding.draft.outcome === undefined || locked ? null : `decides:${task.business_key ?? task.run_id ?? task.task_id}`);
  useKeys(options, deciding, locked, send, () => box.current?.querySelector<HTMLElement>("textarea[data-comment]")?.focus());
  return (
    <div ref={box}>
      <Section title={t("inbox.decision")}>
        {deciding.changed && <Changed task={task} deciding={deciding} />}
        <Options task={task} options={options} deciding={deciding} off={locked} />
        <Given task={task} deciding={deciding} formId={formId} off={locked} />
        <Texts task={task} deciding={deciding} off={locked} />
        {deciding.error !== null && <ErrorBlock error={deciding.error} />}
        <SendBar task={task} deciding={deciding} action={action} onSend={send} />
      </Section>
    </div>
  );
}
