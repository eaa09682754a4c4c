// Where the steps of a scope stand. Small graphs are laid out at once, large ones in a worker; each once a graph and scope.
import { useEffect, useMemo, useState } from "react";
import { type Layout, layoutOf } from "~/run/graph/layout";
import type { PlanScope } from "~/run/plan";

const AT_ONCE = 60;
const known = new WeakMap<PlanScope, Layout>();

function placedByAuthor(scope: PlanScope): boolean {
  return scope.steps.every(({ step }) => typeof step.x === "number" && typeof step.y === "number");
}

export function useLayout(scope: PlanScope): Layout | null {
  const [, changed] = useState(0);
  const parts = useMemo(() => ({ steps: scope.steps.map(({ step }) => step), edges: scope.edges.filter(Boolean) }), [scope]);
  const now = useMemo(() => {
    const found = known.get(scope);
    if (found) return found;
    if (typeof Worker !== "undefined" && scope.steps.length > AT_ONCE && !placedByAuthor(scope)) return null;
    const made = layoutOf(parts.steps, parts.edges);
    known.set(scope, made);
    return made;
  }, [scope, parts]);

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
