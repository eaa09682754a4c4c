// The page that the run page's graph is compared with: xyflow as it comes, on the same nodes, edges and size.
import "@xyflow/react/dist/style.css";
import { Background, ReactFlow } from "@xyflow/react";
import { createRoot } from "react-dom/client";
import { type Layout, layoutOf } from "../src/run/graph/layout";
import type { RunGraph } from "../src/run/model";

async function main(): Promise<void> {
  const graph = (await (await fetch("/api/v1/runs/graph/graph")).json()) as RunGraph;
  const layout: Layout = layoutOf(graph.steps, graph.edges);
  const nodes = graph.steps.map(({ step_id: id }) => ({ id, position: { x: layout[id]?.x ?? 0, y: layout[id]?.y ?? 0 }, data: { label: id }, width: layout[id]?.width ?? 84, height: 44, measured: { width: layout[id]?.width ?? 84, height: 44 } }));
  const edges = graph.edges.map((edge) => ({ id: String(edge.number), source: edge.source_step, target: edge.target_step, type: "smoothstep" }));
  const root = document.getElementById("root");
  if (!root) return;
  createRoot(root).render(
    <ReactFlow defaultNodes={nodes} defaultEdges={edges} fitView minZoom={0.03} onlyRenderVisibleElements>
      <Background />
    </ReactFlow>,
  );
}

void main();
