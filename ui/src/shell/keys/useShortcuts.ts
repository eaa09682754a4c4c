import { useEffect, useRef } from "react";
import { addShortcuts, type Page, type Shortcuts } from "./registry";

/**
 * The shortcuts of a page (or of a list on it) for as long as the component stands. They are in the `?` sheet at once.
 *
 *     useShortcuts("runs", { n: { label: "runs.key.start", run: start }, "Mod+A": { label: "keys.all", run: selectAll } });
 *
 * Names are those of `comboOf`: "j", "Shift+X", "Mod+K", "g h", "Escape", "F6", ".". Pass `null` to have none for now.
 */
export function useShortcuts(page: Page, shortcuts: Shortcuts | null): void {
  const latest = useRef<Shortcuts>({});
  useEffect(() => {
    latest.current = shortcuts ?? {};
  });
  const there = shortcuts !== null;
  const names = there ? Object.keys(shortcuts).join(" ") : "";
  useEffect(() => {
    if (!there) return;
    return addShortcuts({ page, shortcuts: () => latest.current });
  }, [page, there, names]);
}
