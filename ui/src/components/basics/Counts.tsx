import { format, useT } from "~/i18n";
import style from "./basics.module.css";

/** A count beside a name: right aligned, tabular; null (not known yet) is an en dash, never 0; over 9,999 "9,999+". */
export function Counts({ value, due = false }: { value: number | null | undefined; due?: boolean }) {
  useT();
  return (
    <span className={style.count} data-due={(due && value) || undefined}>
      {format.count(value)}
    </span>
  );
}
