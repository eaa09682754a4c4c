// A JSON value as lines, for JsonView: which are shown, how deep, of which type. No drawing here.

export type JsonType = "string" | "number" | "boolean" | "object" | "array" | "file" | "null";

export interface Line {
  /** JSON pointer. */
  path: string;
  depth: number;
  /** The key or index, null at the root. */
  name: string | null;
  type: JsonType;
  /** Shown text of a leaf; for objects and arrays how many there are in it. */
  text: string;
  size: number;
  foldable: boolean;
  open: boolean;
}

/** A value that the API left out for its size: `{"$cut": {bytes, href}}`. */
export interface Cut {
  bytes: number;
  href: string;
}

export const OPEN_DEPTH = 3;
export const MOST_LINES = 40;

/** What was left out in the place of a value, if something was. */
export function cutOf(value: unknown): Cut | null {
  if (typeof value !== "object" || value === null || !("$cut" in value)) return null;
  const { bytes, href } = value.$cut as Partial<Cut>;
  return typeof bytes === "number" && typeof href === "string" ? { bytes, href } : null;
}

export function typeOf(value: unknown): JsonType {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (cutOf(value)) return "file";
  const type = typeof value;
  return type === "object" || type === "string" || type === "number" || type === "boolean" ? type : "null";
}

const escape = (key: string): string => key.replace(/~/g, "~0").replace(/\//g, "~1");

function entriesOf(value: unknown): [string, unknown][] {
  if (Array.isArray(value)) return value.map((item, at) => [String(at), item]);
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

interface Options {
  /** Paths whose fold is the other way round than by default. */
  turned: ReadonlySet<string>;
  /** Only branches where a key or value has this in it; "" all. */
  search: string;
}

function hits(name: string | null, value: unknown, needle: string): boolean {
  if (name?.toLocaleLowerCase().includes(needle)) return true;
  const inner = entriesOf(value);
  if (inner.length > 0) return inner.some(([key, item]) => hits(key, item, needle));
  return String(value).toLocaleLowerCase().includes(needle);
}

/** The lines of a value. A search opens whatever leads to a hit; what lies below a key that is one stays. */
export function linesOf(root: unknown, { turned, search }: Options): Line[] {
  const needle = search.trim().toLocaleLowerCase();
  const lines: Line[] = [];
  const walk = (value: unknown, name: string | null, path: string, depth: number, hit: boolean): void => {
    if (!hit && !hits(name, value, needle)) return;
    const below = hit || (name?.toLocaleLowerCase().includes(needle) ?? false);
    const type = typeOf(value);
    const inner = type === "object" || type === "array" ? entriesOf(value) : [];
    const foldable = inner.length > 0;
    const open = foldable && (needle !== "" || (depth < OPEN_DEPTH) !== turned.has(path));
    const text = type === "object" || type === "array" ? "" : type === "file" ? "" : type === "null" ? "null" : JSON.stringify(value);
    lines.push({ path, depth, name, type, text, size: inner.length, foldable, open });
    if (open) for (const [key, item] of inner) walk(item, key, `${path}/${escape(key)}`, depth + 1, below);
  };
  walk(root, null, "", 0, needle === "");
  return lines;
}

/** How many keys and values have the search in them. */
export function countHits(root: unknown, search: string): number {
  const needle = search.trim().toLocaleLowerCase();
  if (needle === "") return 0;
  const count = (name: string | null, value: unknown): number => {
    const inner = entriesOf(value);
    const own = name?.toLocaleLowerCase().includes(needle) || (inner.length === 0 && String(value).toLocaleLowerCase().includes(needle));
    return Number(Boolean(own)) + inner.reduce((sum, [key, item]) => sum + count(key, item), 0);
  };
  return count(null, root);
}

/** The value at a JSON pointer. */
export function valueAt(root: unknown, path: string): unknown {
  return path
    .split("/")
    .slice(1)
    .reduce<unknown>((value, key) => {
      const name = key.replace(/~1/g, "/").replace(/~0/g, "~");
      return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
    }, root);
}
