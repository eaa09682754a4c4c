// One run as one line (two where it is narrow). The whole line is the link; the check box is a stop of its own.
import { type MouseEvent, memo } from "react";
import { Age, At } from "~/components/basics";
import { solid, TrailStrip } from "~/components/state";
import { useT } from "~/i18n";
import style from "./list.module.css";
import { nameOf, notchesOf, type RunRow as Run, stateOf } from "./row";
import { RunState, WaitsFor } from "./StateText";
import { useJustChanged } from "./useJustChanged";

export interface RowProps {
  run: Run;
  /** Place in the list, from 0. */
  place: number;
  selected: boolean;
  /** Where the keys are: its controls are stops of the Tab key. */
  active: boolean;
  /** It no longer fits the filter. */
  left: boolean;
  narrow: boolean;
  /** Of the address of every run: the workspace. */
  search: string;
  /** A plain click or Enter; with Ctrl and the like the browser does what it does with links. */
  onOpen: (id: string) => void;
  onSelect: (place: number, range: boolean) => void;
  onActive: (place: number) => void;
}

export const RunRow = memo(function RunRow({ run, place, selected, active, left, narrow, search, onOpen, onSelect, onActive }: RowProps) {
  const t = useT();
  const changed = useJustChanged(run.updated_at);
  const name = nameOf(run);
  const stop = active ? 0 : -1;
  const open = (event: MouseEvent) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onOpen(run.run_id);
  };
  const age = <Age since={run.created_at} until={run.ended_at} />;
  const strip = <TrailStrip notches={notchesOf(run.strip)} most={narrow ? 7 : 9} />;
  return (
    <div
      role="row"
      aria-rowindex={place + 2}
      className={style.row}
      data-selected={selected || undefined}
      data-left={left || undefined}
      data-place={place}
      onFocus={() => onActive(place)}
    >
      {changed && <span className={style.changed} style={{ background: solid(stateOf(run)) }} />}
      <span role="cell" className={style.check}>
        <input
          type="checkbox"
          checked={selected}
          tabIndex={stop}
          aria-label={t("components.list.select", { name })}
          onChange={(event) => onSelect(place, (event.nativeEvent as MouseEvent["nativeEvent"]).shiftKey)}
        />
      </span>
      <span role="cell" className={style.state}>
        <RunState run={run} />
      </span>
      <span role="cell" className={style.run}>
        <a href={`/runs/${encodeURIComponent(run.run_id)}${search}`} tabIndex={stop} className={style.link} data-row onClick={open}>
          <code className="truncate" title={run.run_id}>
            {name}
          </code>
          <span className="truncate">{run.segment_name ?? run.segment_id}</span>
        </a>
        {left && <span className="visually-hidden">{t("runs.left")}</span>}
      </span>
      <span role="cell" className={style.strip}>
        {strip}
      </span>
      <span role="cell" className={style.waits}>
        <span className="truncate">
          <WaitsFor run={run} />
        </span>
      </span>
      <span role="cell" className={style.started}>
        <At time={run.created_at} />
      </span>
      <span role="cell" className={style.age}>
        {age}
      </span>
    </div>
  );
});
