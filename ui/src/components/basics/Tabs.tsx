import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useId, useRef, useState } from "react";
import { Counts } from "./Counts";
import style from "./basics.module.css";

export interface Tab<T extends string> {
  id: T;
  label: string;
  /** null while not known; left out: none is shown. */
  count?: number | null;
}

interface Props<T extends string> {
  label: string;
  tabs: readonly Tab<T>[];
  chosen: T;
  onChoose: (id: T) => void;
  /** The panel of the chosen tab; without it the tabs are switches of what stands elsewhere. */
  children?: ReactNode;
  /** Right of the tabs. */
  aside?: ReactNode;
}

const SLACK = 2; // px, of rounding

function showChosen(list: HTMLElement): void {
  const tab = list.querySelector<HTMLElement>("[aria-selected=true]");
  if (!tab) return;
  const [from, to] = [tab.offsetLeft - list.offsetLeft, tab.offsetLeft - list.offsetLeft + tab.offsetWidth];
  if (from < list.scrollLeft || to > list.scrollLeft + list.clientWidth) list.scrollTo?.({ left: from });
}

/** Whether tabs stand before or behind what is seen; the chosen one is brought into sight. */
function useBeyond(row: RefObject<HTMLDivElement | null>, chosen: string, count: number) {
  const [beyond, setBeyond] = useState({ before: false, behind: false });
  useEffect(() => {
    const list = row.current;
    if (!list) return;
    const look = () => {
      const before = list.scrollLeft > SLACK;
      const behind = list.scrollLeft + list.clientWidth < list.scrollWidth - SLACK;
      setBeyond((old) => (old.before === before && old.behind === behind ? old : { before, behind }));
    };
    // Again with every change of size: counts come later than the tabs, and make them wider.
    const sizes = new ResizeObserver(() => {
      showChosen(list);
      look();
    });
    sizes.observe(list);
    for (const tab of list.children) sizes.observe(tab);
    list.addEventListener("scroll", look, { passive: true });
    return () => {
      sizes.disconnect();
      list.removeEventListener("scroll", look);
    };
  }, [row, count]);
  useEffect(() => {
    if (row.current) showChosen(row.current);
  }, [row, chosen]);
  return { "data-before": beyond.before || undefined, "data-behind": beyond.behind || undefined };
}

/** Tabs with counts. Arrow keys choose; the chosen one is the only stop. */
export function Tabs<T extends string>({ label, tabs, chosen, onChoose, children, aside }: Props<T>) {
  const id = useId();
  const row = useRef<HTMLDivElement>(null);
  const beyond = useBeyond(row, chosen, tabs.length);
  const walk = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    // From the tab that has the focus: what was chosen may be told later than the next key is pressed.
    const at = [...event.currentTarget.querySelectorAll("[role=tab]")].indexOf(event.target as Element);
    const last = tabs.length - 1;
    const next = Number.isFinite(step) ? (at + step + tabs.length) % tabs.length : step > 0 ? last : 0;
    const tab = tabs[next];
    if (!tab) return;
    onChoose(tab.id);
    row.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  return (
    <>
      <div className={style.tabrow}>
        <div ref={row} role="tablist" aria-label={label} className={style.tabs} {...beyond} onKeyDown={walk}>
          {tabs.map((tab) => (
            <button
              key={tab.id}
              type="button"
              role="tab"
              id={`${id}-${tab.id}`}
              aria-selected={tab.id === chosen}
              aria-controls={children === undefined ? undefined : `${id}-panel`}
              tabIndex={tab.id === chosen ? 0 : -1}
              className={style.tab}
              onClick={() => onChoose(tab.id)}
            >
              {tab.label}
              {tab.count !== undefined && <Counts value={tab.count} />}
            </button>
          ))}
        </div>
        {aside}
      </div>
      {children !== undefined && (
        <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${chosen}`} tabIndex={-1} className={style.panel}>
          {children}
        </div>
      )}
    </>
  );
}
