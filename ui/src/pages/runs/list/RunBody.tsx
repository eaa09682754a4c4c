// Under the filter: the rows, or why there are none; what is selected, and the keys.
import { Button } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { EmptyState, ErrorBlock, Skeleton } from "~/components/feedback";
import { useT } from "~/i18n";
import { useTopicBatch } from "~/live";
import { queryText } from "~/pages/filter/address";
import { Grammar } from "~/pages/home/FirstInstall";
import { announce } from "~/shell/notices";
import { useShortcuts } from "~/shell/keys";
import { BulkBar } from "../bulk/BulkBar";
import { runQuery } from "../filter";
import type { UsedFilter } from "../useFilter";
import style from "./list.module.css";
import { newsOf } from "./news";
import { nameOf, type RunRow } from "./row";
import { RunTable } from "./RunTable";
import { all, NOTHING, range, type Selection, toggle } from "./selection";
import type { UsedList } from "./useRunList";

interface Props {
  list: UsedList;
  filter: UsedFilter;
  /** The filter in words. */
  sentence: string;
  total: number | null;
  workspace: string | undefined;
}

const NEWS_MS = 5_000;
const NO_ROWS: readonly RunRow[] = [];
const NONE: ReadonlySet<string> = new Set();
const COLUMNS = [14, 142, "1fr", 146, "1.5fr", 92, 86] as const;

/** Tells a screen reader which of the shown runs ended, all five seconds at most. */
function useAnnounced(rows: readonly RunRow[]): void {
  const t = useT();
  useTopicBatch(
    "activity",
    null,
    (frames) => {
      const news = newsOf(frames, new Map(rows.map((run) => [run.run_id, nameOf(run)])));
      if (!news) return;
      const parts = [news.completed > 0 && t("runs.news.completed", { count: news.completed }), news.failed > 0 && t("runs.news.failed", { count: news.failed, name: news.name })];
      announce(parts.filter(Boolean).join(", "));
    },
    NEWS_MS,
  );
}

/** Where the keys are, and what is selected. */
function useRows(rows: readonly RunRow[], list: UsedList) {
  const navigate = useNavigate();
  const [active, setActive] = useState(0);
  const [selection, setSelection] = useState<Selection>(NOTHING);
  /** Not those, but all that fit this query, also what is not shown. */
  const [whole, setWhole] = useState<string | null>(null);
  const focusRow = useRef<((place: number) => void) | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const ids = () => rows.map((run) => run.run_id);
  const here = rows[active];
  const inList = () => scroller.current?.contains(document.activeElement) === true;

  const go = (by: number) => {
    const next = Math.min(rows.length - 1, Math.max(0, inList() ? active + by : active));
    if (rows.length === 0) return false;
    setActive(next);
    focusRow.current?.(next);
    return true;
  };
  const change = (next: Selection) => {
    setWhole(null);
    setSelection(next);
  };
  const select = (extend: boolean) => here && change(extend ? range(selection, ids(), here.run_id) : toggle(selection, here.run_id));
  const clear = () => change(NOTHING);
  /** The bar goes and takes the focus with it: it goes on where the keys are. */
  const leaveBar = () => {
    clear();
    focusRow.current?.(active);
  };
  const showNewer = () => {
    list.showNewer();
    scroller.current?.scrollTo({ top: 0 });
  };
  useShortcuts("list", {
    j: { label: "keys.down", run: () => go(1) },
    ArrowDown: { label: "keys.down", run: () => inList() && go(1) },
    k: { label: "keys.up", run: () => go(-1) },
    ArrowUp: { label: "keys.up", run: () => inList() && go(-1) },
    Enter: { label: "keys.open" },
    x: { label: "keys.select", run: () => select(false) },
    "Shift+X": { label: "keys.range", run: () => select(true) },
    "Mod+A": { label: "keys.all", run: () => change(all(selection, ids())) },
    ".": { label: "runs.key.newer", run: showNewer },
    n: { label: "runs.key.start", run: () => void navigate({ to: "/start" }) },
    Escape: { label: "keys.escape", run: () => selection.ids.size > 0 && (clear(), true) },
  });
  return { active, setActive, selection, change, whole, setWhole, leaveBar, focusRow, scroller, ids };
}

