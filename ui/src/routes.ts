// The route table. Each page is its own chunk; here stand only paths and search parameters.
import { createRouter } from "@tanstack/react-router";
import { makeQueryClient } from "~/api";
import { activityRoute } from "~/pages/activity/route";
import { homeRoute } from "~/pages/home/route";
import { inboxRoute } from "~/pages/inbox/route";
import { runRoute } from "~/pages/run/route";
import { runsRoute } from "~/pages/runs/route";
import { segmentRoute, segmentsRoute } from "~/pages/segments/route";
import { batchRoute, startRoute } from "~/pages/start/route";
import { parseSearch, rootRoute, writeSearch } from "~/shell";

export const queries = makeQueryClient();

const routeTree = rootRoute.addChildren([homeRoute, inboxRoute, runsRoute, runRoute, segmentsRoute, segmentRoute, activityRoute, startRoute, batchRoute]);

export const router = createRouter({
  routeTree,
  context: { queries },
  parseSearch,
  stringifySearch: writeSearch,
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
