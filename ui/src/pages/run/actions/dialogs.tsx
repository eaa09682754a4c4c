// The dialogs of the run page. Each says what follows from it, with numbers, and sends one wish.
import { Radio, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { request } from "~/api";
import { ConfirmDialog } from "~/components/feedback";
import { type Key, Say, useT } from "~/i18n";
import type { Incident, RunView } from "~/run/model";
import { stateOf } from "~/run/states";
import { useDoing } from "~/shell";
import { toast } from "~/shell/notices";
import { useRun, useShown } from "../data/context";
import { runQuery } from "../data/queries";
import type { Wish } from "../data/sent";
import style from "./actions.module.css";

export type Dialog = { what: "cancel" | "pause" | "resume" } | { what: "resolve"; visit: string; incident: string };

export function Dialogs({ asked, onClose }: { asked: Dialog | null; onClose: () => void }) {
  if (asked === null) return null;
  if (asked.what === "resolve") return <ResolveDialog visit={asked.visit} incident={asked.incident} onClose={onClose} />;
  return <RunDialog key={asked.what} wish={asked.what} onClose={onClose} />;
}

interface Answer {
  accepted?: boolean | null;
  queued?: boolean | null;
  reason?: string | null;
}

/** Sends a wish; what was refused is thrown, what waits for a worker is told. */
function useSend(): (wish: Wish, visit: string | null, call: () => Promise<Answer>) => Promise<void> {
  const t = useT();
  const { runId, store, sent } = useRun();
  const queries = useQueryClient();
  return async (wish, visit, call) => {
    const answer = await call();
    if (answer.accepted === false) throw new Error(answer.reason ?? t("run.refused"));
    sent.add({ wish, visit, seq: store.shown.live.seq, queued: answer.queued === true });
    if (answer.queued === true) toast({ text: t("run.queued") });
    void queries.invalidateQueries({ queryKey: runQuery(runId).queryKey });
  };
}

/** What a cancel touches: people who are asked, attempts in flight, runs that were started. */
function touched(view: RunView): { asked: number; working: number; children: number; rest: number } {
  const counts = { asked: 0, working: 0, children: 0, rest: 0 };
  for (const id of view.open) {
    const visit = view.visits.get(id);
    if (!visit || visit.inside) continue;
    const state = stateOf(visit);
    counts[state === "person" ? "asked" : state === "running" ? "working" : state === "message" ? "children" : "rest"] += 1;
  }
  return counts;
}

function RunDialog({ wish, onClose }: { wish: "cancel" | "pause" | "resume"; onClose: () => void }) {
  const t = useT();
  const send = useSend();
  const { runId, detail } = useRun();
  const view = useShown((shown) => shown.live);
  const [reason, setReason] = useState("");
  const name = detail.business_key ?? detail.run_id;
  const path = `/api/v1/runs/{run_id}/${wish}` as const;
  const confirm = () => send(wish, null, () => request("post", path, { params: { run_id: runId }, body: { reason: reason.trim() || null } }));
  return (
    <ConfirmDialog opened onClose={onClose} title={t(`run.${wish}.title`, { name })} action={t(`run.${wish}.action`)} keep={t(`run.${wish}.keep`)} destructive={wish === "cancel"} onConfirm={confirm}>
      <div className={style.consequence}>
        <p>
          <Say k={`run.${wish}.consequence`} values={{ ...touched(view) }} />
        </p>
        <TextInput label={t("run.reason")} description={t("run.reasonHelp")} value={reason} maxLength={2000} onChange={(event) => setReason(event.currentTarget.value)} />
      </div>
    </ConfirmDialog>
  );
}

type Action = "retry" | "deliver" | "skip" | "fail" | "true" | "false";

/** What can be done about an incident, where the server has not said it yet. */
const ACTIONS: Record<Incident["kind"], readonly Action[]> = {
  failure: ["retry", "deliver", "skip", "fail"],
  uncertain: ["retry", "deliver", "skip", "fail"],
  condition: ["true", "false"],
};

function problemOf(json: string, t: ReturnType<typeof useT>): string | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? null : t("run.deliver.object");
  } catch {
    return t("run.deliver.json");
  }
}

function ResolveDialog({ visit, incident, onClose }: { visit: string; incident: string; onClose: () => void }) {
  const t = useT();
  const send = useSend();
  const { runId, detail, store } = useRun();
  const view = useShown((shown) => shown.live);
  const found = view.incidents.get(incident);
  const ports = store.plan.steps.get(view.visits.get(visit)?.path ?? "")?.step.outputs ?? [];
  useDoing(`repairs:${detail.business_key ?? runId}`);
  const [action, setAction] = useState<Action | null>(null);
  const [json, setJson] = useState(() => JSON.stringify(Object.fromEntries(ports.slice(0, 1).map((port) => [port, null])), null, 2));
  const [reason, setReason] = useState("");
  const said = detail.incidents.find((one: { incident: string }) => one.incident === incident)?.actions as Action[] | undefined;
  const actions = said ?? ACTIONS[found?.kind ?? "failure"];
  const wrong = action === "deliver" ? problemOf(json, t) : null;
  const missing = action === null ? t("run.resolve.choose") : wrong;
  const confirm = () => {
    if (action === null) return undefined;
    const edge = found?.kind === "condition" ? (found.edges[0] ?? null) : null;
    const outputs = action === "deliver" ? (JSON.parse(json) as Record<string, unknown>) : null;
    const call = () => request("post", "/api/v1/runs/{run_id}/incidents/{incident}/resolve", { params: { run_id: runId, incident }, body: { action, outputs, edge, reason: reason.trim() || null } });
    return send(action === "retry" ? "retry" : "resolve", visit, call);
  };
  if (!found) return null;
  return (
    <ConfirmDialog opened onClose={onClose} title={t("run.resolve.title", { visit })} action={action === null ? t("run.resolve.none") : t(`run.resolve.do.${action}`)} missing={missing} onConfirm={confirm}>
      <div className={style.consequence}>
        <p>
          <b>{found.error?.error_message ?? ""}</b> <code>{found.error?.error_code ?? ""}</code>
        </p>
        <Choices actions={actions} action={action} visit={visit} onChoose={setAction} />
        {action === "deliver" && <Textarea label={t("run.deliver.label")} description={t("run.deliver.help", { ports: ports.join(", ") })} rows={7} styles={{ input: { fontFamily: "var(--mono)" } }} spellCheck={false} error={wrong} value={json} onChange={(event) => setJson(event.currentTarget.value)} />}
        <TextInput label={t("run.reason")} description={t("run.reasonHelp")} value={reason} maxLength={2000} onChange={(event) => setReason(event.currentTarget.value)} />
      </div>
    </ConfirmDialog>
  );
}

/** No choice is made for the person; each says what follows from it. */
function Choices({ actions, action, visit, onChoose }: { actions: readonly Action[]; action: Action | null; visit: string; onChoose: (action: Action) => void }) {
  const t = useT();
  const id = useId();
  const once = useIsOnce(visit);
  return (
    <fieldset className={style.choices}>
      <legend>{t("run.resolve.what")}</legend>
      {actions.map((one) => (
        <Radio key={one} name={id} value={one} checked={action === one} onChange={() => onChoose(one)} label={t(`run.resolve.${one}` as Key)} description={t((once && one === "retry" ? "run.resolve.retryOnce" : `run.resolve.${one}.then`) as Key)} />
      ))}
    </fieldset>
  );
}

function useIsOnce(visit: string): boolean {
  const { store } = useRun();
  const path = store.shown.live.visits.get(visit)?.path ?? "";
  return store.plan.steps.get(path)?.step.effect === "once";
}
