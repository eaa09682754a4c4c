// One row: label, bars, how long it took. Drawn again only when its visit, the window or the selection changes.
import { memo } from "react";
import { Icon } from "~/components/basics";
import { Mark } from "~/components/state";
import { format, useT } from "~/i18n";
import type { RunView, Visit } from "~/run/model";
import { stateOf, tookOf } from "~/run/states";
import { barsOf } from "~/run/timeline/bars";
import type { Row } from "~/run/timeline/rows";
import { Bars, type Window } from "./Bars";
import { conditionOf, nameOf, noteOf, remarkOf, restOf, spokenOf } from "./words";
import style from "./timeline.module.css";

export interface RowProps {
  row: Row;
  visit: Visit | undefined;
  view: RunView;
  window: Window;
  chosen: boolean;
  active: boolean;
  id: string;
  place: number;
  size: number;
  top: number;
  /** The height of the row, px. */
  height: number;
  stacked: boolean;
  onChoose: (row: Row) => void;
  onOpen: (row: Row) => void;
  onFit: (visit: Visit) => void;
}

function same(a: RowProps, b: RowProps): boolean {
  const { view: viewA, ...restA } = a;
  const { view: viewB, ...restB } = b;
  const needsView = b.row.kind !== "visit";
  if (needsView && viewA !== viewB) return false;
  return (Object.keys(restA) as (keyof typeof restA)[]).every((key) => restA[key] === restB[key]);
}

export const TimelineRow = memo(function TimelineRow(props: RowProps) {
  const { row, visit, view, window, chosen, active, id, place, size, top, height, stacked, onChoose, onOpen, onFit } = props;
  return (
    // The keys are heard by the tree that owns the row: it has the focus, the row is its active descendant.
    <div
      id={id}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-posinset={place + 1}
      aria-setsize={size}
      aria-selected={chosen}
      aria-expanded={row.open ?? undefined}
      className={style.row}
      data-active={active || undefined}
      data-stacked={stacked || undefined}
      style={{ transform: `translateY(${top}px)`, height }}
      onClick={() => onChoose(row)}
      onDoubleClick={() => visit && onFit(visit)}
    >
      <span className={style.label} style={{ paddingInlineStart: 20 + 22 * row.depth }}>
        {row.open === null ? (
          <span className={style.twisty} />
        ) : (
          <span
            className={style.twisty}
            onClick={(event) => {
              event.stopPropagation();
              onOpen(row);
            }}
          >
            <Icon name={row.open ? "down" : "right"} size={12} />
          </span>
        )}
        <Label row={row} visit={visit} paused={window.paused} />
      </span>
      <span className={style.bars}>
        <RowBars row={row} visit={visit} view={view} window={window} stacked={stacked} />
      </span>
      <span className={style.took}>{visit && row.kind === "visit" && <Took visit={visit} now={window.now} />}</span>
    </div>
  );
}, same);

function Label({ row, visit, paused }: { row: Row; visit: Visit | undefined; paused: boolean }) {
  const t = useT();
  if (row.kind === "more") return <span>{t("run.more", { count: row.hidden.length })}</span>;
  const state = row.kind === "visit" && visit ? stateOf(visit, paused) : "scheduled";
  const note = visit && row.kind === "visit" ? noteOf(visit, t) : null;
  return (
    <>
      <Mark state={state} size={12} />
      <code className="truncate" data-quiet={state === "skipped" || state === "scheduled" || undefined} data-struck={state === "cancelled" || undefined}>
        {visit && row.kind === "visit" ? nameOf(visit) : row.step}
      </code>
      {note !== null && <span className="secondary">{note}</span>}
      <span className="visually-hidden">{visit && row.kind === "visit" ? spokenOf(visit, paused, t) : t("words.state.scheduled")}</span>
    </>
  );
}

function RowBars({ row, visit, view, window, stacked }: { row: Row; visit: Visit | undefined; view: RunView; window: Window; stacked: boolean }) {
  const t = useT();
  if (row.kind === "more") return <span className={style.words}>{restOf(view, row.hidden, t)}</span>;
  if (!visit) return <span className={style.words}>{conditionOf(view, row.step, t)}</span>;
  const remark = stacked ? null : remarkOf(visit, t);
  return (
    <Bars visit={visit} window={window}>
      {remark !== null && <Remark visit={visit} window={window} text={remark} />}
    </Bars>
  );
}

/** Words behind the last bar, or before it where there is no room. Text never stands over a hatch. */
function Remark({ visit, window, text }: { visit: Visit; window: Window; text: string }) {
  const last = barsOf(visit, window.axis, window.now, window.paused).at(-1);
  if (!last) return null;
  const end = last.x + last.width - window.left + 8;
  const room = end + text.length * 6.2 < window.width;
  const first = last.x - window.left - 8;
  return (
    <text x={room ? Math.max(4, end) : Math.min(window.width, first)} y="17" fontSize="12" fill="var(--ink-3)" textAnchor={room ? "start" : "end"}>
      {text}
    </text>
  );
}

function Took({ visit, now }: { visit: Visit; now: number }) {
  const took = tookOf(visit, now);
  return took === null ? null : <>{format.duration(took)}</>;
}
