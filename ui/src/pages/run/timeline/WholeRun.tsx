// The whole run in one strip of 22, and the part of it that the timeline shows. Drag to move the part.
import { type PointerEvent, useMemo, useRef } from "react";
import { solid } from "~/components/state";
import { format, useT } from "~/i18n";
import type { RunView } from "~/run/model";
import { timeAt } from "~/run/timeline/axis";
import { overview, spanOf } from "~/run/timeline/window";
import type { Window } from "./Bars";
import type { View } from "./useAxis";
import style from "./timeline.module.css";

const COLUMNS = 240;

export function WholeRun({ view, window, shown }: { view: RunView; window: Window; shown: View }) {
  const t = useT();
  const { from, to } = spanOf(view, window.now);
  // Once a second is enough for the strip; `now` moves so.
  const columns = useMemo(() => overview(view, COLUMNS, window.now), [view, window.now]);
  const width = window.width;
  const place = (at: number) => ((Math.min(to, Math.max(from, at)) - from) / (to - from)) * width;
  const begin = place(timeAt(window.axis, window.left));
  const end = place(timeAt(window.axis, window.left + width));
  const held = useRef<number | null>(null);
  const move = (event: PointerEvent<SVGSVGElement>) => {
    if (held.current === null) return;
    const at = from + ((event.clientX - held.current - event.currentTarget.getBoundingClientRect().left) / width) * (to - from);
    const length = timeAt(window.axis, window.left + width) - timeAt(window.axis, window.left);
    shown.fit(at + length * 0.1, at + length * 0.9);
  };
  return (
    <div className={style.whole}>
      <span className={style.wholeLabel}>{t("run.whole")}</span>
      <svg
        className="waymark"
        width={width}
        height="40"
        role="img"
        aria-label={t("run.wholeLabel", { from: format.clock(from, { seconds: true }), to: format.clock(to, { seconds: true }) })}
        onPointerDown={(event) => {
          held.current = event.clientX - event.currentTarget.getBoundingClientRect().left - begin;
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={move}
        onPointerUp={() => (held.current = null)}
      >
        <rect x="0.5" y="0.5" width={Math.max(0, width - 1)} height="21" rx="2" fill="var(--sunken)" stroke="var(--rule)" />
        {columns.map((state, place) =>
          state === null ? null : (
            // The columns of a strip have no identity but their place.
            <rect key={place} x={(place / COLUMNS) * width} y={state === "completed" ? 9 : 6} width={width / COLUMNS + 0.5} height={state === "completed" ? 4 : 10} fill={solid(state)} />
          ),
        )}
        <path d={`M${begin} 0v22M${Math.max(begin + 4, end)} 0v22`} stroke="var(--ink-0)" strokeWidth="2" />
        <rect x={begin} y="0" width={Math.max(4, end - begin)} height="22" fill="none" stroke="var(--ink-0)" strokeWidth="1" />
        <text y="36" fontSize="11" fill="var(--ink-3)">
          {format.clock(from)}
        </text>
        <text x={width} y="36" fontSize="11" textAnchor="end" fill="var(--ink-3)">
          {format.clock(to)}
        </text>
      </svg>
    </div>
  );
}
