// The filter of the feed: every token is a parameter of GET /activity. Words are looked for in what was read: the API has no
// parameter for them.
import type { Query as Filter } from "~/components/list";
import { filterIn, queryOf, queryText, type Search, searchOf, type Table } from "~/pages/filter/address";

export const AREAS = ["workflow", "human", "workspace"] as const;
export const EVENTS = [
  "segment.started",
  "segment.completed",
  "segment.failed",
  "segment.cancelled",
  "segment.paused",
  "segment.resumed",
  "step.failed",
  "incident.opened",
  "incident.resolved",
  "human.task_created",
  "human.task_completed",
  "human.task_expired",
  "human.task_cancelled",
  "segment.published",
  "key.created",
  "key.revoked",
] as const;

const oneOf = (values: readonly string[]) => (value: string) => values.includes(value);

export const FEED: Table = {
  fields: {
    area: { is: { name: "area", many: true, fits: oneOf(AREAS) } },
    event: { is: { name: "event", many: true, fits: oneOf(EVENTS) } },
    person: { is: { name: "principal" } },
    run: { is: { name: "run_id" } },
    segment: { is: { name: "segment_id" } },
  },
  words: "q",
};

export function feedFilter(search: string): Filter {
  return filterIn(FEED, new URLSearchParams(search));
}

export function feedSearch(filter: Filter): Search {
  return searchOf(FEED, filter);
}

/** Equal for equal filters; without the words, which the page looks for itself. */
export function feedName(filter: Filter): string {
  return queryText(feedSearch({ tokens: filter.tokens, words: "" }));
}

/** What GET /activity is asked. */
export function feedQuery(filter: Filter, workspace: string | undefined): Search {
  const query = queryOf(FEED, { tokens: filter.tokens, words: "" }, 0);
  return { ...query, ...(workspace === undefined ? {} : { workspace_id: workspace }) };
}

/** What is shown at a click, as query strings. */
export const SHOWN = [
  { id: "all", query: "" },
  { id: "people", query: "area=human" },
  { id: "runs", query: "area=workflow" },
  { id: "repair", query: "event=incident.opened&event=incident.resolved&event=segment.failed&event=step.failed" },
] as const;

export type Shown = (typeof SHOWN)[number]["id"];

/** Which of them a filter is, words aside; undefined: another one. */
export function shownBy(filter: Filter): Shown | undefined {
  const name = feedName(filter);
  return SHOWN.find(({ query }) => feedName(feedFilter(query)) === name)?.id;
}
