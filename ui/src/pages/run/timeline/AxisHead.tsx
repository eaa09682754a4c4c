// The head of the timeline: ticks, folded stretches with their length, now as a flag.
import { format, useT } from "~/i18n";
import { clockLabel, labelSpan, localZone, ticksOf, xOf } from "~/run/timeline/axis";
import type { Window } from "./Bars";
import style from "./timeline.module.css";

export function AxisHead({ window, open }: { window: Window; open: boolean }) {
  const t = useT();
  const { axis, left, width, now } = window;
  const ticks = ticksOf(axis, left, left + width);
  const at = xOf(axis, now) - left;
  const flag = open && at >= 0 && at <= width;
  return (
    <svg className="waymark" width={width} height="30" role="img" aria-label={t("run.axis", { from: format.clock(axis.from), to: format.clock(axis.to) })}>
      {ticks.map((tick) => {
        const x = tick.x - left;
        if (flag && Math.abs(x - at) < 104) return null;
        return (
          <g key={tick.at}>
            <path d={`M${x} 25v5`} stroke="var(--control)" />
            <text x={x} y={tick.day === null ? 18 : 12} fontSize="11" fill="var(--ink-2)" textAnchor={labelSpan(tick, left).start ? "start" : "middle"}>
              {tick.label}
            </text>
            {tick.day !== null && (
              <text x={x} y="23" fontSize="11" fill="var(--ink-3)" textAnchor="middle">
                {format.day(tick.day)}
              </text>
            )}
          </g>
        );
      })}
      {axis.pieces
        .filter((piece) => piece.folded)
        .map((piece) => {
          const x = piece.x - left + piece.width / 2;
          const near = flag && Math.abs(x - at) < 64; // beside the flag, not beneath it
          return (
            <text key={piece.from} x={near ? at - 36 : x} y="18" fontSize="11" fontWeight="600" fill="var(--ink-0)" textAnchor={near ? "end" : "middle"}>
              {format.duration(piece.to - piece.from)}
            </text>
          );
        })}
      {flag && (
        <g transform={`translate(${Math.min(width - 30, Math.max(30, at))} 0)`}>
          <rect x="-30" y="4" width="60" height="18" rx="2" fill="var(--ink-0)" />
          <text y="17" fontSize="11" fontWeight="600" fill="var(--paper)" textAnchor="middle">
            {clockLabel(now - (now % 1000), localZone, 1000, true)}
          </text>
        </g>
      )}
    </svg>
  );
}

/** What stands behind all rows: tick lines, folds between zigzags, now. */
export function Ground({ window, height, open }: { window: Window; height: number; open: boolean }) {
  const { axis, left, width, now } = window;
  const at = xOf(axis, now) - left;
  return (
    <svg className={style.ground} width={width} height={height} aria-hidden="true" focusable="false">
      <path d={ticksOf(axis, left, left + width).map((tick) => `M${tick.x - left} 0V${height}`).join("")} stroke="var(--rule)" />
      {axis.pieces
        .filter((piece) => piece.folded)
        .map((piece) => (
          <g key={piece.from} transform={`translate(${piece.x - left} 0)`}>
            <rect width={piece.width} height={height} fill="var(--sunken)" />
            <path d={zigzag(0, height) + zigzag(piece.width, height)} fill="none" stroke="var(--rule-strong)" />
          </g>
        ))}
      {open && at >= 0 && at <= width && <path d={`M${at} 0V${height}`} stroke="var(--ink-0)" />}
    </svg>
  );
}

const zigzag = (x: number, height: number): string => `M${x} 0${"l2.5 7 -5 7 2.5 6".repeat(Math.ceil(height / 20))}`;
