// The draft of a decision and its way to the server. Choosing never sends; sending takes what the person looked at by its version.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import { ApiError, request, useCan } from "~/api";
import { useT } from "~/i18n";
import { announce } from "~/shell/notices";
import { useLost } from "~/shell";
import { bodyOf, type Draft, isTouched, missingOf, type Outcome, type Task } from "../answer";
import { discardDraft, keepDraft, useDraft } from "../draft";
import { forgetSent, markSent, useSent } from "../sent";

/** Refusals that say that the task is not as the person saw it. */
const CHANGED = new Set(["TASK_VERSION", "TASK_NOT_OPEN"]);

export interface Deciding {
  draft: Draft;
  savedAt: number | undefined;
  change: (changed: Partial<Draft>) => void;
  choose: (outcome: Outcome, option?: number) => void;
  discard: () => void;
  /** Why it cannot be sent now, in words; null: it can. */
  off: string | null;
  send: (draft?: Draft) => void;
  sending: boolean;
  error: unknown;
  /** The task has another version than the one that was looked at. */
  changed: boolean;
  /** Takes the task as it is now for looked at. */
  look: () => void;
}

function useOff(task: Task, draft: Draft, busy: boolean, changed: boolean): string | null {
  const t = useT();
  const can = useCan("decide");
  const lost = useLost();
  const sent = useSent(task.task_id);
  if (!can) return t("inbox.off.right", { workspace: task.workspace_id });
  if (lost) return t("inbox.off.lost");
  if (sent) return t(sent.queued ? "inbox.sent.queued" : "inbox.sent");
  if (busy) return t("inbox.off.sending");
  if (changed) return t("inbox.off.changed");
  const missing = missingOf(task, draft);
  if (missing === null) return null;
  return missing.what === "fields" ? t("inbox.missing.fields", { fields: missing.fields.join(", ") }) : t(`inbox.missing.${missing.what}`);
}

export function useDecision(task: Task): Deciding {
  const t = useT();
  const queries = useQueryClient();
  const kept = useDraft(task.task_id);
  const draft: Draft = kept ?? { version: task.version };
  const again = () => queries.invalidateQueries({ queryKey: ["inbox"] });
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: (sent: Draft) => request("post", "/api/v1/tasks/{task_id}/decide", { params: { task_id: task.task_id }, body: bodyOf(task, sent) }),
    onSuccess: (answer, sent) => {
      const queued = answer.queued === true;
      markSent(task.task_id, { outcome: sent.outcome ?? "approved", at: Date.now(), queued });
      announce(t(queued ? "inbox.sent.queued" : "inbox.sent"), "now");
      void again();
    },
    onError: (thrown) => {
      announce(thrown.message, "assertive");
      if (thrown instanceof ApiError && CHANGED.has(thrown.code)) void again();
    },
  });
  const changed = task.version !== draft.version;
  const off = useOff(task, draft, isPending, changed);
  const write = (next: Draft) => {
    if (isTouched(next)) keepDraft(task.task_id, next);
    else discardDraft(task.task_id);
    if (error) reset();
  };
  const change = (part: Partial<Draft>) => write({ ...draft, ...part });
  const choose = (outcome: Outcome, option?: number) => {
    const next: Draft = { ...draft, outcome };
    if (option === undefined) delete next.option;
    else next.option = option;
    write(next);
  };
  return {
    draft,
    savedAt: kept?.savedAt,
    change,
    choose,
    discard: () => discardDraft(task.task_id),
    off,
    send: (filled) => {
      if (off === null) mutate(filled ?? draft);
    },
    sending: isPending,
    error: error instanceof ApiError && CHANGED.has(error.code) && (changed || task.status !== "open") ? null : error,
    changed,
    look: () => change({ version: task.version }),
  };
}

/** Once what was sent is a fact: the draft goes, and the next task comes. */
export function useSettled(task: Task, onNext: () => void): void {
  const sent = useSent(task.task_id);
  const leave = useEffectEvent(() => {
    forgetSent(task.task_id);
    discardDraft(task.task_id);
    onNext();
  });
  const settled = sent !== undefined && task.status !== "open";
  useEffect(() => {
    if (settled) leave();
  }, [settled]);
}
