// An edge of a run: one component for all fates. Fates differ in dash, weight and head, not in colour alone.
import { type Edge, type EdgeProps, getSmoothStepPath } from "@xyflow/react";
import { memo } from "react";
import { type EdgeFate, fateOf } from "~/run/states";
import type { GraphEdge, RunView } from "~/run/model";
import { useShown } from "../data/context";
import style from "./graph.module.css";

export interface TrailData extends Record<string, unknown> {
  edge: GraphEdge;
  scope: string;
  /** The edges from the same step to the same step; their label stands once, at the first of them. */
  beside: readonly GraphEdge[];
}

export type TrailEdgeType = Edge<TrailData, "trail">;

const RADIUS = 7;
const MOST = 24;

/** What stands at an edge: its own label, the port it leaves from, or its condition. */
export function captionOf(edge: GraphEdge): string {
  return edge.label ?? (edge.source_port === "output" ? edge.condition : edge.source_port) ?? "";
}

const CHOSEN: ReadonlySet<EdgeFate> = new Set(["delivered", "delivering", "late"]);

/** Of several edges side by side, those that were chosen; of none, all. */
function labelOf(view: RunView, { beside, scope }: TrailData): string {
  const chosen = beside.filter((edge) => CHOSEN.has(fateOf(view, scope, edge)));
  return (chosen.length > 0 ? chosen : beside).map(captionOf).filter(Boolean).join(", ");
}

/** Which head each fate has; defined once a page by `EdgeMarkers`. */
const HEAD: Record<EdgeFate, string> = {
  delivered: "full", delivering: "running", late: "late", dead: "cross", false: "cross", failed: "cross-failed", asked: "asked", waiting: "open", unreached: "none",
};

export const TrailEdge = memo(function TrailEdge(props: EdgeProps<TrailEdgeType>) {
  const { sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, data } = props;
  const fate = useShown((shown) => (data ? fateOf(shown.view, data.scope, data.edge) : "unreached"));
  const [path] = getSmoothStepPath({ sourceX, sourceY, sourcePosition, targetX: targetX - 3, targetY, targetPosition, borderRadius: RADIUS });
  const label = useShown((shown) => (data && data.beside[0] === data.edge ? labelOf(shown.view, data) : ""));
  return (
    <g data-fate={fate} className={style.edge}>
      {fate === "waiting" && <path d={path} className={style.edgeUnder} />}
      <path d={path} className={style.edgeLine} markerEnd={HEAD[fate] === "none" ? undefined : `url(#run-head-${HEAD[fate]})`} />
      {label && (
        <text x={targetX - 14} y={targetY + 4} textAnchor="end" className={style.edgeLabel}>
          {label.length > MOST ? `${label.slice(0, MOST - 1)}…` : label}
        </text>
      )}
    </g>
  );
});

/** The heads of edges. The fates that end nowhere have a cross; late has its head before a bar. */
export function EdgeMarkers() {
  return (
    <svg className="visually-hidden" aria-hidden="true" focusable="false">
      <defs>
        <Head id="full" path="M0 0 9 4.5 0 9z" fill="var(--ink-2)" />
        <Head id="running" path="M0 0 9 4.5 0 9z" fill="var(--s-running)" />
        <Head id="open" path="M.8 .8 8 4.5 .8 8.2z" fill="var(--sunken)" stroke="var(--ink-3)" />
        <Head id="asked" path="M.8 .8 8 4.5 .8 8.2z" fill="var(--sunken)" stroke="var(--s-incident)" />
        <Head id="late" path="M.8 .8 6 4.5 .8 8.2zM8.4 0v9" fill="var(--sunken)" stroke="var(--ink-3)" />
        <Head id="cross" path="M1 1l7 7M8 1 1 8" stroke="var(--ink-2)" />
        <Head id="cross-failed" path="M1 1l7 7M8 1 1 8" stroke="var(--s-failed)" />
      </defs>
    </svg>
  );
}

function Head({ id, path, fill = "none", stroke }: { id: string; path: string; fill?: string; stroke?: string }) {
  return (
    <marker id={`run-head-${id}`} viewBox="0 0 9 9" refX="8" refY="4.5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">
      <path d={path} fill={fill} stroke={stroke} strokeWidth="1.4" />
    </marker>
  );
}
