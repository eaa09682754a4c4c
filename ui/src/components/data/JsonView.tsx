import { type ReactNode, useState } from "react";
import { Icon } from "~/components/basics";
import { format, useT } from "~/i18n";
import { announce } from "~/shell/notices/announce";
import style from "./data.module.css";
import { type Cut, cutOf, countHits, type Line, linesOf, MOST_LINES, valueAt } from "./json";

interface Props {
  value: unknown;
  /** Its name for screen readers: "Input of pay". */
  label: string;
  /** Loads what was left out for its size; without it there is a link to it. */
  onLoad?: (cut: Cut) => void;
  /** With the search and the copy button above it. */
  tools?: boolean;
}

/** A JSON value: folds at depth 3 and over 40 lines, search, copy of a path, values in the colours of their types. */
export function JsonView({ value, label, onLoad, tools = true }: Props) {
  const t = useT();
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const [search, setSearch] = useState("");
  const [all, setAll] = useState(false);
  const lines = linesOf(value, { turned, search });
  const shown = all || search !== "" ? lines : lines.slice(0, MOST_LINES);
  const turn = (path: string) => setTurned((old) => new Set(old.has(path) ? [...old].filter((one) => one !== path) : [...old, path]));
  return (
    <div className={style.json} role="group" aria-label={label}>
      {tools && (search !== "" || lines.length > 3) && <Tools value={value} search={search} onSearch={setSearch} />}
      <ul className={style.lines}>
        {shown.map((line) => (
          <JsonLine key={line.path} line={line} onTurn={() => turn(line.path)}>
            {line.type === "file" && <CutText value={valueAt(value, line.path)} {...(onLoad ? { onLoad } : {})} />}
          </JsonLine>
        ))}
      </ul>
      {shown.length < lines.length && (
        <button type="button" className={style.more} onClick={() => setAll(true)}>
          {t("components.json.more", { count: lines.length - shown.length })}
        </button>
      )}
    </div>
  );
}

function Tools({ value, search, onSearch }: { value: unknown; search: string; onSearch: (text: string) => void }) {
  const t = useT();
  const copy = async () => {
    await navigator.clipboard.writeText(JSON.stringify(value, null, 2));
    announce(t("words.copied"), "now");
  };
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
      <button type="button" className={style.tool} aria-label={t("components.json.copy")} onClick={() => void copy()}>
        <Icon name="copy" />
      </button>
    </div>
  );
}

const COUNTED = { object: "components.json.keys", array: "components.json.items" } as const;

function JsonLine({ line, onTurn, children }: { line: Line; onTurn: () => void; children: ReactNode }) {
  const t = useT();
  const { type, name, path } = line;
  const copy = async () => {
    await navigator.clipboard.writeText(path);
    announce(t("components.json.copied"), "now");
  };
  return (
    <li className={style.line} style={{ paddingInlineStart: line.depth * 16 }}>
      {line.foldable ? (
        <button type="button" className={style.fold} aria-expanded={line.open} aria-label={t(line.open ? "components.json.fold" : "components.json.open", { path: path || "/" })} onClick={onTurn}>
          <Icon name={line.open ? "down" : "right"} size={12} />
        </button>
      ) : (
        <span className={style.fold} />
      )}
      {name !== null && (
        <button type="button" className={style.key} title={t("components.json.copyPath", { path })} onClick={() => void copy()}>
          {`${name}:`}
        </button>
      )}
      {type === "object" || type === "array" ? (
        <span className="muted">{t(COUNTED[type], { count: line.size })}</span>
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
function CutText({ value, onLoad }: { value: unknown; onLoad?: (cut: Cut) => void }) {
  const t = useT();
  const cut = cutOf(value);
  if (!cut) return null;
  const size = format.bytes(cut.bytes);
  return onLoad ? (
    <button type="button" className={style.more} onClick={() => onLoad(cut)}>
      {t("components.json.load", { size })}
    </button>
  ) : (
    <a href={cut.href}>{t("components.json.load", { size })}</a>
  );
}
