import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { Icon } from "~/components/basics";
import { format, useT } from "~/i18n";
import { announce } from "~/shell/notices/announce";
import style from "./data.module.css";
import { type Cut, countHits, cutOf, type Line, linesOf, MOST_LINES, valueAt } from "./json";

interface Props {
  value: unknown;
  /** Its name for screen readers: "Input of pay". */
  label: string;
  /** Loads what was left out for its size; without it there is a link to it. */
  onLoad?: (cut: Cut) => void;
  /** With search and copy buttons above it. */
  tools?: boolean;
}

/** Which lines there are, which one the keys are at, what is folded. */
function useLines(value: unknown) {
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const [search, setSearch] = useState("");
  const [all, setAll] = useState(false);
  const [at, setAt] = useState("");
  const lines = linesOf(value, { turned, search });
  const shown = all || search !== "" ? lines : lines.slice(0, MOST_LINES);
  const turn = (path: string) => setTurned((old) => new Set(old.has(path) ? [...old].filter((one) => one !== path) : [...old, path]));
  return { lines, shown, search, setSearch, showAll: () => setAll(true), at, setAt, turn };
}

async function copy(text: string, said: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  announce(said, "now");
}

/** A JSON value as a tree: folds at depth 3 and over 40 lines, search, copy of value and path, values in their types' colours. */
export function JsonView({ value, label, onLoad, tools = true }: Props) {
  const t = useT();
  const id = useId();
  const tree = useLines(value);
  const { shown, at, setAt, turn } = tree;
  const place = shown.findIndex(({ path }) => path === at);
  const line = shown[place];
  const up = at.slice(0, at.lastIndexOf("/"));
  const go = (to: number) => setAt(shown[Math.min(shown.length - 1, Math.max(0, to))]?.path ?? "");
  const keys: Record<string, () => void> = {
    ArrowDown: () => go(place + 1),
    ArrowUp: () => go(place - 1),
    Home: () => go(0),
    End: () => go(shown.length - 1),
    ArrowRight: () => (line?.foldable && !line.open ? turn(at) : go(place + 1)),
    ArrowLeft: () => (line?.foldable && line.open ? turn(at) : setAt(up)),
    Enter: () => line?.foldable && turn(at),
  };
  const press = (event: KeyboardEvent) => {
    const run = keys[event.key];
    if (!run || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  };
  return (
    <div className={style.json}>
      {tools && (tree.search !== "" || tree.lines.length > 3) && <Tools value={value} at={at} search={tree.search} onSearch={tree.setSearch} />}
      <ul role="tree" aria-label={label} tabIndex={0} aria-activedescendant={line ? `${id}${at}` : undefined} className={style.lines} onKeyDown={press}>
        {shown.map((one) => (
          <JsonLine key={one.path} id={`${id}${one.path}`} line={one} active={one.path === at} onAt={() => setAt(one.path)} onTurn={() => turn(one.path)}>
            {one.type === "file" && <CutText cut={cutOf(valueAt(value, one.path))} {...(onLoad ? { onLoad } : {})} />}
          </JsonLine>
        ))}
      </ul>
      {shown.length < tree.lines.length && (
        <button type="button" className={style.more} onClick={tree.showAll}>
          {t("components.json.more", { count: tree.lines.length - shown.length })}
        </button>
      )}
    </div>
  );
}

interface ToolsProps {
  value: unknown;
  at: string;
  search: string;
  onSearch: (text: string) => void;
}

function Tools({ value, at, search, onSearch }: ToolsProps) {
  const t = useT();
  return (
    <div className={style.tools}>
      <input
        type="search"
        className={style.search}
        aria-label={t("components.json.search")}
        placeholder={t("components.json.search")}
        value={search}
        onChange={(event) => onSearch(event.currentTarget.value)}
      />
      {search !== "" && (
        <span className="muted" role="status">
          {t("components.json.matches", { count: countHits(value, search) })}
        </span>
      )}
      <button type="button" className={style.tool} aria-label={t("components.json.copyPath", { path: at || "/" })} title={t("components.json.copyPath", { path: at || "/" })} onClick={() => void copy(at, t("components.json.copied"))}>
        <Icon name="link" />
      </button>
      <button type="button" className={style.tool} aria-label={t("components.json.copy")} title={t("components.json.copy")} onClick={() => void copy(JSON.stringify(value, null, 2), t("words.copied"))}>
        <Icon name="copy" />
      </button>
    </div>
  );
}

const COUNTED = { object: "components.json.keys", array: "components.json.items" } as const;

interface LineProps {
  id: string;
  line: Line;
  active: boolean;
  onAt: () => void;
  onTurn: () => void;
  children: ReactNode;
}

/** A line; its keys are the tree's. A click puts the keys there, on the arrow it folds. */
function JsonLine({ id, line, active, onAt, onTurn, children }: LineProps) {
  const t = useT();
  const { type, name } = line;
  const counted = type === "object" || type === "array" ? t(COUNTED[type], { count: line.size }) : null;
  return (
    <li
      id={id}
      role="treeitem"
      aria-level={line.depth + 1}
      aria-selected={active}
      aria-expanded={line.foldable ? line.open : undefined}
      data-path={line.path}
      className={style.line}
      style={{ paddingInlineStart: line.depth * 16 }}
      onClick={onAt}
      onDoubleClick={line.foldable ? onTurn : undefined}
    >
      <span className={style.fold} onClick={line.foldable ? onTurn : undefined}>
        {line.foldable && <Icon name={line.open ? "down" : "right"} size={12} />}
      </span>
      {name !== null && <span className={style.key}>{`${name}:`}</span>}
      {counted !== null ? (
        <span className="muted">{counted}</span>
      ) : (
        <span className={style.value} style={{ color: type === "null" ? "var(--ink-3)" : `var(--t-${type})` }}>
          {line.text}
          {children}
        </span>
      )}
    </li>
  );
}

/** What was too large to come along: its size, and a way to it. */
function CutText({ cut, onLoad }: { cut: Cut | null; onLoad?: (cut: Cut) => void }) {
  const t = useT();
  if (!cut) return null;
  const words = t("components.json.load", { size: format.bytes(cut.bytes) });
  return onLoad ? (
    <button type="button" className={style.more} onClick={() => onLoad(cut)}>
      {words}
    </button>
  ) : (
    <a className={style.more} href={cut.href}>
      {words}
    </a>
  );
}
