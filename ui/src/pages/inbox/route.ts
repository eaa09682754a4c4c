import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { oneOf, rootRoute, searchOf, text } from "~/shell";

export const inboxRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/inbox",
  validateSearch: searchOf({ task: text, view: oneOf("mine", "team", "asked", "done") }),
  component: lazyRouteComponent(() => import("./Inbox"), "Inbox"),
});
