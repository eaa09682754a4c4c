// The graph of the run, read only, with what became of each step and edge.
import "@xyflow/react/dist/style.css";
import "./xyflow.css";
import { ActionIcon } from "@mantine/core";
import { Background, MiniMap, type NodeHandle, Panel, Position, ReactFlow, ReactFlowProvider, useReactFlow, useStore, useStoreApi } from "@xyflow/react";
import { type KeyboardEvent, useCallback, useEffect, useMemo } from "react";
import { Icon } from "~/components/basics";
import { EmptyState } from "~/components/feedback";
import { useT } from "~/i18n";
import type { Box } from "~/run/graph/layout";
import { firstSight, pressingStep, type Sight } from "~/run/graph/sight";
import type { GraphEdge, VisitState } from "~/run/model";
import type { PlanScope } from "~/run/plan";
import { fateOf, stateOf } from "~/run/states";
import { useShortcuts } from "~/shell/keys";
import { useRun, useView } from "../data/context";
import { Legend, Moments } from "./Legend";
import { StepNode, type StepNodeType } from "./StepNode";
import { EdgeMarkers, TrailEdge, type TrailEdgeType } from "./TrailEdge";
import { useLayout } from "./useLayout";
import style from "./graph.module.css";

const nodeTypes = { step: StepNode };
const edgeTypes = { trail: TrailEdge };
const WHOLE = { maxZoom: 1, padding: 0.06 };
const MINIMAP_FROM = 12;
const SLACK = 4; // px that may stand out before the map in small is of use
const VISIBLE_ONLY_FROM = 150;
const BENEATH = new Set(["dead", "false", "failed"]);

export function RunGraph() {
  const t = useT();
  const { store } = useRun();
  const { path, scope } = useOpenedScope();
  const planned = store.plan.scopes.get(path) as PlanScope | undefined;
  if (!planned) return <EmptyState>{t("run.graph.empty")}</EmptyState>;
  return (
    <section className={style.graph} aria-label={t("run.graph")} data-pane>
      <EdgeMarkers />
      <div className={style.bar}>
        <Crumbs path={path} scope={scope} />
        <Legend />
        <Moments />
      </div>
      <ReactFlowProvider key={path}>
        <Canvas planned={planned} scope={scope} />
      </ReactFlowProvider>
    </section>
  );
}

