// The timeline: a row a visit, of which only those in sight are drawn; axis above, the whole run below.
import { SegmentedControl } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { useNow } from "~/components/basics/Clock";
import { useT } from "~/i18n";
import type { RunView, Visit } from "~/run/model";
import { type Row, timelineRows, turnedFor } from "~/run/timeline/rows";
import { useNarrow } from "~/shell";
import { useShortcuts } from "~/shell/keys";
import { useRun, useShown, useView } from "../data/context";
import { AxisHead, Ground } from "./AxisHead";
import type { Window } from "./Bars";
import { Patterns } from "./Patterns";
import { TimelineRow } from "./TimelineRow";
import { useAxis, type View } from "./useAxis";
import { usePointer } from "./usePointer";
import { WholeRun } from "./WholeRun";
import style from "./timeline.module.css";

const LABEL = 256;
const TOOK = 78;
const ROW = 26;
const STACKED = 44;

function useRows(): { rows: Row[]; turn: (row: Row) => void } {
  const view = useView();
  const { chosen } = useRun();
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => timelineRows(view, turned), [view, turned]);
  const turn = useCallback((row: Row) => {
    setTurned((before) => {
      const after = new Set(before);
      if (!after.delete(row.key)) after.add(row.key);
      return after;
    });
  }, []);
  // What was chosen elsewhere (in the graph, by a link) is opened here.
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (chosen === shown.current || chosen === null || !view.visits.has(chosen)) return;
    shown.current = chosen;
    setTurned((before) => turnedFor(view, before, chosen));
  }, [chosen, view]);
  return { rows, turn };
}

function useWindow(room: number, narrow: boolean): { view: RunView; window: Window; shown: View; open: boolean } {
  const view = useView();
  const travelling = useShown((shown) => shown.event !== null);
  const clock = useNow();
  const now = travelling ? view.at : Math.max(clock, view.at);
  const width = Math.max(80, narrow ? room - 32 : room - LABEL - TOOK);
  const shown = useAxis(view, now, width);
  const window = useMemo<Window>(
    () => ({ axis: shown.axis, left: shown.left, width, now, paused: view.run.paused }),
    [shown.axis, shown.left, width, now, view.run.paused],
  );
  return { view, window, shown, open: view.run.endedAt === null && !travelling };
}

export function Timeline() {
  const t = useT();
  const narrow = useNarrow();
  const { ref: sized, width: room } = useElementSize();
  const { view, window, shown, open } = useWindow(room, narrow);
  useShortcuts("run", {
    "+": { label: "run.key.zoomIn", run: shown.zoomIn },
    "-": { label: "run.key.zoomOut", run: shown.zoomOut },
    w: { label: "run.key.fold", run: () => shown.fold(!shown.folded) },
    Home: { label: "run.key.first", run: shown.first },
    End: { label: "run.key.now", run: shown.last },
    ArrowLeft: { label: "run.key.pan" },
    ArrowRight: { label: "run.key.pan" },
    j: { label: "run.key.walk" },
    k: { label: "run.key.walk" },
    Space: { label: "run.key.open" },
    Enter: { label: "run.key.inspect" },
  });
  return (
    <div ref={sized} className={style.timeline} data-stacked={narrow || undefined}>
      <Patterns />
      <div className={style.head}>
        <SegmentedControl
          aria-label={t("run.waits")}
          value={shown.folded ? "fold" : "real"}
          onChange={(value) => shown.fold(value === "fold")}
          data={[
            { value: "fold", label: t("run.fold") },
            { value: "real", label: t("run.real") },
          ]}
        />
        {!narrow && <AxisHead window={window} open={open} />}
        {!narrow && <span className={style.tookHead}>{t("run.tookHead")}</span>}
      </div>
      <Rows view={view} window={window} shown={shown} open={open} narrow={narrow} />
      {!narrow && <WholeRun view={view} window={window} shown={shown} />}
    </div>
  );
}

interface RowsProps {
  view: RunView;
  window: Window;
  shown: View;
  open: boolean;
  narrow: boolean;
}

function Rows({ view, window, shown, open, narrow }: RowsProps) {
  const t = useT();
  const { rows, turn } = useRows();
  const { chosen, choose } = useRun();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const height = narrow ? STACKED : ROW;
  // eslint-disable-next-line react-hooks/incompatible-library -- its object changes in place; nothing here is memoised on it
  const list = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: 8 });
  useEffect(() => list.measure(), [list, height]);
  const at = rows.findIndex((row) => row.key === chosen);
  useEffect(() => {
    if (at >= 0) list.scrollToIndex(at, { align: "auto" });
  }, [list, at]);
  const [walked, setWalked] = useState<string | null>(null);
  const active = Math.max(0, rows.findIndex((row) => row.key === (walked ?? chosen)));
  const onChoose = useCallback((row: Row) => (row.kind === "more" ? turn(row) : (setWalked(row.key), choose(row.key))), [choose, turn]);
  const { fit } = shown;
  const { now } = window;
  const onFit = useCallback((visit: Visit) => fit(visit.startedAt ?? visit.since, visit.endedAt ?? now), [fit, now]);
  const onKeyDown = useTreeKeys({ rows, active, walk: setWalked, show: (place) => list.scrollToIndex(place, { align: "auto" }), turn, onChoose, pan: shown.pan });
  usePointer(scroller, shown, narrow ? 0 : LABEL);
  const of = { view, window, height, stacked: narrow, size: rows.length, onChoose, onOpen: turn, onFit };
  return (
    <div
      ref={scroller}
      className={style.rows}
      role="tree"
      tabIndex={0}
      data-pane
      aria-label={t("run.tab.timeline")}
      aria-activedescendant={rows[active] ? `${id}${active}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div role="none" className={style.sheet} style={{ height: Math.max(list.getTotalSize(), 1) }}>
        {!narrow && <Ground window={window} height={list.getTotalSize()} open={open} />}
        {list.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          const chosenHere = row.kind !== "more" && row.key === chosen;
          return <TimelineRow key={row.key} {...of} row={row} visit={view.visits.get(row.visit)} chosen={chosenHere} active={index === active} id={`${id}${index}`} place={index} top={start} />;
        })}
      </div>
    </div>
  );
}

interface Keys {
  rows: readonly Row[];
  active: number;
  walk: (key: string) => void;
  show: (place: number) => void;
  turn: (row: Row) => void;
  onChoose: (row: Row) => void;
  pan: (px: number) => void;
}

const WALK: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: 15, PageUp: -15 };
const PAN: Record<string, number> = { ArrowLeft: -80, ArrowRight: 80 };

/** The keys of the tree while it has the focus. */
function useTreeKeys({ rows, active, walk, show, turn, onChoose, pan }: Keys) {
  return (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[active];
    const step = WALK[event.key];
    const by = PAN[event.key];
    if (step !== undefined) {
      const place = Math.min(rows.length - 1, Math.max(0, active + step));
      const next = rows[place];
      if (next) walk(next.key);
      show(place);
    } else if (by !== undefined) pan(by);
    else if (event.key === "Enter" && row) onChoose(row);
    else if (event.key === " " && row && row.open !== null) turn(row);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
}
