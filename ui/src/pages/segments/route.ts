import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute, searchOf, text } from "~/shell";

export const segmentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/segments",
  validateSearch: searchOf({ q: text }),
  component: lazyRouteComponent(() => import("./Segments"), "Segments"),
});
