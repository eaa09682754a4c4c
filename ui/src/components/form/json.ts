// JSON as a person types it: the value, or where it breaks off. Browsers word their errors each in its own way, so the place is
// found by reading.

export interface JsonProblem {
  line: number;
  column: number;
  /** What the browser says of it. */
  why: string;
}

/** The value of a text; empty text has none. */
export function parseJson(text: string): { value?: unknown; problem?: JsonProblem } {
  if (text.trim() === "") return {};
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    const at = breakOf(text);
    const before = text.slice(0, at).split("\n");
    const why = error instanceof Error ? error.message.replace(/^JSON\.parse: /, "").replace(/ (in JSON )?at (position|line) .*$/, "") : "";
    return { problem: { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, why } };
  }
}

const TOKEN = /\s*(?:"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|true\b|false\b|null\b|[{}[\]:,])/y;

type Expect = "value" | "value or ]" | "key" | "key or }" | ":" | ", or end";

/** The offset of the first token that cannot stand where it stands; the end of the text if it only breaks off. */
function breakOf(text: string): number {
  const open: ("{" | "[")[] = [];
  let expect: Expect = "value";
  let at = 0;
  const skip = (from: number) => from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
  for (;;) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0].trim();
    if (token === undefined) return skip(at);
    const next = nextOf(expect, token, open);
    if (next === null) return skip(at);
    at = TOKEN.lastIndex;
    expect = next;
  }
}

/** What may come after `token`, or null if it may not stand here. Keeps `open`. */
function nextOf(expect: Expect, token: string, open: ("{" | "[")[]): Expect | null {
  const closes = open.at(-1) === "{" ? "}" : "]";
  const isText = token.startsWith('"');
  if (expect === ":") return token === ":" ? "value" : null;
  if (expect === "key" || expect === "key or }") {
    if (isText) return ":";
    return expect === "key or }" && token === "}" ? close(open) : null;
  }
  if (expect === ", or end") {
    if (open.length === 0) return null;
    if (token === ",") return open.at(-1) === "{" ? "key" : "value";
    return token === closes ? close(open) : null;
  }
  if (token === "{" || token === "[") {
    open.push(token);
    return token === "{" ? "key or }" : "value or ]";
  }
  if (expect === "value or ]" && token === "]") return close(open);
  return /^[}\]:,]$/.test(token) ? null : ", or end";
}

function close(open: ("{" | "[")[]): Expect {
  open.pop();
  return ", or end";
}
