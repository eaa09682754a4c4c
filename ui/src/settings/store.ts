// What a person set on this device. Nothing here is a fact of the server.
import { create } from "zustand";
import { persist } from "zustand/middleware";

export type Language = "en" | "de";
export type Density = "normal" | "roomy";
export type SidebarMode = "auto" | "open" | "rail";

export interface Settings {
  /** null: as the browser asks for. */
  language: Language | null;
  density: Density;
  /** Single-key shortcuts may be switched off (WCAG 2.1.4); those with Ctrl, Esc and the F keys stay. */
  singleKeys: boolean;
  sidebar: SidebarMode;
  /** Sizes and folds of panes, by "page.pane". */
  panes: Record<string, number>;
}

const FRESH: Settings = { language: null, density: "normal", singleKeys: true, sidebar: "auto", panes: {} };

export const useSettings = create<Settings>()(persist(() => FRESH, { name: "worktrail.settings", version: 1 }));

/** Changes some of the settings. */
export function changeSettings(changed: Partial<Settings>): void {
  useSettings.setState(changed);
}

/** The size or fold (0 or 1) of a pane, remembered on this device. */
export function usePane(name: string, fallback: number): [number, (value: number) => void] {
  const value = useSettings((settings) => settings.panes[name] ?? fallback);
  return [value, (next) => useSettings.setState((old) => ({ panes: { ...old.panes, [name]: next } }))];
}
