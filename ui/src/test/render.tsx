// Rendering for tests: the theme, a query client, a stream without a server, a route to stand on.
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render, type RenderResult, waitFor } from "@testing-library/react";
import { act, type ReactNode } from "react";
import { LiveProvider } from "~/live";
import { Hub } from "~/live/hub";
import { waymark } from "~/theme/theme";
import { FakeStream } from "./stream";

export interface Rendered extends RenderResult {
  stream: FakeStream;
  queries: QueryClient;
  path: () => string;
}

/** Renders `what` at `at` below all that pages need. Answers when it stands. */
export async function show(what: ReactNode, at = "/"): Promise<Rendered> {
  const stream = new FakeStream();
  const hub = new Hub(stream.ports, "/api/v1/stream");
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const root = createRootRoute({ component: () => <div data-testid="shown">{what}</div>, notFoundComponent: () => null });
  const any = createRoute({ getParentRoute: () => root, path: "$" });
  const router = createRouter({ routeTree: root.addChildren([any]), history: createMemoryHistory({ initialEntries: [at] }) });
  const result = render(
    <MantineProvider theme={waymark} env="test">
      <QueryClientProvider client={queries}>
        <LiveProvider hub={hub}>
          <RouterProvider router={router as never} />
        </LiveProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  await waitFor(() => result.getByTestId("shown"));
  await act(async () => undefined);
  return { ...result, stream, queries, path: () => router.state.location.href };
}
