import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { request } from "./client";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => request("get", "/api/v1/me", { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Who is signed in, where, with which rights. Below the shell it is always there. */
export function useMe() {
  return useSuspenseQuery(meQuery).data;
}

export type Right = "view" | "run" | "decide" | "edit" | "publish" | "admin";

/** Whether a right is there. A control without its right stays in place and says why. */
export function useCan(right: Right): boolean {
  return useMe().permissions.includes(right);
}
