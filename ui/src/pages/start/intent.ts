// What a person wants started, as the request says it. The same wish has the same key, so that sent twice it is one run.
import type { components } from "#schema";
import { idempotencyKey } from "~/api";

export type RunStart = components["schemas"]["RunStart"];

export interface Wish {
  segmentId: string;
  version: string | undefined;
  workspace: string | undefined;
  input: unknown;
  parameters: unknown;
  businessKey: string;
  /** One label a line, `name=value`. */
  labels: string;
}

/** The labels of a text; `wrong` is the first line that is none. */
export function labelsOf(text: string): { labels: Record<string, string>; wrong: string | null } {
  const labels: Record<string, string> = {};
  for (const line of text.split("\n").map((one) => one.trim())) {
    if (line === "") continue;
    const at = line.indexOf("=");
    if (at < 1) return { labels, wrong: line };
    labels[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return { labels, wrong: null };
}

/** Without what stayed empty: there the default holds. */
export function given(values: unknown): Record<string, unknown> {
  if (typeof values !== "object" || values === null) return {};
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

export function bodyOf(wish: Wish): RunStart {
  return {
    segment_id: wish.segmentId,
    version: wish.version ?? null,
    input: wish.input ?? null,
    parameters: given(wish.parameters),
    business_key: wish.businessKey.trim() || null,
    labels: labelsOf(wish.labels).labels,
    ...(wish.workspace === undefined ? {} : { workspace_id: wish.workspace }),
  } as RunStart;
}

/** Keys by wish: a repeated one gets the key that it had, another one its own. */
export function makeKeys(make: () => string = idempotencyKey): (body: RunStart) => string {
  let last: { text: string; key: string } | null = null;
  return (body) => {
    const text = JSON.stringify(body);
    if (last?.text !== text) last = { text, key: make() };
    return last.key;
  };
}

/** A form of all parameters. None is required that has a default; the form says which value holds if a field stays empty. */
export function parameterSchema(parameters: Record<string, unknown>): object | null {
  const entries = Object.entries(parameters) as [string, { schema?: object; default?: unknown }][];
  if (entries.length === 0) return null;
  const properties = entries.map(([name, one]) => [name, { title: name, ...one.schema, ...("default" in one ? { default: one.default } : {}) }]);
  return { type: "object", properties: Object.fromEntries(properties), required: entries.filter(([, one]) => !("default" in one)).map(([name]) => name) };
}
