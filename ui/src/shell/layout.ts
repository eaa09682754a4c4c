// Which shell a width gets: ≤ 640 a bar at the bottom, to 1100 the rail, to 1439 the rail on all but Home, else the sidebar.
import { useMediaQuery } from "@mantine/hooks";
import { useRouterState } from "@tanstack/react-router";
import { changeSettings, useSettings } from "~/settings/store";

export type Layout = "bottom" | "rail" | "sidebar";

/** Pages that want the width for themselves. */
function wantsWidth(path: string): boolean {
  return /^\/runs\/[^/]+/.test(path);
}

export function layoutOf(widths: { narrow: boolean; medium: boolean; wide: boolean }, path: string, mode: "auto" | "open" | "rail"): Layout {
  if (widths.narrow) return "bottom";
  if (widths.medium) return "rail";
  if (mode !== "auto") return mode === "open" ? "sidebar" : "rail";
  if (wantsWidth(path)) return "rail";
  return widths.wide || path === "/" ? "sidebar" : "rail";
}

const AT_ONCE = { getInitialValueInEffect: false };

export function useNarrow(): boolean {
  return useMediaQuery("(max-width: 640px)", false, AT_ONCE) ?? false;
}

export function useLayout(): { layout: Layout; canFold: boolean; toggle: () => void } {
  const narrow = useNarrow();
  const medium = useMediaQuery("(max-width: 1100px)", false, AT_ONCE) ?? false;
  const wide = useMediaQuery("(min-width: 1440px)", false, AT_ONCE) ?? true;
  const path = useRouterState({ select: (state) => state.location.pathname });
  const layout = layoutOf(
    { narrow, medium, wide },
    path,
    useSettings((settings) => settings.sidebar),
  );
  const canFold = !narrow && !medium;
  const toggle = () => changeSettings({ sidebar: layout === "sidebar" ? "rail" : "open" });
  return { layout, canFold, toggle };
}
