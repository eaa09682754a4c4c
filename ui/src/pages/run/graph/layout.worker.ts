// Lays a graph out beside the page: 500 steps take about a second.
import { layoutOf } from "~/run/graph/layout";
import type { GraphEdge, GraphStep } from "~/run/model";

onmessage = (message: MessageEvent<{ steps: GraphStep[]; edges: GraphEdge[] }>) => {
  postMessage(layoutOf(message.data.steps, message.data.edges));
};
