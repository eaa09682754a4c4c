import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute, searchOf, text } from "~/shell";

export const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs",
  validateSearch: searchOf({ q: text, sort: text, view: text }),
  component: lazyRouteComponent(() => import("./Runs"), "Runs"),
});
