import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute, searchOf } from "~/shell";

export const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  validateSearch: searchOf({}),
  component: lazyRouteComponent(() => import("./Home"), "Home"),
});
