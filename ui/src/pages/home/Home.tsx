// Home, in fixed order: what needs me, what needs repair, what moves. Beside it the last day, who is here, what happened lately.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Section } from "~/components/basics";
import { ErrorBlock, Skeleton } from "~/components/feedback";
import { useT } from "~/i18n";
import { useHeld } from "~/live/useHeld";
import { Newer } from "~/pages/runs/list/Newer";
import { useRunList } from "~/pages/runs/list/useRunList";
import { Page, useNarrow, useWorkspace } from "~/shell";
import { useShortcuts } from "~/shell/keys";
import { BELOW, CAUSE_ORDER, failedAfter, OPEN, OVER, TASK_ORDER, useAttention, useFreshHome, useRunCounts, useTasks, useTaskStrips } from "./data";
import { FirstInstall } from "./FirstInstall";
import { CauseRow, MotionRow, TaskRow } from "./Rows";
import { Sentence, Today } from "./Sentence";
import { HereNow, LastDay, Lately } from "./Side";
import { useAskedAnnounced } from "./useAskedAnnounced";
import { walkRows } from "./walk";
import style from "./home.module.css";

const MOTION = 10;

interface Listed {
  pending: boolean;
  error: unknown;
  retry: () => void;
  /** Height of a row, px. */
  height: number;
  empty: string;
  rows: ReactNode[] | undefined;
}

/** Loading, error, empty or rows: at the height of a row each, so that nothing jumps when the first one comes. */
function Rows({ pending, error, retry, height, empty, rows }: Listed) {
  if (rows === undefined && error) return <ErrorBlock error={error} onRetry={retry} />;
  if (rows === undefined || pending) return <Skeleton rows={3} columns={[14, "1fr", 146, 100]} height={height} />;
  if (rows.length === 0) {
    return (
      <p className={style.quiet} style={{ minHeight: height }}>
        {empty}
      </p>
    );
  }
  return <ul>{rows}</ul>;
}

function WaitsForYou() {
  const t = useT();
  const workspace = useWorkspace();
  const tasks = useTasks(workspace);
  const strips = useTaskStrips(workspace).data;
  const [list, show] = useHeld(`tasks ${workspace ?? ""}`, tasks.data?.tasks, TASK_ORDER);
  useAskedAnnounced(tasks.data?.tasks);
  const rows = list?.items.map((task) => (
    <TaskRow key={task.task_id} task={task} strip={task.run_id === null ? null : strips?.get(task.run_id)} left={list.left.has(task.task_id)} />
  ));
  const aside = <Link to="/inbox">{t("home.waits.all")}</Link>;
  return (
    <Section title={t("home.waits.title")} count={tasks.data?.open_count ?? null} note={<Newer count={list?.fresh.length ?? 0} what="tasks" onShow={show} />} aside={aside}>
      <Rows pending={tasks.isPending} error={tasks.error} retry={() => void tasks.refetch()} height={46} empty={t("home.waits.empty")} rows={rows} />
    </Section>
  );
}

function NeedsRepair() {
  const t = useT();
  const workspace = useWorkspace();
  const attention = useAttention(workspace);
  const [list, show] = useHeld(`causes ${workspace ?? ""}`, attention.data?.causes, CAUSE_ORDER);
  const rows = list?.items.map((cause) => <CauseRow key={CAUSE_ORDER.key(cause)} cause={cause} left={list.left.has(CAUSE_ORDER.key(cause))} />);
  const causes = attention.data?.causes ?? [];
  const runs = causes.reduce((sum, cause) => sum + cause.runs, 0);
  const note = (
    <>
      {causes.length > 0 && t("home.repair.note", { causes: causes.length, runs })} <Newer count={list?.fresh.length ?? 0} what="causes" onShow={show} />
    </>
  );
  const aside = (
    <Link to="/runs" search={{ status: OVER, ...BELOW } as never}>
      {t("home.repair.all")}
    </Link>
  );
  return (
    <Section title={t("home.repair.title")} note={note} aside={aside}>
      <Rows pending={attention.isPending} error={attention.error} retry={() => void attention.refetch()} height={46} empty={t("home.repair.empty")} rows={rows} />
    </Section>
  );
}

function InMotion({ moving }: { moving: number | null }) {
  const t = useT();
  const workspace = useWorkspace();
  const runs = useRunList(
    ["motion", workspace ?? null],
    () => ({ query: { status: OPEN, ...(workspace === undefined ? {} : { workspace_id: workspace }) }, order: "newest" }),
    MOTION,
  );
  const list = runs.data?.list;
  useShortcuts("home", { ".": { label: "runs.key.newer", run: runs.showNewer } });
  const rows = list?.items.map((run) => <MotionRow key={run.run_id} run={run} left={list.left.has(run.run_id)} />);
  const aside = (
    <Link to="/runs" search={{ status: OPEN } as never}>
      {t("home.motion.all")}
    </Link>
  );
  return (
    <Section title={t("home.motion.title")} count={moving} note={<Newer count={list?.fresh.length ?? 0} what="runs" onShow={runs.showNewer} keys="." />} aside={aside}>
      <Rows pending={false} error={runs.error} retry={runs.reload} height={32} empty={t("home.motion.empty")} rows={rows} />
    </Section>
  );
}

export function Home() {
  const t = useT();
  const narrow = useNarrow();
  const workspace = useWorkspace();
  const counts = useRunCounts(workspace).data;
  const attention = useAttention(workspace).data;
  useFreshHome();
  useShortcuts("home", {
    j: { label: "keys.down", run: () => walkRows(1) },
    ArrowDown: { label: "keys.down", run: () => walkRows(1) },
    k: { label: "keys.up", run: () => walkRows(-1) },
    ArrowUp: { label: "keys.up", run: () => walkRows(-1) },
  });
  const sum = (kind: string) => attention?.causes.filter((cause) => cause.kind === kind).reduce((all, cause) => all + cause.runs, 0) ?? 0;
  const moving = counts ? OPEN.reduce((all, status) => all + (counts.by_status[status] ?? 0), 0) : null;
  const first = counts?.total === 0 && attention?.open_tasks === 0 && workspace === undefined;
  return (
    <Page title={t("home.title")} ownHead>
      {!narrow && <h1 className="visually-hidden">{t("home.title")}</h1>}
      {first ? (
        <FirstInstall />
      ) : (
        <div className={style.home}>
          <div className={style.intro}>
            <Today />
            {attention && counts && (
              <Sentence decisions={attention.open_tasks} due={attention.due_next} incidents={sum("incident")} failed={sum("failed")} failedAfter={failedAfter(attention.causes)} moving={moving ?? 0} />
            )}
          </div>
          <div className={style.work}>
            <WaitsForYou />
            <NeedsRepair />
            <InMotion moving={moving} />
          </div>
          <aside className={style.side} aria-label={t("home.side")}>
            <LastDay />
            <HereNow />
            <Lately />
          </aside>
        </div>
      )}
    </Page>
  );
}
