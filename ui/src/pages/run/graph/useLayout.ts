// Where the steps of a scope stand. Small graphs are laid out at once, large ones in a worker; each once a graph and scope.
import { useEffect, useMemo, useState } from "react";
import { type Layout, layoutOf } from "~/run/graph/layout";
import type { PlanScope } from "~/run/plan";

const AT_ONCE = 60;
const known = new WeakMap<PlanScope, Layout>();

function placedByAuthor(scope: PlanScope): boolean {
  return scope.steps.every(({ step }) => typeof step.x === "number" && typeof step.y === "number");
}

function atOnce(scope: PlanScope): Layout | null {
  const found = known.get(scope);
  if (found) return found;
  if (typeof Worker !== "undefined" && scope.steps.length > AT_ONCE && !placedByAuthor(scope)) return null;
  const made = layoutOf(
    scope.steps.map(({ step }) => step),
    scope.edges.filter(Boolean),
  );
  known.set(scope, made);
  return made;
}

/** How high the drawing of a scope is; of one that is still laid out, more than there is room for. */
export function drawnHeight(scope: PlanScope): number {
  const layout = atOnce(scope);
  return layout ? Math.max(0, ...Object.values(layout).map(({ y, height }) => y + height)) : Number.POSITIVE_INFINITY;
}

export function useLayout(scope: PlanScope): Layout | null {
  const [, changed] = useState(0);
  const parts = useMemo(() => ({ steps: scope.steps.map(({ step }) => step), edges: scope.edges.filter(Boolean) }), [scope]);
  const now = useMemo(() => atOnce(scope), [scope]);

  useEffect(() => {
    if (known.has(scope)) return;
    const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = (message: MessageEvent<Layout>) => {
      known.set(scope, message.data);
      changed((count) => count + 1);
    };
    worker.postMessage(parts);
    return () => worker.terminate();
  }, [scope, parts]);
  return now ?? known.get(scope) ?? null;
}
