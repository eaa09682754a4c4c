// The root of the route table. The workspace stands in the address and stays when one moves on.
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, retainSearchParams } from "@tanstack/react-router";
import { NotFound, PageCrash } from "./Failures";
import { Shell } from "./Shell";

export interface RootSearch {
  /** The chosen workspace; without it, all that one may see. */
  ws?: string;
}

export const rootRoute = createRootRouteWithContext<{ queries: QueryClient }>()({
  validateSearch: (search: Record<string, unknown>): RootSearch => (typeof search.ws === "string" && search.ws ? { ws: search.ws } : {}),
  search: { middlewares: [retainSearchParams(["ws"])] },
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: PageCrash,
});
