// The first rows of a file, to be looked at before it is sent. What counts is how the server reads it; this is only the look.

export type Format = "csv" | "jsonl" | "json";

export interface Preview {
  columns: string[];
  rows: string[][];
  /** There is more in the file. */
  more: boolean;
}

const ENDINGS: Record<string, Format> = { csv: "csv", tsv: "csv", jsonl: "jsonl", ndjson: "jsonl", json: "json" };

/** What a file is by its name; null: nothing that can be sent. */
export function formatOf(name: string): Format | null {
  return ENDINGS[name.split(".").at(-1)?.toLowerCase() ?? ""] ?? null;
}

/** The cells of a table's text, quotes and line breaks in cells understood; a last row that breaks off is left out if `cut`. */
export function cellsOf(text: string, { most, cut }: { most: number; cut: boolean }): string[][] {
  const head = text.slice(0, text.indexOf("\n") < 0 ? text.length : text.indexOf("\n"));
  const sign = [",", ";", "\t"].reduce((best, one) => (head.split(one).length > head.split(best).length ? one : best));
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  const endRow = () => {
    row.push(cell);
    if (row.length > 1 || row[0] !== "") rows.push(row);
    [row, cell] = [[], ""];
  };
  for (let at = 0; at < text.length && rows.length < most; at += 1) {
    const one = text.charAt(at);
    if (quoted) {
      if (one !== '"') cell += one;
      else if (text[at + 1] === '"') [cell, at] = [`${cell}"`, at + 1];
      else quoted = false;
    } else if (one === '"' && cell === "") quoted = true;
    else if (one === sign) {
      row.push(cell);
      cell = "";
    } else if (one === "\n") endRow();
    else if (one !== "\r") cell += one;
  }
  if (!cut && rows.length < most) endRow();
  return rows;
}

const shown = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

function tableOf(values: readonly unknown[], more: boolean): Preview {
  const plain = values.map((value) => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : { value }));
  const columns = [...new Set(plain.flatMap((value) => Object.keys(value)))];
  return { columns, rows: plain.map((value) => columns.map((column) => (column in value ? shown(value[column]) : ""))), more };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return line;
  }
}

/** The first `most` rows of `text`, which is the beginning of a file (`cut`: not all of it). */
export function previewOf(format: Format, text: string, cut: boolean, most = 5): Preview {
  const clean = text.replace(/^\uFEFF/, "");
  if (format === "csv") {
    const [columns = [], ...rows] = cellsOf(clean, { most: most + 2, cut });
    return { columns, rows: rows.slice(0, most), more: cut || rows.length > most };
  }
  if (format === "jsonl") {
    const lines = clean.split("\n").filter((line) => line.trim() !== "");
    if (cut) lines.pop();
    return tableOf(lines.slice(0, most).map(parsed), cut || lines.length > most);
  }
  const value = cut ? [] : parsed(clean);
  const list = Array.isArray(value) ? value : [value];
  return tableOf(list.slice(0, most), cut || list.length > most);
}
