import { getRouteApi } from "@tanstack/react-router";
import type { View } from "./data";

const route = getRouteApi("/inbox");

/** What of the address stays while one walks from task to task: the chosen view. */
export function useKeptSearch(): { view?: View } {
  const { view } = route.useSearch();
  return view === undefined ? {} : { view };
}
