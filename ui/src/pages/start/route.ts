import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { oneOf, rootRoute, searchOf, text } from "~/shell";

export const startRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/start",
  validateSearch: searchOf({ segment: text, by: oneOf("form", "json", "csv") }),
  component: lazyRouteComponent(() => import("./Start"), "Start"),
});
