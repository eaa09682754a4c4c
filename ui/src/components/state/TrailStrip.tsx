// The signature: a run's visits as notches in order. Solid is work, hollow waits, hatched is trouble, dashed was not taken,
// dotted is not yet.
import { type ReactNode, useState } from "react";
import { useT } from "~/i18n";
import { NOTCH, type Pattern, solid, tint, wordOf } from "./states";
import { type Notch, pieces, type Piece, summaryOf } from "./strip";

export type { Notch } from "./strip";

const WIDTH = 9;
const GAP = 3;
const HEIGHT = 14;
const MIDDLE = HEIGHT / 2;
const CONTAINER = 22;

interface Drawn {
  color: string;
  tint: string;
  h: number;
}

const box = ({ h }: Drawn, inset = 0) => ({ x: inset, y: MIDDLE - h / 2 + inset, width: WIDTH - 2 * inset, height: h - 2 * inset });

const DRAW: Record<Pattern, (drawn: Drawn) => ReactNode> = {
  dot: ({ color, h }) => <circle cx={WIDTH / 2} cy={MIDDLE} r={h / 2} fill={color} />,
  solid: (drawn) => <rect {...box(drawn)} rx="1" fill={drawn.color} />,
  line: (drawn) => <rect {...box(drawn)} rx="1" fill={drawn.color} />,
  hollow: (drawn) => <rect {...box(drawn, 0.75)} rx="1" fill={drawn.tint} stroke={drawn.color} strokeWidth="1.5" />,
  hatched: (drawn) => (
    <>
      <rect {...box(drawn, 0.75)} rx="1" fill={drawn.tint} stroke={drawn.color} strokeWidth="1.5" />
      <path d="M1.5 11 7.5 5M1.5 8 5 4.5M4 11.5 7.5 8" stroke={drawn.color} strokeWidth="1.4" />
    </>
  ),
  cross: (drawn) => (
    <>
      <rect {...box(drawn)} rx="1" fill={drawn.color} />
      <path d="m2.6 5.1 3.8 3.8m0-3.8L2.6 8.9" stroke="var(--paper)" strokeWidth="1.4" />
    </>
  ),
  triangle: ({ color }) => <path d={`M${WIDTH / 2} .5 ${WIDTH} 13.5H0z`} fill={color} />,
  dashed: ({ color, h }) => <path d={`M0 ${MIDDLE}H${WIDTH}`} stroke={color} strokeWidth={h} strokeDasharray="2.2 1.2" />,
  square: (drawn) => (
    <>
      <rect x="1.2" y={MIDDLE - 3.3} width="6.6" height="6.6" fill="none" stroke={drawn.color} strokeWidth="1.3" />
      <path d={`M3 ${MIDDLE}h3`} stroke={drawn.color} strokeWidth="1.3" />
    </>
  ),
  bars: ({ color, h }) => <path d={`M2.8 ${MIDDLE - h / 2}v${h}M6.2 ${MIDDLE - h / 2}v${h}`} stroke={color} strokeWidth="2" />,
};

function Container({ notch }: { notch: Notch }) {
  const color = solid(notch.state);
  const progress = Math.min(1, Math.max(0, notch.progress ?? 0));
  if (notch.state === "completed") {
    return <path d={`M0 ${MIDDLE}h${CONTAINER}M5.5 4.5v5M11 4.5v5M16.5 4.5v5`} stroke={color} strokeWidth="2.4" />;
  }
  return (
    <>
      <rect x="0.75" y="2.75" width={CONTAINER - 1.5} height="8.5" rx="1" fill="none" stroke={color} strokeWidth="1.5" />
      <rect x="2.5" y="4.5" width={(CONTAINER - 5) * progress} height="5" fill={color} />
    </>
  );
}

function widthOf(piece: Piece): number {
  if (piece.kind === "fold") return 8 + 7 * String(piece.count).length;
  return piece.notch.progress === undefined ? WIDTH : CONTAINER;
}

interface Placed {
  piece: Piece;
  at: number;
  key: string;
}

/** Where each piece begins, and how wide they are together. */
function place(shown: readonly Piece[]): { placed: Placed[]; width: number } {
  const placed: Placed[] = [];
  let x = 0;
  for (const piece of shown) {
    placed.push({ piece, at: x, key: piece.kind === "fold" ? `fold ${x}` : piece.notch.id });
    x += widthOf(piece) + GAP;
  }
  return { placed, width: Math.max(0, x - GAP) };
}

function Drawing({ piece, told }: { piece: Piece; told: boolean }) {
  const t = useT();
  if (piece.kind === "fold") {
    return (
      <text y={MIDDLE + 4} fontSize="11" fill="var(--ink-3)">
        {t("components.strip.more", { count: piece.count })}
      </text>
    );
  }
  const { state, id } = piece.notch;
  const [pattern, h] = NOTCH[state];
  return (
    <>
      {told && <title>{t("components.strip.notch", { step: id, state: t(wordOf(state)) })}</title>}
      {piece.notch.progress === undefined ? DRAW[pattern]({ color: solid(state), tint: tint(state), h }) : <Container notch={piece.notch} />}
    </>
  );
}

/** The visits of a run in order, told in words to those who do not see it. Nothing in it needs a pointer to be understood. */
export function TrailStrip({ notches, most }: { notches: readonly Notch[]; most?: number }) {
  const t = useT();
  // The notches are named when a pointer comes near, not for each of a thousand strips.
  const [told, setTold] = useState(false);
  const { done, total, state } = summaryOf(notches);
  const words = state ? t("components.strip.live", { done, total, state }) : t("components.strip", { done, total });
  const { placed, width } = place(pieces(notches, most));
  return (
    <svg className="waymark" role="img" aria-label={words} width={width} height={HEIGHT} onPointerEnter={() => setTold(true)}>
      {placed.map(({ piece, at, key }) => (
        <g key={key} transform={`translate(${at} 0)`}>
          <Drawing piece={piece} told={told} />
        </g>
      ))}
    </svg>
  );
}