export function RunBody({ list, filter, sentence, total, workspace }: Props) {
  const rows = list.data?.list.items ?? NO_ROWS;
  const used = useRows(rows, list);
  const { selection, change } = used;
  useAnnounced(rows);
  const latest = useRef({ rows, selection, change });
  useEffect(() => {
    latest.current = { rows, selection, change };
  });
  const onSelect = useCallback((place: number, extend: boolean) => {
    const now = latest.current;
    const run = now.rows[place];
    if (run) now.change(extend ? range(now.selection, now.rows.map((one) => one.run_id), run.run_id) : toggle(now.selection, run.run_id));
  }, []);
  const navigate = useNavigate();
  const onOpen = useCallback((runId: string) => void navigate({ to: "/runs/$runId", params: { runId } }), [navigate]);
  if (list.error) return <Inner><ErrorBlock error={list.error} onRetry={list.reload} /></Inner>;
  if (!list.data) return <Skeleton rows={24} columns={COLUMNS} />;
  if (rows.length === 0) return <Inner><Empty filter={filter} sentence={sentence} workspace={workspace} fresh={list.data.list.fresh.length > 0} /></Inner>;
  const selected = rows.filter((run) => selection.ids.has(run.run_id));
  const which = used.whole === null ? { ids: [...selection.ids] } : { query: used.whole };
  const takeAll = () => used.setWhole(queryText(runQuery(filter, Date.now(), workspace)));
  const more = used.whole === null && total !== null && selected.length === rows.length && total > selected.length ? total : null;
  return (
    <>
      <RunTable
        rows={rows}
        left={list.data.list.left}
        selected={selection.ids.size > 0 ? selection.ids : NONE}
        active={used.active}
        onActive={used.setActive}
        search={workspace === undefined ? "" : `?ws=${encodeURIComponent(workspace)}`}
        onOpen={onOpen}
        onSelect={onSelect}
        onSelectAll={() => change(all(selection, used.ids()))}
        more={list.data.next === null || list.moreError !== null ? null : list.more}
        total={total}
        foot={<Foot list={list} total={total} />}
        focusRow={used.focusRow}
        scroller={used.scroller}
      />
      {selection.ids.size > 0 && (
        <BulkBar
          runs={selected}
          which={which}
          count={used.whole !== null && total !== null ? total : selection.ids.size}
          more={more}
          onAll={takeAll}
          onClear={used.leaveBar}
        />
      )}
    </>
  );
}

function Inner({ children }: { children: ReactNode }) {
  return <div className={style.inner}>{children}</div>;
}

/** Under the last row: that it is the last, that it is read on, or why not. */
function Foot({ list, total }: { list: UsedList; total: number | null }) {
  const t = useT();
  if (list.moreError !== null) return <Inner><ErrorBlock error={list.moreError} title={t("runs.more.failed")} onRetry={list.more} /></Inner>;
  if (list.data?.next !== null) return <p className={style.foot}>{t("runs.more.loading")}</p>;
  return <p className={style.foot} data-end>{t("runs.more.end", { count: total ?? list.data.list.items.length })}</p>;
}

function Empty({ filter, sentence, workspace, fresh }: { filter: UsedFilter; sentence: string; workspace: string | undefined; fresh: boolean }) {
  const t = useT();
  const start = (
    <Button component={Link} to="/start" variant="filled">
      {t("runs.start")}
    </Button>
  );
  const filters = filter.tokens.length + (filter.words === "" ? 0 : 1);
  if (filters > 0) {
    const clear = <Button onClick={() => filter.change({ tokens: [], words: "" })}>{t("components.filter.clear", { count: filters })}</Button>;
    return <EmptyState action={clear}>{t("runs.empty.filtered", { filter: sentence })}</EmptyState>;
  }
  if (workspace !== undefined || fresh) return <EmptyState action={start}>{t("runs.empty.workspace")}</EmptyState>;
  return (
    <>
      <EmptyState action={start}>{t("runs.empty.first")}</EmptyState>
      <Grammar />
    </>
  );
}
