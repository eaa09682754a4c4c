// What a filter is in an address, and what it asks the API. One table a page says which tokens there are and which parameter each
// is; the address, saved views and the causes on Home all hold those parameters, so that one query string goes everywhere.
//
// A token that the table does not have stays in the address as it was typed (`wrong=…`): the field shows it with its reason, and
// nothing is asked for it.
import { type Query as Filter, textOf, type Token, tokensOf } from "~/components/list";

export interface Parameter {
  name: string;
  /** Several values stand beside each other. Else the last one said counts. */
  many?: boolean;
  /** Whether a value can be used. */
  fits?: (value: string) => boolean;
  /** The parameters of the API that a value means, where those are not itself. */
  means?: (value: string, now: number) => Record<string, string>;
}

export interface Table {
  /** field → operator → parameter. */
  fields: Record<string, Partial<Record<Token["op"], Parameter>>>;
  /** The parameter of words that are no tokens. */
  words: string;
}

/** Parameters by name, a list where there are several. */
export type Search = Record<string, string | string[]>;

const WRONG = "wrong";

export function parameterOf(table: Table, token: Token): Parameter | undefined {
  return table.fields[token.field]?.[token.op];
}

function places(table: Table): { field: string; op: Token["op"]; parameter: Parameter }[] {
  return Object.entries(table.fields).flatMap(([field, ops]) =>
    Object.entries(ops).map(([op, parameter]) => ({ field, op: op as Token["op"], parameter })),
  );
}

/** The filter that an address says; what is none of the table is passed over. */
export function filterIn(table: Table, search: URLSearchParams): Filter {
  const tokens = places(table).flatMap(({ field, op, parameter }) =>
    search.getAll(parameter.name).flatMap((value): Token[] => (value === "" ? [] : [{ field, op, value }])),
  );
  const wrong = search.getAll(WRONG).flatMap((text) => tokensOf(text).tokens);
  return { tokens: [...tokens, ...wrong], words: search.get(table.words) ?? "" };
}

/** A filter as its address holds it: equal filters are equal. */
export function searchOf(table: Table, { tokens, words }: Filter): Search {
  const search: Search = {};
  for (const { field, op, parameter } of places(table)) {
    const values = tokens.filter((token) => token.field === field && token.op === op).map((token) => token.value);
    const last = values.at(-1);
    if (last === undefined) continue;
    const all = [...new Set(values)].sort();
    search[parameter.name] = parameter.many && all.length > 1 ? all : last;
  }
  if (words !== "") search[table.words] = words;
  const wrong = tokens.filter((token) => !parameterOf(table, token)).map((token) => textOf({ tokens: [token], words: "" }));
  if (wrong.length > 0) search[WRONG] = wrong;
  return search;
}

/** What the API is asked: tokens that cannot be used are left out. */
export function queryOf(table: Table, { tokens, words }: Filter, now: number): Search {
  const right = tokens.filter((token) => parameterOf(table, token)?.fits?.(token.value) ?? parameterOf(table, token) !== undefined);
  const query: Search = {};
  for (const [name, value] of Object.entries(searchOf(table, { tokens: right, words }))) {
    const means = places(table).find(({ parameter }) => parameter.name === name)?.parameter.means;
    Object.assign(query, means && typeof value === "string" ? means(value, now) : { [name]: value });
  }
  return query;
}

/** Parameters as the text behind "?". */
export function queryText(search: Search): string {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) for (const one of [value].flat()) all.append(name, one);
  return all.toString();
}

/** Parameters of any shape as one query string. */
export function flat(search: Record<string, unknown>): string {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const one of [value].flat()) if (typeof one === "string" || typeof one === "number") all.append(name, String(one));
  }
  return all.toString();
}
