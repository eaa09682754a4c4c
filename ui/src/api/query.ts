// What the pages know of the server. The stream keeps it fresh, so nothing is fetched again for its age alone.
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./errors";

/** Refusals are answers; only what did not arrive or broke on the server's side is worth another try. */
export function worthAnother(failures: number, error: unknown): boolean {
  return failures < 3 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500);
}

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: worthAnother,
        staleTime: 30_000,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: false,
        networkMode: "always", // a server on this machine answers without a network
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
