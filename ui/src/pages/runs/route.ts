import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "~/shell";
import { runSearch } from "./search";

export const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs",
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import("./Runs"), "Runs"),
});
