// The run page: its address says which run, visit, tab and moment; everything else follows from the trail.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "@mantine/core";
import { ApiError } from "~/api";
import { Icon } from "~/components/basics";
import { ErrorBlock, Skeleton } from "~/components/feedback";
import { useT } from "~/i18n";
import { Page } from "~/shell";
import { announce } from "~/shell/notices";
import { useShortcuts } from "~/shell/keys";
import { type Dialog, Dialogs } from "./actions/dialogs";
import { useRefusal } from "./actions/Act";
import { Body } from "./Body";
import type { RunView } from "~/run/model";
import { type RunPage, RunProvider, useRun, useShown } from "./data/context";
import { useSent } from "./data/sent";
import { type RunData, useRunData } from "./data/useRunData";
import { Head, titleOf } from "./head/Head";
import style from "./run.module.css";

const route = getRouteApi("/runs/$runId");
export const TABS = ["timeline", "trail", "outputs", "graph"] as const;
export type Tab = (typeof TABS)[number];

/** The address with one parameter changed; null takes it away. */
function changed<T extends object, K extends keyof T>(old: T, name: K, value: T[K] | null): T {
  const others = Object.fromEntries(Object.entries(old).filter(([other]) => other !== name)) as T;
  return value === null ? others : { ...others, [name]: value };
}

export function Run() {
  const { runId } = route.useParams();
  // Another run is another page: nothing of the one before may stay.
  return <OneRun key={runId} runId={runId} />;
}

function OneRun({ runId }: { runId: string }) {
  const t = useT();
  const data = useRunData(runId);
  const title = data.detail ? (data.detail.business_key ?? titleOf(data.detail)) : t("run.title");
  return (
    <Page title={title} ownHead={data.error === null && data.store !== null}>
      {data.error !== null ? (
        <div className={style.failed}>
          <NotShown error={data.error} onRetry={data.retry} />
        </div>
      ) : data.detail && data.store ? (
        <Loaded runId={runId} data={data} detail={data.detail} store={data.store} />
      ) : (
        <div className={style.failed}>
          <Skeleton rows={12} columns={[200, "1fr", 60]} height={26} />
        </div>
      )}
    </Page>
  );
}

/** A run that is not there does not come by trying again: on to those that are. */
function NotShown({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const t = useT();
  const gone = error instanceof ApiError && error.status === 404;
  if (!gone) return <ErrorBlock error={error} title={t("run.failed")} onRetry={onRetry} />;
  return (
    <ErrorBlock error={error} title={t("run.failed")} hint={t("run.missing.hint")}>
      <Button component={Link} to="/runs" leftSection={<Icon name="runs" />}>
        {t("run.missing.runs")}
      </Button>
    </ErrorBlock>
  );
}

function Loaded({ runId, data, detail, store }: { runId: string; data: RunData; detail: NonNullable<RunData["detail"]>; store: NonNullable<RunData["store"]> }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const sent = useSent();
  const { visit = null, event = null, tab = "timeline" } = search;
  const choose = useCallback((chosen: string | null) => void navigate({ search: (old) => changed(old, "visit", chosen), replace: true }), [navigate]);
  const travel = useCallback((to: number | null) => void navigate({ search: (old) => changed(old, "event", to !== null && to >= 1 && to < store.events.length ? to : null), replace: true }), [navigate, store]);
  const show = useCallback((to: Tab) => void navigate({ search: (old) => changed(old, "tab", to === "timeline" ? null : to), replace: true }), [navigate]);
  useEffect(() => store.travel(event), [store, event]);
  const page = useMemo<RunPage>(() => ({ runId, detail, store, chosen: visit, choose, travel, sent }), [runId, detail, store, visit, choose, travel, sent]);
  return (
    <RunProvider value={page}>
      <Shown tab={tab} show={show} data={data} />
    </RunProvider>
  );
}

function Shown({ tab, show, data }: { tab: Tab; show: (tab: Tab) => void; data: RunData }) {
  const [dialog, setDialog] = useState<Dialog | null>(null);
  useKeys(show, setDialog);
  useSaying();
  return (
    <div className={style.page}>
      <Head ask={setDialog} />
      <GapRow data={data} />
      <Body tab={tab} show={show} ask={setDialog} />
      <Dialogs asked={dialog} onClose={() => setDialog(null)} />
    </div>
  );
}

/** What the stream did not send, as a row in its place. */
function GapRow({ data }: { data: RunData }) {
  const t = useT();
  const missing = useShown((shown) => shown.missing);
  if (missing === 0) return null;
  return (
    <p className={style.gap}>
      <span>{missing === null ? t("run.gap.some") : t("run.gap.count", { count: missing })}</span>
      <Button disabled={data.filling} onClick={() => void data.fill()}>
        {t("run.gap.read")}
      </Button>
    </p>
  );
}

function useKeys(show: (tab: Tab) => void, ask: (dialog: Dialog) => void): void {
  const { travel, chosen, choose } = useRun();
  const shown = useShown((one) => one);
  const navigate = route.useNavigate();
  const refusal = useRefusal("run");
  const { live, event } = shown;
  const at = event ?? live.seq;
  const visit = chosen === null ? undefined : shown.view.visits.get(chosen);
  const task = visit?.status === "waiting" && visit.task !== null ? visit.task : firstTask(live);
  const repair = () => {
    const incident = visit?.incident ?? null;
    if (refusal !== null || !visit || incident === null) return false;
    return ask({ what: "resolve", visit: visit.id, incident });
  };
  useShortcuts("run", {
    ...Object.fromEntries(TABS.map((tab, place) => [String(place + 1), { label: `run.tab.${tab}` as const, run: () => show(tab) }])),
    "Shift+P": { label: "run.key.pause", run: () => (refusal !== null || live.run.endedAt !== null ? false : ask({ what: live.run.paused ? "resume" : "pause" })) },
    r: { label: "run.key.retry", run: repair },
    d: { label: "run.key.decide", run: () => (task === null ? false : void navigate({ to: "/inbox", search: { task } as never })) },
    ",": { label: "run.key.back", run: () => travel(Math.max(1, at - 1)) },
    ";": { label: "run.key.forward", run: () => (event === null ? false : travel(at + 1)) },
    l: { label: "run.key.live", run: () => travel(null) },
    Escape: { label: "run.key.clear", run: () => (event !== null ? travel(null) : chosen !== null ? choose(null) : false) },
  });
}

function firstTask(view: RunView): string | null {
  for (const id of view.open) {
    const visit = view.visits.get(id);
    if (visit?.status === "waiting" && visit.task !== null) return visit.task;
  }
  return null;
}

/** Tells screen readers when the run's own state changes, and that of the chosen visit. */
function useSaying(): void {
  const t = useT();
  const { chosen } = useRun();
  const status = useShown((shown) => shown.live.run.status);
  const paused = useShown((shown) => shown.live.run.paused);
  const visit = useShown((shown) => shown.live.visits.get(chosen ?? "")?.status ?? null);
  const before = useRef({ status, paused, chosen, visit });
  useEffect(() => {
    const old = before.current;
    before.current = { status, paused, chosen, visit };
    if (old.status !== status || old.paused !== paused) announce(t("run.announce.run", { state: paused ? "paused" : status }), "now");
    else if (old.chosen === chosen && old.visit !== visit && visit !== null) announce(t("run.announce.visit", { visit: chosen ?? "", state: visit }));
  }, [t, status, paused, chosen, visit]);
}
