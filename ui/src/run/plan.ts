/**
 * The graph of a segment, indexed for the fold and for drawing.
 *
 * Rule: a step is named by its path, the ids of the containers around it and its own (`each/inner/leaf`). The visit
 * `each#3/inner#1/leaf` belongs to the step of that path. Built once a graph.
 */
import type { GraphEdge, GraphStep, RunGraph } from "./model";

export interface PlanStep {
  readonly path: string;
  readonly step: GraphStep;
  /** Its place in document order within its scope. */
  readonly index: number;
  /** By their place among the edges that leave the step. */
  readonly out: readonly GraphEdge[];
  /** In order of number. */
  readonly into: readonly GraphEdge[];
  readonly container: boolean;
}

export interface PlanScope {
  /** "" for the run's own graph, else the path of the container. */
  readonly path: string;
  readonly steps: readonly PlanStep[];
  /** By number. */
  readonly edges: readonly GraphEdge[];
}

export interface Plan {
  readonly graph: RunGraph;
  readonly scopes: ReadonlyMap<string, PlanScope>;
  readonly steps: ReadonlyMap<string, PlanStep>;
}

const join = (scope: string, step: string): string => (scope ? `${scope}/${step}` : step);

interface Draft {
  steps: PlanStep[];
  edges: GraphEdge[];
}

export function makePlan(graph: RunGraph): Plan {
  const drafts = new Map<string, Draft>([["", { steps: [], edges: [] }]]);
  const draft = (scope: string): Draft => {
    const found = drafts.get(scope);
    if (found) return found;
    const made: Draft = { steps: [], edges: [] };
    drafts.set(scope, made);
    return made;
  };
  const steps = new Map<string, PlanStep & { out: GraphEdge[]; into: GraphEdge[] }>();
  for (const step of graph.steps) {
    const scope = step.container ?? "";
    const list = draft(scope).steps;
    const path = join(scope, step.step_id);
    const container = step.kind === "map" || step.kind === "loop";
    const planned = { path, step, index: list.length, out: [], into: [], container };
    list.push(planned);
    steps.set(path, planned);
  }
  for (const edge of graph.edges) {
    const scope = edge.container ?? "";
    draft(scope).edges[edge.number] = edge;
    const source = steps.get(join(scope, edge.source_step));
    if (source) source.out[edge.leaves] = edge;
    steps.get(join(scope, edge.target_step))?.into.push(edge);
  }
  for (const step of steps.values()) step.into.sort((a, b) => a.number - b.number);
  const scopes = new Map([...drafts].map(([path, one]) => [path, { path, ...one }]));
  return { graph, scopes, steps };
}

/** `each#3/inner#1/leaf` → `each/inner/leaf`. */
export function pathOf(visit: string): string {
  return visit.includes("#") ? visit.replace(/#\d+/g, "") : visit;
}

/** The scope, the step, and for a visit inside a container the container's visit and the number of the item or round. */
export function partsOf(visit: string): { scope: string; step: string; parent: string | null; number: number | null } {
  const slash = visit.lastIndexOf("/");
  if (slash < 0) return { scope: "", step: visit, parent: null, number: null };
  const scope = visit.slice(0, slash);
  const hash = scope.lastIndexOf("#");
  return { scope, step: visit.slice(slash + 1), parent: scope.slice(0, hash), number: Number(scope.slice(hash + 1)) };
}
