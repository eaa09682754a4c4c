// The tokens of the filter field with their words, and what is known of their values.
import { useQuery } from "@tanstack/react-query";
import { request } from "~/api";
import { type Field, fieldOf, type Query as Filter } from "~/components/list";
import { type Key, useT } from "~/i18n";
import { useAttention } from "~/pages/home/data";
import { isLabel, isMoment, isSpan, RUNS, STATUSES, WAITS } from "./filter";

const SPANS = ["1h", "24h", "7d", "30d"];

/** Which form a value must have, by field. */
const FORMS: Record<string, (token: { op: string; value: string }) => "span" | "moment" | "label" | null> = {
  started: ({ op, value }) => (op === "is" ? (isSpan(value) ? null : "span") : isMoment(value) ? null : "moment"),
  ended: ({ value }) => (isMoment(value) ? null : "moment"),
  label: ({ value }) => (isLabel(value) ? null : "label"),
};

export function useRunFields(workspace: string | undefined): Field[] {
  const t = useT();
  const segments = useQuery({
    queryKey: ["segments", "names"],
    queryFn: ({ signal }) => request("get", "/api/v1/segments", { query: { limit: 500 }, signal }),
    select: (page) => page.segments.map((segment) => segment.segment_id),
  });
  const causes = useAttention(workspace).data?.causes ?? [];
  const known: Record<string, readonly string[]> = {
    segment: segments.data ?? [],
    error: [...new Set(causes.map((cause) => cause.error_code))],
    step: [...new Set(causes.flatMap((cause) => cause.step_id ?? []))],
    started: SPANS,
  };
  const closed: Record<string, readonly string[]> = { state: STATUSES, waits: WAITS };
  return Object.entries(RUNS.fields).map(([name, ops]) => ({
    name,
    label: t(`runs.field.${name}` as Key),
    ops: Object.keys(ops) as Field["ops"],
    ...(closed[name] ? { values: closed[name].map((value) => ({ value, label: t(`runs.value.${value}` as Key) })) } : {}),
    ...(known[name] ? { known: known[name] } : {}),
    problem: (token) => {
      const form = FORMS[name]?.(token) ?? null;
      return form && t(`runs.wrong.${form}`, { value: token.value });
    },
  }));
}

/** The whole filter in words, for "No run fits: …". */
export function useSentence(fields: readonly Field[]): (filter: Filter) => string {
  const t = useT();
  return ({ tokens, words }) => {
    const said = tokens.map((token) => {
      const field = fieldOf(fields, token.field);
      const value = field?.values?.find((one) => one.value === token.value)?.label ?? token.value;
      return `${field?.label ?? token.field} ${t(`components.filter.op.${token.op}`)} ${value}`;
    });
    return [...said, ...(words ? [t("activity.quoted", { text: words })] : [])].join(", ");
  };
}
