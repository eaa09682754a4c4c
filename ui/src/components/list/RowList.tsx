// Rows of one height, as many as there are: only those near the window are in the document. Each row is one link; the keys walk
// the links, so that Enter, Ctrl-click and the status line work as everywhere.
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useEffectEvent, useRef } from "react";
import { useT } from "~/i18n";
import { useShortcuts } from "~/shell/keys";
import style from "./list.module.css";
import { type Selection, useRowKeys } from "./useRowKeys";

export interface RowListProps<T> {
  /** The name of the list for screen readers. */
  label: string;
  items: readonly T[];
  idOf: (item: T) => string;
  /** What is in the row. Controls in it are stops of their own. */
  row: (item: T, state: { selected: boolean }) => ReactNode;
  /** The link of the row: gets its name and the props that it must carry. */
  link: (item: T, props: LinkProps) => ReactNode;
  /** px; the roomy setting adds its 6 by itself. */
  height?: number;
  /** With it rows can be selected: X, Shift-X, Ctrl-A. */
  selection?: Selection;
  /** The row that the address names. */
  current?: string | undefined;
  /** Rows that just changed: id → the colour of their bar. */
  changed?: ReadonlyMap<string, string>;
  /** Is called when the end comes near. */
  onEnd?: () => void;
  className?: string;
}

export interface LinkProps {
  className: string;
  tabIndex: 0 | -1;
  "data-row": number;
}

const ROOMY = 6;

function rowExtra(): number {
  return document.documentElement.dataset.density === "roomy" ? ROOMY : 0;
}

export function RowList<T>(props: RowListProps<T>) {
  const { label, items, idOf, row, link, height = 31, selection, current, changed, onEnd, className } = props;
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- the compiler is not in use; its functions are not handed on
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => height + rowExtra(),
    overscan: 12,
    getItemKey: (at) => idOf(items[at] as T),
  });
  const named = current === undefined ? -1 : items.findIndex((item) => idOf(item) === current);
  const at = Math.max(0, named);
  const keys = useRowKeys({ box, ids: items.map(idOf), start: at, current, bring: (to) => virtual.scrollToIndex(to), selection });
  useShortcuts("list", keys.shortcuts);
  // The row that the address names is in sight; from then on the reader scrolls.
  const there = named >= 0;
  const bring = useEffectEvent(() => virtual.scrollToIndex(named));
  useEffect(() => {
    if (there) bring();
  }, [current, there]);
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (items.length > 0 && last >= items.length - 20) onEnd?.();
  }, [last, items.length, onEnd]);
  const press = (event: KeyboardEvent) => keys.press(event);
  return (
    <div ref={box} className={[style.scroll, className].filter(Boolean).join(" ")} data-pane="list">
      <ul aria-label={label} className={style.rows} style={{ height: virtual.getTotalSize() }} onKeyDown={press} onFocus={keys.follow}>
        {shown.map(({ index, key, start, size }) => {
          const item = items[index] as T;
          const id = idOf(item);
          const selected = selection?.ids.has(id) ?? false;
          const bar = changed?.get(id);
          return (
            <li
              key={key}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              aria-current={id === current || undefined}
              data-selected={selected || undefined}
              data-changed={bar ? "" : undefined}
              className={style.row}
              style={{ top: start, height: size, ...(bar ? { "--bar": bar } : {}) } as never}
            >
              {link(item, { className: style.link ?? "", tabIndex: index === keys.at ? 0 : -1, "data-row": index })}
              {selection && (
                <input
                  type="checkbox"
                  className={style.check}
                  checked={selected}
                  tabIndex={-1}
                  aria-label={t("components.list.select", { name: id })}
                  onChange={() => keys.toggle(index)}
                />
              )}
              {row(item, { selected })}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
