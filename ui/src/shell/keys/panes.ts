// F6 and Shift-F6 walk the panes: whatever carries data-pane, in the order of the document.

/** Moves the focus to the next pane (by 1) or the previous one (by -1). */
export function walkPanes(by: 1 | -1, root: ParentNode = document): void {
  const panes = [...root.querySelectorAll<HTMLElement>("[data-pane]")].filter((pane) => pane.getClientRects().length > 0 || !pane.isConnected);
  if (panes.length === 0) return;
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = panes[(at + by + panes.length) % panes.length] ?? panes[0];
  if (!next) return;
  if (!next.hasAttribute("tabindex")) next.tabIndex = -1;
  next.focus();
}
