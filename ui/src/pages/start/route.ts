import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { withTexts } from "~/i18n";
import { oneOf, rootRoute, searchOf, text } from "~/shell";

export const startRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/start",
  validateSearch: searchOf({ segment: text, version: text, by: oneOf("form", "json", "file") }),
  component: lazyRouteComponent(() => withTexts(import("./Start")), "Start"),
});

export const batchRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/batches/$batchId",
  validateSearch: searchOf({}),
  component: lazyRouteComponent(() => withTexts(import("./batch/Batch")), "Batch"),
});
