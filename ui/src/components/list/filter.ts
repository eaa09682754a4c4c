// Filters as tokens and as the text that stands in the address: `state:failed -step:pay cost>5 label.team:"a b" words`.
// One form, both ways: textOf(tokensOf(text)) is text, put in order.

export type Op = "is" | "not" | "gt" | "lt";

export interface Token {
  field: string;
  op: Op;
  value: string;
}

export interface Field {
  /** As typed: "state", "label.*" (any name after the dot). */
  name: string;
  label: string;
  ops: readonly Op[];
  /** What may stand there; left out: anything. */
  values?: readonly { value: string; label: string }[];
  /** Values that are offered where others may stand there too. */
  known?: readonly string[];
  /** Why a value cannot be, in words, where that takes more than a list. */
  problem?: (token: Token) => string | null;
}

export interface Query {
  tokens: Token[];
  /** Words that are no tokens: search. */
  words: string;
}

const SIGN: Record<Op, string> = { is: ":", not: ":", gt: ">", lt: "<" };
const TOKEN = /(-?)([A-Za-z][\w.]*)([:<>])("(?:[^"\\]|\\.)*"|\S*)/y;
const WORD = /"(?:[^"\\]|\\.)*"|\S+/y;

function unquote(text: string): string {
  return text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text;
}

function quote(text: string): string {
  return text === "" || /[\s"\\]/.test(text) ? `"${text.replace(/["\\]/g, "\\$&")}"` : text;
}

function opOf(minus: string, sign: string): Op {
  if (sign === ">") return "gt";
  if (sign === "<") return "lt";
  return minus ? "not" : "is";
}

/** Tokens and words of a text. Nothing is refused here: what does not fit a field is told by `problemOf`. */
export function tokensOf(text: string): Query {
  const tokens: Token[] = [];
  const words: string[] = [];
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text[at] ?? "")) {
      at += 1;
      continue;
    }
    TOKEN.lastIndex = at;
    WORD.lastIndex = at;
    const token = TOKEN.exec(text);
    const word = token ?? WORD.exec(text);
    if (!word) break;
    if (token) tokens.push({ field: token[2] ?? "", op: opOf(token[1] ?? "", token[3] ?? ":"), value: unquote(token[4] ?? "") });
    else words.push(word[0]);
    at = word.index + word[0].length;
  }
  return { tokens, words: words.join(" ") };
}

/** The text of a query: tokens first, then words. */
export function textOf({ tokens, words }: Query): string {
  const parts = tokens.map(({ field, op, value }) => `${op === "not" ? "-" : ""}${field}${SIGN[op]}${quote(value)}`);
  return [...parts, words].filter(Boolean).join(" ");
}

export function fieldOf(fields: readonly Field[], name: string): Field | undefined {
  return fields.find((field) => field.name === name || (field.name.endsWith(".*") && name.startsWith(field.name.slice(0, -1)) && name.length >= field.name.length));
}

export type Problem =
  | { why: "noField"; field: string; fields: string }
  | { why: "noOp"; field: string; op: string; ops: string }
  | { why: "noValue"; field: string }
  | { why: "badValue"; field: string; value: string; values: string };

/** Why a token does not fit, with what would; null if it does. */
export function problemOf(token: Token, fields: readonly Field[]): Problem | null {
  const field = fieldOf(fields, token.field);
  if (!field) return { why: "noField", field: token.field, fields: fields.map(({ name }) => name).join(", ") };
  if (!field.ops.includes(token.op)) return { why: "noOp", field: token.field, op: SIGN[token.op], ops: field.ops.map((op) => SIGN[op]).join(" ") };
  if (token.value === "") return { why: "noValue", field: token.field };
  if (field.values && !field.values.some(({ value }) => value === token.value)) {
    return { why: "badValue", field: token.field, value: token.value, values: field.values.map(({ value }) => value).join(", ") };
  }
  return null;
}

/** What may be typed next: fields for a beginning of a word, values after the sign. Each as the text that replaces the word. */
export function suggest(word: string, fields: readonly Field[]): { text: string; label: string; done: boolean }[] {
  const typed = /^(-?)([A-Za-z][\w.]*)([:<>])(.*)$/.exec(word);
  if (!typed) {
    const begin = word.replace(/^-/, "").toLocaleLowerCase();
    return fields
      .filter(({ name, label }) => name.startsWith(begin) || label.toLocaleLowerCase().startsWith(begin))
      .map(({ name, label, ops }) => ({ text: `${word.startsWith("-") ? "-" : ""}${name.replace("*", "")}${SIGN[ops[0] ?? "is"]}`, label, done: false }))
      .map((one) => (one.text.endsWith(".:") ? { ...one, text: one.text.slice(0, -1) } : one));
  }
  const [, minus, name, sign, begin] = typed;
  const field = fieldOf(fields, name ?? "");
  const values = field?.values ?? (field?.known ?? []).map((value) => ({ value, label: "" }));
  return values
    .filter(({ value, label }) => value.startsWith(begin ?? "") || label.toLocaleLowerCase().startsWith((begin ?? "").toLocaleLowerCase()))
    .map(({ value, label }) => ({ text: `${minus}${name}${sign}${quote(value)}`, label, done: true }));
}
