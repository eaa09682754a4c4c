// Which rows are selected. Rule: a selection is of runs, not of places: new rows and other orders do not change it.

export interface Selection {
  readonly ids: ReadonlySet<string>;
  /** The row that a range begins at. */
  readonly anchor: string | null;
}

export const NOTHING: Selection = { ids: new Set(), anchor: null };

/** The one row more, or no longer. It begins the next range. */
export function toggle(selection: Selection, id: string): Selection {
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, anchor: id };
}

/** All rows from the anchor to `id`, added. Without an anchor that is still there: that row alone. */
export function range(selection: Selection, shown: readonly string[], id: string): Selection {
  const from = selection.anchor === null ? -1 : shown.indexOf(selection.anchor);
  const to = shown.indexOf(id);
  if (to < 0) return selection;
  if (from < 0) return { ids: new Set([...selection.ids, id]), anchor: id };
  const between = shown.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set([...selection.ids, ...between]), anchor: selection.anchor };
}

/** All shown, or none where all are selected already. */
export function all(selection: Selection, shown: readonly string[]): Selection {
  const every = shown.length > 0 && shown.every((id) => selection.ids.has(id));
  return every ? NOTHING : { ids: new Set([...selection.ids, ...shown]), anchor: selection.anchor };
}
