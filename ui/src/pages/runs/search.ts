// The address of the page is its filter: every parameter of the table, and the order. Nothing else is kept.
import { flat, type Search } from "~/pages/filter/address";
import { filterOf, searchOfFilter } from "./filter";

/** The filter in search parameters of any shape; what is none is left out. */
export function runSearch(search: Record<string, unknown>): Search {
  return searchOfFilter(filterOf(flat(search)));
}
