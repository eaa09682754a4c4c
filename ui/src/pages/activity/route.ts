import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { flat } from "~/pages/filter/address";
import { rootRoute } from "~/shell";
import { feedFilter, feedSearch } from "./filter";

export const activityRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/activity",
  validateSearch: (search: Record<string, unknown>) => feedSearch(feedFilter(flat(search))),
  component: lazyRouteComponent(() => import("./Activity"), "Activity"),
});
