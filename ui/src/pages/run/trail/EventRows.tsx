// The rows of the trail as a grid with one focus; keys walk it.
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, memo, useCallback, useRef } from "react";
import { Mark, type State } from "~/components/state";
import { useT } from "~/i18n";
import type { RunView, TrailEvent } from "~/run/model";
import { clockLabel, localZone } from "~/run/timeline/axis";
import { momentOf } from "~/run/fold";
import { useRun } from "../data/context";
import { saysOf } from "./says";
import { useAnchor } from "./useAnchor";
import style from "./trail.module.css";

const ROW = 26;
const HEAD = 28;
const WALK: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity };

const MARKS: Readonly<Record<string, State>> = {
  "step.scheduled": "scheduled", "step.started": "running", "step.completed": "completed", "step.failed": "failed", "step.skipped": "skipped",
  "step.cancelled": "cancelled", "step.retrying": "retrying", "step.timed_out": "retrying", "step.interrupted": "retrying", "step.answered": "running",
  "timer.set": "waiting", "timer.fired": "waiting", "incident.opened": "incident", "incident.resolved": "incident", "segment.started": "running",
  "segment.completed": "completed", "segment.failed": "failed", "segment.cancelled": "cancelled", "segment.cancel_requested": "cancelled", "segment.paused": "paused",
  "segment.resumed": "running", "scope.ended": "completed",
};

function markOf(event: TrailEvent): State {
  if (event.event_type.startsWith("human.")) return "person";
  if (event.event_type === "scope.ended" && event.error) return "failed";
  return MARKS[event.event_type] ?? "scheduled";
}

interface Props {
  events: readonly TrailEvent[];
  view: RunView;
  active: number;
  walk: (seq: number) => void;
  id: string;
}

export function EventRows({ events, view, active, walk, id }: Props) {
  const t = useT();
  const { choose, chosen } = useRun();
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- its object changes in place; nothing here is memoised on it
  const list = useVirtualizer({ count: events.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 10, scrollPaddingStart: HEAD });
  const added = useCallback((since: number) => events.findIndex((event) => event.seq <= since), [events]);
  useAnchor(scroller, events[0]?.seq, ROW, added);
  const take = useCallback(
    (event: TrailEvent) => {
      walk(event.seq);
      if (event.visit) choose(event.visit);
    },
    [walk, choose],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = events[active];
    const step = WALK[event.key];
    if (step !== undefined) {
      const place = Math.min(events.length - 1, Math.max(0, active + step));
      const next = events[place];
      if (next) walk(next.seq);
      list.scrollToIndex(place, { align: "auto" });
    } else if (event.key === "Enter" && here) take(here);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const columns = ["seq", "time", "event", "visit", "says", "actor"] as const;
  return (
    <div ref={scroller} className={style.grid} role="grid" tabIndex={0} data-pane aria-label={t("run.tab.trail")} aria-rowcount={events.length + 1} aria-activedescendant={`${id}${events[active]?.seq ?? ""}`} onKeyDown={onKeyDown}>
      <div role="rowgroup" className={style.headGroup}>
        <div role="row" aria-rowindex={1} className={style.heads}>
          {columns.map((column) => (
            <span key={column} role="columnheader" data-column={column}>
              {t(`run.trail.${column}`)}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" className={style.sheet} style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map(({ index, start }) => {
            const event = events[index];
            if (!event) return null;
            return <EventRow key={event.seq} id={`${id}${event.seq}`} event={event} view={view} place={index + 2} top={start} active={index === active} chosen={event.visit !== undefined && event.visit === chosen} onTake={take} />;
        })}
      </div>
    </div>
  );
}

interface RowProps {
  id: string;
  event: TrailEvent;
  view: RunView;
  place: number;
  top: number;
  active: boolean;
  chosen: boolean;
  onTake: (event: TrailEvent) => void;
}

/** An event never changes; its words need the view only for the graph, which never changes either. */
const EventRow = memo(
  function EventRow({ id, event, view, place, top, active, chosen, onTake }: RowProps) {
    const t = useT();
    const at = momentOf(event.timestamp);
    return (
      <div id={id} role="row" aria-rowindex={place} aria-selected={chosen} data-active={active || undefined} className={style.row} style={{ transform: `translateY(${top}px)` }} onClick={() => onTake(event)}>
        <span role="gridcell" data-column="seq">
          {event.seq}
        </span>
        <span role="gridcell" data-column="time" title={event.timestamp}>
          <code>{clockLabel(at, localZone, 1, true)}</code>
        </span>
        <span role="gridcell" data-column="event">
          <Mark state={markOf(event)} size={12} />
          <code>{event.event_type}</code>
        </span>
        <span role="gridcell" data-column="visit">
          <code>{event.visit ?? ""}</code>
        </span>
        <span role="gridcell" data-column="says" className="truncate">
          {saysOf(event, view, t)}
        </span>
        <span role="gridcell" data-column="actor" className="truncate">
          {event.principal ?? t("run.engine")}
        </span>
      </div>
    );
  },
  (a, b) => a.event === b.event && a.top === b.top && a.place === b.place && a.active === b.active && a.chosen === b.chosen && a.view.plan === b.view.plan,
);
