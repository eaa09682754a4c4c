// What a person is shown, as facts and tables. A value that is neither is told as JSON. No drawing here.
import { cutOf } from "~/components/data";

export interface Table {
  kind: "table";
  title: string | null;
  columns: Column[];
  rows: readonly Record<string, unknown>[];
}

export interface Column {
  key: string;
  label: string;
  /** All its values are numbers: right aligned, with so many decimals. */
  decimals: number | null;
}

export interface Facts {
  kind: "facts";
  title: string | null;
  facts: { key: string; label: string; value: unknown }[];
}

export type Block = Table | Facts;

type Plain = Record<string, unknown>;

const isPlain = (value: unknown): value is Plain => typeof value === "object" && value !== null && !Array.isArray(value) && cutOf(value) === null;
const MOST_DECIMALS = 6;

/** "unit_price" → "Unit price". */
export function labelOf(key: string): string {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .trim();
  return words === "" ? key : words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

function decimalsOf(value: number): number {
  const [, digits = ""] = String(value).split(".");
  return Math.min(MOST_DECIMALS, digits.length);
}

function columnsOf(rows: readonly Plain[]): Column[] {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return keys.map((key) => {
    const values = rows.map((row) => row[key]).filter((value) => value !== null && value !== undefined);
    const numbers = values.filter((value) => typeof value === "number");
    const decimals = values.length > 0 && numbers.length === values.length ? Math.max(...numbers.map(decimalsOf)) : null;
    return { key, label: labelOf(key), decimals };
  });
}

/** A list of objects is a table; of anything else it is not. */
export function isTable(value: unknown): value is Plain[] {
  return Array.isArray(value) && value.length > 0 && value.every(isPlain);
}

/** The blocks of a value: its own facts first, then tables and nested objects in their order; null: it is best read as JSON. */
export function blocksOf(value: unknown, title: string | null = null, depth = 0): Block[] | null {
  if (isTable(value)) return [{ kind: "table", title, columns: columnsOf(value), rows: value }];
  if (!isPlain(value)) return null;
  const facts: Facts["facts"] = [];
  const below: Block[] = [];
  for (const [key, one] of Object.entries(value)) {
    const nested = depth < 2 && (isTable(one) || (isPlain(one) && Object.keys(one).length > 0)) ? blocksOf(one, title === null ? labelOf(key) : `${title}, ${labelOf(key).toLocaleLowerCase()}`, depth + 1) : null;
    if (nested) below.push(...nested);
    else facts.push({ key, label: labelOf(key), value: one });
  }
  return facts.length > 0 ? [{ kind: "facts", title, facts }, ...below] : below;
}
