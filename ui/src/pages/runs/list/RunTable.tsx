// The list, however long: only what can be seen is drawn, and the row that has the focus, which is never taken away.
import { defaultRangeExtractor, type Range, useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type RefObject, useEffect } from "react";
import { useT } from "~/i18n";
import { useNarrow } from "~/shell";
import { useSettings } from "~/settings/store";
import style from "./list.module.css";
import { type RunRow as Run } from "./row";
import { RunRow } from "./RunRow";

const HEIGHT = 31;
const NARROW = 58;
const ROOMY = 6;
/** Rows before the end at which the next page is read. */
const AHEAD = 60;
const COLUMNS = ["state", "run", "trail", "waits", "started", "age"] as const;

export interface TableProps {
  rows: readonly Run[];
  left: ReadonlySet<string>;
  selected: ReadonlySet<string>;
  /** Place of the row where the keys are. */
  active: number;
  onActive: (place: number) => void;
  onSelect: (place: number, range: boolean) => void;
  search: string;
  onOpen: (id: string) => void;
  onSelectAll: () => void;
  /** More rows can be read; called when their place comes into sight. */
  more: (() => void) | null;
  /** Of all rows, also those not read; null: not known. */
  total: number | null;
  /** Under the last row. */
  foot: ReactNode;
}

interface Refs {
  /** Moves the focus to a row; given by the table. */
  focusRow: RefObject<((place: number) => void) | null>;
  scroller: RefObject<HTMLDivElement | null>;
}

/** Rows in sight, and the active one wherever it is. */
function withActive(active: number) {
  return (range: Range): number[] => {
    const places = defaultRangeExtractor(range);
    return active >= range.count || places.includes(active) ? places : [...places, active].sort((a, b) => a - b);
  };
}

function useRows({ rows, active, more }: TableProps, { focusRow, scroller }: Refs) {
  const narrow = useNarrow();
  const roomy = useSettings((settings) => settings.density === "roomy");
  const height = (narrow ? NARROW : HEIGHT) + (roomy ? ROOMY : 0);
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are called here only, never handed to a memoised child
  const virtual: Virtualizer<HTMLDivElement, Element> = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
    scrollPaddingStart: narrow ? 0 : 32,
    scrollPaddingEnd: 64,
    getItemKey: (place) => rows[place]?.run_id ?? place,
    rangeExtractor: withActive(active),
  });
  useEffect(() => virtual.measure(), [virtual, height]);
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && rows.length > 0 && last >= rows.length - AHEAD) more();
  }, [more, rows.length, last]);
  useEffect(() => {
    focusRow.current = (place) => {
      virtual.scrollToIndex(place, { align: "auto" });
      const find = () => scroller.current?.querySelector<HTMLElement>(`[data-place="${place}"] [data-row]`)?.focus({ preventScroll: true });
      requestAnimationFrame(() => requestAnimationFrame(find));
    };
  }, [virtual, focusRow, scroller]);
  return { virtual, shown, height, narrow };
}

function Head({ rows, selected, onSelectAll }: Pick<TableProps, "rows" | "selected" | "onSelectAll">) {
  const t = useT();
  const count = rows.filter((row) => selected.has(row.run_id)).length;
  const every = count > 0 && count === rows.length;
  return (
    <div role="row" aria-rowindex={1} className={style.head}>
      <span role="columnheader" className={style.check}>
        <input
          ref={(box) => {
            if (box) box.indeterminate = count > 0 && !every;
          }}
          type="checkbox"
          checked={every}
          onChange={onSelectAll}
          aria-label={t("runs.selectAll")}
        />
      </span>
      {COLUMNS.map((column) => (
        <span role="columnheader" key={column} data-column={column}>
          {t(`runs.column.${column}`)}
        </span>
      ))}
    </div>
  );
}

export function RunTable({ focusRow, scroller, ...props }: TableProps & Refs) {
  const t = useT();
  const { virtual, shown, height, narrow } = useRows(props, { focusRow, scroller });
  const { rows, left, selected, active, total } = props;
  return (
    <div ref={scroller} className={style.scroller} data-pane="runs" data-live tabIndex={-1}>
      <div role="table" aria-label={t("runs.list")} aria-rowcount={total === null ? -1 : total + 1}>
        <Head rows={rows} selected={selected} onSelectAll={props.onSelectAll} />
        <div role="rowgroup" className={style.rows} style={{ height: virtual.getTotalSize() }}>
          {shown.map((item) => {
            const run = rows[item.index];
            return (
              run && (
                <div key={item.key} role="presentation" className={style.place} style={{ transform: `translateY(${item.start}px)`, height }}>
                  <RunRow
                    run={run}
                    place={item.index}
                    selected={selected.has(run.run_id)}
                    active={item.index === active}
                    left={left.has(run.run_id)}
                    narrow={narrow}
                    search={props.search}
                    onOpen={props.onOpen}
                    onSelect={props.onSelect}
                    onActive={props.onActive}
                  />
                </div>
              )
            );
          })}
        </div>
      </div>
      {props.foot}
    </div>
  );
}
