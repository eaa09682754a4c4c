import { useEffect, useState } from "react";
import { useT } from "~/i18n";
import style from "./feedback.module.css";

const AFTER_MS = 150;
const MOST = 24;

/** Whether something has taken longer than 150 ms by now. */
function useLate(ms = AFTER_MS): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return late;
}

interface Props {
  /** How many rows, at most a screen of them. */
  rows?: number;
  /** The true widths of the columns: px, or "1fr". */
  columns?: readonly (number | string)[];
  /** Height of a row, px. */
  height?: number;
}

/** Bars where rows will stand, after 150 ms. Only where there is nothing known yet: stale data beats a skeleton. */
export function Skeleton({ rows = 8, columns = ["1fr"], height = 31 }: Props) {
  const t = useT();
  const late = useLate();
  const template = columns.map((column) => (typeof column === "number" ? `${column}px` : column)).join(" ");
  return (
    <div aria-busy="true">
      <span className="visually-hidden">{t("components.loading")}</span>
      {late &&
        Array.from({ length: Math.min(rows, MOST) }, (_, row) => (
          <div key={row} className={style.bones} style={{ gridTemplateColumns: template, height }} aria-hidden="true">
            {columns.map((_column, place) => (
              <span key={place} className={style.bone} />
            ))}
          </div>
        ))}
    </div>
  );
}
