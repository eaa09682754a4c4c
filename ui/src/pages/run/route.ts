import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { withTexts } from "~/i18n";
import { oneOf, rootRoute, searchOf, text, whole } from "~/shell";

export const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs/$runId",
  validateSearch: searchOf({ visit: text, tab: oneOf("timeline", "trail", "outputs", "graph"), event: whole }),
  component: lazyRouteComponent(() => withTexts(import("./Run")), "Run"),
});
