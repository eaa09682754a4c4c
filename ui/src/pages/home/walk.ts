/** Moves the focus to the next (1) or previous (-1) row of the page: whatever carries data-row. False: there is none. */
export function walkRows(by: 1 | -1, root: ParentNode = document): boolean {
  const rows = [...root.querySelectorAll<HTMLElement>("[data-row]")];
  const at = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
  next?.focus();
  return next !== undefined;
}
