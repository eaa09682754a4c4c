import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { withTexts } from "~/i18n";
import { oneOf, rootRoute, searchOf, text } from "~/shell";

/** `?task=` of older links leads on to the task's own address. */
const readSearch = searchOf({ view: oneOf("mine", "open", "done"), task: text });

const listRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/inbox",
  validateSearch: readSearch,
  beforeLoad: ({ search: { task, ...rest } }) => {
    if (task !== undefined) throw redirect({ to: "/inbox/$taskId", params: { taskId: task }, search: rest, replace: true });
  },
  component: lazyRouteComponent(() => withTexts(import("./Inbox")), "Inbox"),
});

/** One task beside the list. The page above draws it, so that the list stays as it is while one walks. */
export const taskRoute = createRoute({ getParentRoute: () => listRoute, path: "$taskId" });

export const inboxRoute = listRoute.addChildren([taskRoute]);
