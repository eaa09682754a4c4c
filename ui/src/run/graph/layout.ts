/**
 * Where the steps of a graph stand: as the author placed them, else by dagre from left to right.
 *
 * Rule: positions that all steps of a scope have win. Pure, so that it can run in a worker; 500 steps take dagre about a second.
 */
import dagre from "@dagrejs/dagre";
import type { GraphEdge, GraphStep } from "../model";

export const NODE = { least: 84, most: 220, height: 44, rank: 48, gap: 32 } as const;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Layout = Readonly<Record<string, Box>>;

/** About the width of a node: its id beside the mark, or its fact. 7 px a letter holds for every system font. */
export function widthOf(step: GraphStep): number {
  return Math.min(NODE.most, Math.max(NODE.least + 32, Math.ceil(step.step_id.length * 7) + 44));
}

/** The boxes of one scope by step id; the top left of the whole is 0, 0. */
export function layoutOf(steps: readonly GraphStep[], edges: readonly GraphEdge[]): Layout {
  const placed = steps.length > 0 && steps.every((step) => typeof step.x === "number" && typeof step.y === "number");
  const boxes = placed ? steps.map((step) => boxAt(step, step.x as number, step.y as number)) : arranged(steps, edges);
  const left = Math.min(...boxes.map(([, box]) => box.x));
  const top = Math.min(...boxes.map(([, box]) => box.y));
  return Object.fromEntries(boxes.map(([id, box]) => [id, { ...box, x: box.x - left, y: box.y - top }]));
}

function boxAt(step: GraphStep, x: number, y: number): [string, Box] {
  return [step.step_id, { x, y, width: widthOf(step), height: NODE.height }];
}

function arranged(steps: readonly GraphStep[], edges: readonly GraphEdge[]): [string, Box][] {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", ranksep: NODE.rank, nodesep: NODE.gap, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const step of steps) graph.setNode(step.step_id, { width: widthOf(step), height: NODE.height });
  for (const edge of edges) {
    const label = edge.label ?? (edge.source_port === "output" ? (edge.condition ?? "") : edge.source_port);
    graph.setEdge(edge.source_step, edge.target_step, { width: Math.min(24, label.length) * 7, height: 12, labelpos: "c" }, String(edge.number));
  }
  dagre.layout(graph);
  return steps.map((step) => {
    const { x, y, width, height } = graph.node(step.step_id) as Box;
    return [step.step_id, { x: x - width / 2, y: y - height / 2, width, height }];
  });
}
