// The bars of one row as SVG. What they are and where is worked out in run/timeline/bars; here stands how it looks.
import type { ReactNode } from "react";
import { solid, tint } from "~/components/state";
import { format } from "~/i18n";
import type { Visit } from "~/run/model";
import { type Axis, xOf } from "~/run/timeline/axis";
import { type Bar, barsOf, HEIGHT, type Shape, ticksInside } from "~/run/timeline/bars";
import { PATTERN } from "./Patterns";

export interface Window {
  axis: Axis;
  /** The pixel of the axis at the left end, and how many are shown. */
  left: number;
  width: number;
  now: number;
  paused: boolean;
}

const EDGE = 24; // what stands outside is cut here: SVG is exact only for small numbers

interface Drawn {
  x: number;
  w: number;
  y: number;
  h: number;
  bar: Bar;
}

const box = ({ x, w, y, h }: Drawn, inset = 0) => ({ x: x + inset, y: y + inset, width: Math.max(1, w - 2 * inset), height: h - 2 * inset });

function hollow(drawn: Drawn, fill: string): ReactNode {
  return <rect {...box(drawn, 0.75)} rx="2" fill={fill} stroke={solid(drawn.bar.state)} strokeWidth="1.5" />;
}

function filled(drawn: Drawn): ReactNode {
  return <rect {...box(drawn)} rx={drawn.w > 4 ? 2 : 1} fill={solid(drawn.bar.state)} />;
}

/** Too small for a pattern: solid, as under 12 high or 6 wide. */
function patterned(drawn: Drawn, pattern: string): ReactNode {
  if (drawn.w <= 6) return filled(drawn);
  return <rect {...box(drawn, 0.75)} rx="2" fill={pattern} stroke={solid(drawn.bar.state)} strokeWidth="1.5" />;
}

const DRAW: Record<Shape, (drawn: Drawn) => ReactNode> = {
  solid: filled,
  running: filled,
  hatched: (drawn) => patterned(drawn, PATTERN.failed),
  ruled: (drawn) => patterned(drawn, PATTERN.incident),
  tall: (drawn) => hollow(drawn, tint(drawn.bar.state)),
  thin: (drawn) => hollow(drawn, tint(drawn.bar.state)),
  message: (drawn) => (
    <>
      {hollow(drawn, tint(drawn.bar.state))}
      <rect x={drawn.x + drawn.w - 10} y="7.5" width="10" height="11" rx="1" fill="var(--paper)" stroke={solid(drawn.bar.state)} strokeWidth="1.5" />
    </>
  ),
  paused: (drawn) => hollow(drawn, "var(--paper)"),
  open: (drawn) => hollow(drawn, "none"),
  dotted: ({ x, w, bar }) => <path d={`M${x} 13H${x + w}`} stroke={solid(bar.state)} strokeWidth="1.5" strokeDasharray="1.5 2.5" />,
  dashed: ({ x, w, bar }) => <path d={`M${x} 13H${x + w}`} stroke={solid(bar.state)} strokeWidth="1.5" strokeDasharray="4 3" />,
  bracket: ({ x, w, bar }) => <path d={`M${x + 0.75} 8v10M${x + w - 0.75} 8v10M${x} 13H${x + w}`} fill="none" stroke={solid(bar.state)} strokeWidth="1.5" />,
};

const CAPS: Record<Bar["cap"], (x: number, state: string) => ReactNode> = {
  none: () => null,
  failed: (x) => <path d={`M${x + 1.25} 5v16`} stroke="var(--s-failed)" strokeWidth="2.5" />,
  cancelled: (x) => <path d={`M${x + 3} 7v12M${x + 6.5} 7v12`} stroke="var(--s-cancelled)" strokeWidth="1.5" />,
  incident: (x) => <path d={`M${x + 7} 6l7 13h-14z`} fill="var(--s-incident)" />,
  paused: (x) => <path d={`M${x + 4} 8v10M${x + 8} 8v10`} stroke="var(--ink-2)" strokeWidth="2" />,
};

function placed(bar: Bar, { left, width }: Window): Drawn | null {
  const from = bar.x - left;
  if (from > width + EDGE || from + bar.width < -EDGE) return null;
  const x = Math.max(-EDGE, from);
  const h = HEIGHT[bar.shape];
  return { x, w: Math.min(width + EDGE, from + bar.width) - x, y: 13 - h / 2, h, bar };
}

/** Where a retry is due: a ring with what is left. */
function Due({ visit, window }: { visit: Visit; window: Window }) {
  if (visit.due === null || visit.endedAt !== null) return null;
  const x = Math.min(window.width - 44, xOf(window.axis, visit.due) - window.left);
  const state = visit.status === "retrying" ? "retrying" : "waiting";
  return (
    <>
      <circle cx={x} cy="13" r="4" fill="var(--paper)" stroke={solid(state)} strokeWidth="1.5" />
      <text x={x + 8} y="17" fontSize="12" fill={`var(--s-${state}-text)`}>
        {format.countdown(visit.due - window.now)}
      </text>
    </>
  );
}

/** The row's drawing. Decorative: the row says in words what it shows. */
export function Bars({ visit, window, children }: { visit: Visit; window: Window; children?: ReactNode }) {
  const bars = barsOf(visit, window.axis, window.now, window.paused);
  const inside = visit.inside ? ticksInside(visit, window.axis).map((x) => x - window.left) : [];
  return (
    <svg className="waymark" width={window.width} height="26" aria-hidden="true" focusable="false">
      {bars.map((bar, place) => {
        const drawn = placed(bar, window);
        if (!drawn) return null;
        return (
          // A visit's stretches have no identity but their place.
          <g key={place}>
            {DRAW[bar.shape](drawn)}
            {CAPS[bar.cap](drawn.x + drawn.w, bar.state)}
            {bar.shape === "dotted" && bar.stretch && drawn.w > 56 && <Length bar={bar} drawn={drawn} />}
          </g>
        );
      })}
      {inside.length > 0 && (
        <path d={inside.filter((x) => x > 0 && x < window.width).map((x) => `M${x} 9v8`).join("")} stroke={solid(bars[0]?.state ?? "completed")} strokeWidth="1.5" />
      )}
      <Due visit={visit} window={window} />
      {children}
    </svg>
  );
}

/** How long a back-off was, in its middle. */
function Length({ bar, drawn }: { bar: Bar; drawn: Drawn }) {
  const { stretch } = bar;
  if (!stretch || stretch.to === null) return null;
  return (
    <text x={drawn.x + drawn.w / 2} y="10" fontSize="11" textAnchor="middle" fill="var(--s-retrying-text)">
      {format.duration(stretch.to - stretch.from)}
    </text>
  );
}
