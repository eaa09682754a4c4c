// What part of the run's time is shown: scale, place, folded waits; and what keys, wheel and hand do to it.
import { useCallback, useMemo, useState } from "react";
import type { RunView } from "~/run/model";
import { type Axis, clampScale, fitScale, makeAxis, timeAt, xOf } from "~/run/timeline/axis";
import { foldsFirst, quietUntil, spanOf } from "~/run/timeline/window";

const ROOM = 56; // right of now, for what is due next
const ZOOM = 1.4;

export interface View {
  axis: Axis;
  left: number;
  folded: boolean;
  fold: (folded: boolean) => void;
  /** Zooms about a pixel (default: the middle). */
  zoom: (by: number, about?: number) => void;
  pan: (px: number) => void;
  /** Shows from one moment to another. */
  fit: (from: number, to: number) => void;
  /** The whole run. */
  all: () => void;
  first: () => void;
  last: () => void;
  zoomIn: () => void;
  zoomOut: () => void;
}

interface Placed {
  scale: number;
  left: number;
}

export function useAxis(view: RunView, now: number, width: number): View {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const [placed, setPlaced] = useState<Placed | null>(null); // null: all of it
  const folded = chosen ?? foldsFirst(view, now);
  const { from, to } = spanOf(view, now);
  const quiet = quietUntil(view, now);
  const open = view.run.endedAt === null;
  const axis = useMemo(() => {
    const folds = folded ? quiet : [];
    const scale = placed?.scale ?? fitScale({ from, to, folds, width: Math.max(80, width - (open ? ROOM : 12)) });
    return makeAxis({ from, to, folds, scale });
  }, [folded, quiet, placed?.scale, from, to, width, open]);
  const left = placed ? Math.min(Math.max(placed.left, -ROOM), Math.max(0, axis.width - width + ROOM)) : -2;

  const zoom = useCallback(
    (by: number, about = width / 2) => {
      const moment = timeAt(axis, left + about);
      const scale = clampScale(axis.scale * by);
      const after = makeAxis({ from, to, folds: folded ? quiet : [], scale });
      setPlaced({ scale, left: xOf(after, moment) - about });
    },
    [axis, left, width, from, to, folded, quiet],
  );
  const move = useCallback((to: number) => setPlaced({ scale: axis.scale, left: to }), [axis.scale]);
  const fit = useCallback(
    (begin: number, end: number) => {
      const scale = clampScale((width * 0.8) / Math.max(1, end - begin));
      const after = makeAxis({ from, to, folds: folded ? quiet : [], scale });
      setPlaced({ scale, left: xOf(after, begin) - width * 0.1 });
    },
    [width, from, to, folded, quiet],
  );
  const all = useCallback(() => setPlaced(null), []);
  const fold = useCallback((value: boolean) => {
    setChosen(value);
    setPlaced(null);
  }, []);
  return {
    axis, left, folded, fold, zoom, fit, all,
    pan: (px) => move(left + px),
    first: () => move(-2),
    last: () => move(axis.width - width + ROOM),
    zoomIn: () => zoom(ZOOM),
    zoomOut: () => zoom(1 / ZOOM),
  };
}
