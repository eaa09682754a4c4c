import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { withTexts } from "~/i18n";
import { oneOf, rootRoute, searchOf, text } from "~/shell";

export const segmentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/segments",
  validateSearch: searchOf({ q: text }),
  component: lazyRouteComponent(() => withTexts(import("./Segments")), "Segments"),
});

export const segmentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/segments/$segmentId",
  validateSearch: searchOf({ version: text, tab: oneOf("about", "versions", "problems", "definition") }),
  component: lazyRouteComponent(() => withTexts(import("./detail/Segment")), "Segment"),
});
