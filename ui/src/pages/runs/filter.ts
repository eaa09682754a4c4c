// The filter of runs: every token is a parameter of GET /runs, so the query of a saved view or of a cause on Home is an address
// of this page as it is. Only a span of time is different: the address keeps it as it was said (`created=24h`), the query gets
// the moment that it means when the list is read.
import type { Query as Filter, Token } from "~/components/list";
import { filterIn, queryOf, queryText, type Search, searchOf, type Table } from "~/pages/filter/address";

export const STATUSES = ["running", "waiting", "paused", "completed", "failed", "cancelled", "timed_out"] as const;
export const WAITS = ["person", "timer", "message", "child run", "retry", "incident"] as const;

const SPAN = /^(\d{1,4})(m|h|d|w)$/;
const SPAN_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const DATE_ONLY = /^\d{4}-\d{2}-\d{2}$/;

/** Milliseconds since the epoch; a date alone begins in the person's zone, not in UTC. NaN if it is no time. */
function momentOf(value: string): number {
  return Date.parse(DATE_ONLY.test(value) ? `${value}T00:00` : value);
}

function startOf(span: string, now: number): string {
  const [, size = "0", unit = "h"] = SPAN.exec(span) ?? [];
  return new Date(now - Number(size) * (SPAN_MS[unit] ?? 0)).toISOString();
}

const oneOf = (values: readonly string[]) => (value: string) => values.includes(value);

export const isSpan = (value: string): boolean => SPAN.test(value);
export const isMoment = (value: string): boolean => !Number.isNaN(momentOf(value));
export const isLabel = (value: string): boolean => /^[^=]+=./.test(value);

const moment = (name: string) => ({ name, fits: isMoment, means: (value: string) => ({ [name]: new Date(momentOf(value)).toISOString() }) });

export const RUNS: Table = {
  fields: {
    state: { is: { name: "status", many: true, fits: oneOf(STATUSES) } },
    waits: { is: { name: "wait_for", many: true, fits: oneOf(WAITS) } },
    segment: { is: { name: "segment_id", many: true } },
    key: { is: { name: "business_key" } },
    label: { is: { name: "label", many: true, fits: isLabel } },
    error: { is: { name: "error_code", many: true } },
    step: { is: { name: "step_id" } },
    started: {
      is: { name: "created", fits: isSpan, means: (value, now) => ({ created_after: startOf(value, now) }) },
      gt: moment("created_after"),
      lt: moment("created_before"),
    },
    ended: { gt: moment("ended_after") },
    batch: { is: { name: "batch" } },
    parent: { is: { name: "parent" } },
    root: { is: { name: "root" } },
  },
  words: "q",
};

export const ORDERS = ["newest", "updated", "oldest"] as const;
export type RunOrder = (typeof ORDERS)[number];

export interface RunFilter extends Filter {
  order: RunOrder;
}

/** The filter that a query string says. */
export function filterOf(search: string): RunFilter {
  const all = new URLSearchParams(search);
  const said = all.get("order");
  return { ...filterIn(RUNS, all), order: ORDERS.find((order) => order === said) ?? "newest" };
}

/** The filter as search parameters of the page. */
export function searchOfFilter(filter: RunFilter): Search {
  return { ...searchOf(RUNS, filter), ...(filter.order === "newest" ? {} : { order: filter.order }) };
}

/** The filter as one query string, equal for equal filters: the name of its list, and what a view stores. */
export function textOfFilter(filter: RunFilter): string {
  return queryText(searchOfFilter(filter));
}

/** What GET /runs is asked now. */
export function runQuery(filter: Filter, now: number, workspace: string | undefined): Search {
  return { ...queryOf(RUNS, filter, now), ...(workspace === undefined ? {} : { workspace_id: workspace }) };
}

/** Whether a token is about the state of runs: what the tally counts. */
export function isState(token: Token): boolean {
  return token.field === "state" || token.field === "waits";
}

/** A click on the tally: that state alone, or (where it is alone already) any state. */
export function toggled(tokens: readonly Token[], state: Token): Token[] {
  const states = tokens.filter(isState);
  const rest = tokens.filter((token) => !isState(token));
  const alone = states.length === 1 && states[0]?.field === state.field && states[0].value === state.value;
  return alone ? rest : [...rest, state];
}
