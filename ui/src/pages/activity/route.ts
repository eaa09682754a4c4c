import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute, searchOf, text } from "~/shell";

export const activityRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/activity",
  validateSearch: searchOf({ q: text }),
  component: lazyRouteComponent(() => import("./Activity"), "Activity"),
});
