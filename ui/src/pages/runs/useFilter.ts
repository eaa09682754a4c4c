import { useNavigate, useSearch } from "@tanstack/react-router";
import { flat } from "~/pages/filter/address";
import { filterOf, type RunFilter, searchOfFilter, textOfFilter } from "./filter";

export interface UsedFilter extends RunFilter {
  /** The whole filter as a query string: equal for equal filters. */
  text: string;
  /** Changes some of it; the address follows, and Back leads back. */
  change: (changed: Partial<RunFilter>) => void;
  /** Takes over the filter that a query string says. */
  set: (query: string) => void;
}

/** The filter of the page; it stands in the address and nowhere else. */
export function useFilter(): UsedFilter {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const filter = filterOf(flat(search));
  const go = (next: RunFilter) => void navigate({ to: "/runs", search: { ws: search.ws, ...searchOfFilter(next) } as never });
  return {
    ...filter,
    text: textOfFilter(filter),
    change: (changed) => go({ ...filter, ...changed }),
    set: (query) => go(filterOf(query)),
  };
}
