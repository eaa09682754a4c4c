import { useState } from "react";
import { Section } from "~/components/basics";
import { JsonView } from "~/components/data";
import { language, useT } from "~/i18n";
import type { Task } from "../answer";
import { type Block, blocksOf, type Column, isTable, type Table } from "./evidence";
import style from "./detail.module.css";

const FEW = 12;

/** A number as people read it; columns share their decimals, so that they stand under each other. */
function numberOf(value: number, decimals?: number): string {
  const fixed = decimals === undefined ? { maximumFractionDigits: 20 } : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(language(), { useGrouping: "min2", ...fixed }).format(value);
}

/** A value in a cell or behind a label. What is deeper than that is JSON on demand. */
function Value({ value, label, column }: { value: unknown; label: string; column?: Column }) {
  const t = useT();
  if (value === null || value === undefined || value === "") return <span className="muted">{t("inbox.value.none")}</span>;
  if (typeof value === "number") return <>{numberOf(value, column?.decimals ?? undefined)}</>;
  if (typeof value === "boolean") return <>{t(value ? "components.form.yes" : "components.form.no")}</>;
  if (typeof value === "string") return <>{value}</>;
  if (Array.isArray(value) && !isTable(value) && value.every((one) => typeof one !== "object")) {
    if (value.length === 0) return <span className="muted">{t("inbox.value.empty")}</span>;
    return (
      <ul>
        {value.map((one, at) => (
          <li key={at}>{String(one)}</li>
        ))}
      </ul>
    );
  }
  return <JsonView value={value} label={label} tools={false} />;
}

function Rows({ table, name }: { table: Table; name: string }) {
  const t = useT();
  const [all, setAll] = useState(false);
  const shown = all ? table.rows : table.rows.slice(0, FEW);
  return (
    <>
      <div className={style.scrolled} tabIndex={0} role="group" aria-label={name}>
        <table className={style.table}>
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th key={column.key} scope="col" data-number={column.decimals !== null || undefined}>
                  {column.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, at) => (
              <tr key={at}>
                {table.columns.map((column) => (
                  <td key={column.key} data-number={column.decimals !== null || undefined}>
                    <Value value={row[column.key]} label={column.label} column={column} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < table.rows.length && (
        <button type="button" className={style.more} onClick={() => setAll(true)}>
          {t("inbox.evidence.more", { count: table.rows.length - shown.length })}
        </button>
      )}
    </>
  );
}

function OneBlock({ block }: { block: Block }) {
  const t = useT();
  const title = block.title ?? t("inbox.evidence");
  return (
    <>
      {block.title !== null && (
        <h4 className={style.blockTitle}>
          {block.title}
          {block.kind === "table" && <span className="muted">{t("inbox.evidence.rows", { count: block.rows.length })}</span>}
        </h4>
      )}
      {block.kind === "table" ? (
        <Rows table={block} name={title} />
      ) : (
        <dl className={style.facts}>
          {block.facts.map(({ key, label, value }) => (
            <div key={key}>
              <dt>{label}</dt>
              <dd>
                <Value value={value} label={label} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

/** What the person is shown: facts and tables; the JSON on demand. */
export function Evidence({ task }: { task: Task }) {
  const t = useT();
  const [raw, setRaw] = useState(false);
  const { data } = task;
  if (data === null || data === undefined) return null;
  const blocks = blocksOf(data);
  const aside = blocks && (
    <button type="button" className={style.more} aria-pressed={raw} onClick={() => setRaw(!raw)}>
      {t(raw ? "inbox.evidence.readable" : "inbox.evidence.raw")}
    </button>
  );
  return (
    <Section title={t("inbox.evidence")} aside={aside}>
      {raw || blocks === null ? (
        typeof data === "string" ? <p className={style.plain}>{data}</p> : <JsonView value={data} label={t("inbox.evidence")} />
      ) : (
        blocks.map((block, at) => <OneBlock key={at} block={block} />)
      )}
    </Section>
  );
}