/** The scope of the chosen visit: a visit inside a container is drawn with its siblings. */
function useOpenedScope(): { path: string; scope: string } {
  const { chosen } = useRun();
  const view = useView();
  const scope = view.visits.get(chosen ?? "")?.scope ?? "";
  return { scope, path: scope.replace(/#\d+/g, "") };
}

/** Where one is when one looks into a container: a way back. */
function Crumbs({ path, scope }: { path: string; scope: string }) {
  const t = useT();
  const { choose } = useRun();
  if (!path) return null;
  return (
    <button type="button" className={style.crumb} onClick={() => choose(scope.slice(0, scope.lastIndexOf("#")))}>
      <Icon name="up" size={12} />
      <code>{scope}</code>
      <span className="visually-hidden">{t("run.graph.out")}</span>
    </button>
  );
}

/** Where the ports are, so that edges are drawn also to nodes that are out of sight and were never measured. */
function handlesOf(type: "source" | "target", count: number, box: Box | undefined): NodeHandle[] {
  const position = type === "source" ? Position.Right : Position.Left;
  const x = type === "source" ? (box?.width ?? 84) : 0;
  return Array.from({ length: count }, (_, place) => ({ id: String(place), type, position, x, y: ((place + 1) / (count + 1)) * (box?.height ?? 44), width: 1, height: 1 }));
}

function useNodes(planned: PlanScope, scope: string): StepNodeType[] | null {
  const layout = useLayout(planned);
  const t = useT();
  return useMemo(
    () =>
      layout &&
      planned.steps.map(({ step, path, into, out }): StepNodeType => {
        const box = layout[step.step_id];
        return {
          id: step.step_id,
          type: "step",
          position: { x: box?.x ?? 0, y: box?.y ?? 0 },
          width: box?.width ?? 84,
          height: box?.height ?? 44,
          measured: { width: box?.width ?? 84, height: box?.height ?? 44 }, // nothing waits for nodes that are out of sight
          handles: [...handlesOf("target", into.length, box), ...handlesOf("source", out.length, box)],
          data: { path, scope, into: into.length, out: out.length },
          domAttributes: { "aria-roledescription": t("run.graph.step") },
        };
      }),
    [layout, planned, scope, t],
  );
}

/** The objects of edges, kept: an edge changes its object only with its layer. */
const drawn = new WeakMap<GraphEdge, Map<string, TrailEdgeType>>();

function edgeOf(edge: GraphEdge, scope: string, zIndex: number, { place, beside }: Beside): TrailEdgeType {
  const known = drawn.get(edge) ?? new Map<string, TrailEdgeType>();
  drawn.set(edge, known);
  const key = `${zIndex} ${scope}`;
  const found = known.get(key);
  if (found) return found;
  const ends = { source: edge.source_step, target: edge.target_step, sourceHandle: String(edge.leaves), targetHandle: String(place) };
  const made: TrailEdgeType = { id: String(edge.number), type: "trail", ...ends, zIndex, focusable: false, data: { edge, scope, beside } };
  known.set(key, made);
  return made;
}

interface Beside {
  /** Its place among the edges into its target. */
  place: number;
  beside: readonly GraphEdge[];
}

const ALONE: Beside = { place: 0, beside: [] };

function besides(planned: PlanScope): Map<number, Beside> {
  return new Map(planned.steps.flatMap(({ into }) => into.map((edge, place) => [edge.number, { place, beside: into.filter((other) => other.source_step === edge.source_step) }] as const)));
}

/** The dead lie under all others. */
function useEdges(planned: PlanScope, scope: string): TrailEdgeType[] {
  const view = useView();
  const places = useMemo(() => besides(planned), [planned]);
  return useMemo(
    () => planned.edges.filter(Boolean).map((edge) => edgeOf(edge, scope, BENEATH.has(fateOf(view, scope, edge)) ? 0 : 1, places.get(edge.number) ?? ALONE)),
    [planned, scope, view, places],
  );
}

/** The lower right corner of all nodes; the upper left is 0, 0. */
function reachOf(nodes: readonly StepNodeType[]): { x: number; y: number } {
  const far = { x: 0, y: 0 };
  for (const { position, width = 0, height = 0 } of nodes) {
    far.x = Math.max(far.x, position.x + width);
    far.y = Math.max(far.y, position.y + height);
  }
  return far;
}

/** Where the drawing begins: at the chosen step, at the one that stopped or waits, or at the entry. */
function useFirstSight(nodes: StepNodeType[] | null, reach: { x: number; y: number }, scope: string, chosen: string) {
  const { store } = useRun();
  const flow = useStoreApi();
  return (ready: { setViewport: (sight: Sight) => unknown }) => {
    const { view } = store.shown;
    const states = new Map<string, VisitState>();
    for (const { id } of nodes ?? []) {
      const visit = view.visits.get(scope ? `${scope}/${id}` : id);
      if (visit) states.set(id, stateOf(visit, view.run.paused));
    }
    const wanted = nodes?.some(({ id }) => id === chosen) ? chosen : pressingStep(states);
    const entry = nodes?.reduce((first, one) => (one.position.x < first.position.x ? one : first));
    const node = nodes?.find(({ id }) => id === wanted) ?? entry;
    if (!node) return;
    const { width, height } = flow.getState();
    const step = { ...node.position, width: node.width ?? 0, height: node.height ?? 0 };
    ready.setViewport(firstSight({ step, reach: { width: reach.x, height: reach.y }, room: { width, height } }));
  };
}

/** How much a node shows, in four steps, so that panning draws nothing again. */
const detailOf = (zoom: number): string => (zoom >= 0.9 ? "all" : zoom >= 0.55 ? "some" : zoom >= 0.3 ? "name" : "block");

function Canvas({ planned, scope }: { planned: PlanScope; scope: string }) {
  const t = useT();
  const { choose, chosen } = useRun();
  const nodes = useNodes(planned, scope);
  const edges = useEdges(planned, scope);
  const detail = useStore((state) => detailOf(state.transform[2]));
  const flow = useReactFlow();
  const reach = useMemo(() => reachOf(nodes ?? []), [nodes]);
  const beyond = useStore(({ transform: [x, y, zoom], width, height }) => x < -SLACK || y < -SLACK || reach.x * zoom + x > width + SLACK || reach.y * zoom + y > height + SLACK);
  const visitOf = useCallback((step: string) => (scope ? `${scope}/${step}` : step), [scope]);
  const onKeyDown = useWalk(planned, scope);
  useShortcuts("run", { "0": { label: "run.key.fit", run: () => void flow.fitView(WHOLE) } });
  const step = chosen === null ? "" : scope ? chosen.slice(scope.length + 1) : chosen;
  useShowChosen(nodes, step);
  const begin = useFirstSight(nodes, reach, scope, step);
  const marked = useMemo(() => nodes?.map((node) => (node.id === step ? { ...node, selected: true } : node)) ?? [], [nodes, step]);
  if (!nodes) return <p className={style.laying}>{t("run.graph.laying")}</p>;
  return (
    <div className={style.canvas} data-detail={detail} onKeyDown={onKeyDown}>
      <ReactFlow
        nodes={marked}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodeClick={(_, node) => choose(visitOf(node.id))}
        // Not its `fitView`: that waits for a node to be measured, and of a large graph none may be in sight before.
        onInit={begin}
        minZoom={0.03}
        maxZoom={2}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable={false}
        nodesFocusable
        edgesFocusable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        panActivationKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        zoomActivationKeyCode={null}
        zoomOnDoubleClick={false}
        preventScrolling
        onlyRenderVisibleElements={nodes.length > VISIBLE_ONLY_FROM}
        ariaLabelConfig={{ "node.a11yDescription.default": t("run.graph.nodeHelp"), "node.a11yDescription.keyboardDisabled": t("run.graph.nodeHelp"), "minimap.ariaLabel": t("run.graph.minimap") }}
      >
        <Background gap={20} size={1.4} color="var(--rule-strong)" />
        {nodes.length >= MINIMAP_FROM && beyond && <MiniMap style={{ width: 150, height: 84 }} pannable zoomable={false} ariaLabel={t("run.graph.minimap")} nodeColor="var(--rule-strong)" maskColor="transparent" />}
        <Panel position="bottom-left">
          <ActionIcon variant="default" aria-label={t("run.key.fit")} title={t("run.key.fit")} onClick={() => void flow.fitView({ ...WHOLE, duration: 160 })}>
            <Icon name="fit" />
          </ActionIcon>
        </Panel>
      </ReactFlow>
    </div>
  );
}

/** Moves the drawing so far that the chosen step is in sight; not at all where it is. */
function useShowChosen(nodes: StepNodeType[] | null, step: string): void {
  const flow = useReactFlow();
  const store = useStoreApi();
  useEffect(() => {
    const node = nodes?.find((one) => one.id === step);
    if (!node) return;
    const { transform, width, height } = store.getState();
    const [x, y, zoom] = transform;
    const left = node.position.x * zoom + x;
    const top = node.position.y * zoom + y;
    const seen = left >= 0 && top >= 0 && left + (node.width ?? 0) * zoom <= width && top + (node.height ?? 0) * zoom <= height;
    if (!seen && width > 0) void flow.setCenter(node.position.x + (node.width ?? 0) / 2, node.position.y + (node.height ?? 0) / 2, { zoom, duration: 160 });
  }, [flow, store, nodes, step]);
}

const ALONG: Record<string, "out" | "into"> = { ArrowRight: "out", ArrowLeft: "into" };

/** Arrow keys walk along edges (right, left) and among the steps that share a source (up, down); Enter chooses. */
function useWalk(planned: PlanScope, scope: string) {
  const { choose } = useRun();
  return (event: KeyboardEvent<HTMLDivElement>) => {
    const node = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>(".react-flow__node") : null;
    const id = node?.dataset.id;
    if (!id || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") choose(scope ? `${scope}/${id}` : id);
    else {
      const next = nextStep(planned, id, event.key);
      if (next === null) return;
      event.currentTarget.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(next)}"]`)?.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  };
}

function nextStep(planned: PlanScope, id: string, key: string): string | null {
  const step = planned.steps.find((one) => one.step.step_id === id);
  const side = ALONG[key];
  if (side) return (side === "out" ? step?.out[0]?.target_step : step?.into[0]?.source_step) ?? id;
  if (key !== "ArrowDown" && key !== "ArrowUp") return null;
  const source = step?.into[0]?.source_step;
  const siblings = [...new Set(planned.steps.filter((one) => one.into[0]?.source_step === source).map((one) => one.step.step_id))];
  const at = siblings.indexOf(id) + (key === "ArrowDown" ? 1 : -1);
  return siblings[at] ?? id;
}
