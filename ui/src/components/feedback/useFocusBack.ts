import { useLayoutEffect } from "react";

/** At once, and when a dialog that fades is gone. */
const LOOKS_MS = [0, 300];

/** The panes around an element, the nearest first. */
function panesOf(element: Element | null): HTMLElement[] {
  const panes: HTMLElement[] = [];
  for (let pane = element?.closest<HTMLElement>("[data-pane]"); pane; pane = pane.parentElement?.closest<HTMLElement>("[data-pane]")) panes.push(pane);
  return panes;
}

/**
 * Brings the focus back to where it was before a dialog, or, where that went away meanwhile, to the pane that it stood in.
 * Mantine does so only for a dialog that is closed and stays mounted, while ours mostly go with their cause; and it looks for
 * what had the focus after paint, which on a busy machine is after the dialog took it.
 */
export function useFocusBack(opened: boolean): void {
  useLayoutEffect(() => {
    if (!opened) return;
    const before = document.activeElement instanceof HTMLElement && document.activeElement !== document.body ? document.activeElement : null;
    const panes = panesOf(before);
    const back = () => {
      if (!globalThis.document || document.activeElement !== document.body) return; // the window may be gone by then
      const place = [before, ...panes].find((one) => one?.isConnected) ?? document.getElementById("main");
      if (place && place !== before && !place.hasAttribute("tabindex")) place.tabIndex = -1;
      place?.focus({ preventScroll: true });
    };
    return () => {
      for (const wait of LOOKS_MS) setTimeout(back, wait);
    };
  }, [opened]);
}
