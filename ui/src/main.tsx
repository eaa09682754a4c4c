import "~/theme/styles";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { meQuery, onSignedOut } from "~/api";
import { loadLanguage } from "~/i18n";
import { queries, router } from "~/routes";
import { useSettings } from "~/settings/store";
import { Sprite } from "~/theme/Sprite";
import { waymark, waymarkVariables } from "~/theme/theme";

function showDensity(): void {
  document.documentElement.dataset.density = useSettings.getState().density;
}

async function main(): Promise<void> {
  const root = document.getElementById("root");
  if (!root) throw new Error("index.html has no #root");
  showDensity();
  useSettings.subscribe(showDensity);
  // Somebody's session ended: asking who one is again leads to the login.
  onSignedOut(() => {
    if (queries.getQueryState(meQuery.queryKey)?.status === "success") void queries.invalidateQueries(meQuery);
  });
  await loadLanguage();
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={waymark} cssVariablesResolver={waymarkVariables} defaultColorScheme="auto">
        <Sprite />
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

void main();
