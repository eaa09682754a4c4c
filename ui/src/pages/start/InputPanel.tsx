// One run: its input as a form or as JSON, and what is said of it besides.
import { Button, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId, useMemo, useState } from "react";
import { request } from "~/api";
import { Kbd, Section } from "~/components/basics";
import { EmptyState, ErrorBlock } from "~/components/feedback";
import { JsonField, SchemaForm } from "~/components/form";
import { useT } from "~/i18n";
import type { Segment } from "~/pages/segments/data";
import { useShortcuts } from "~/shell/keys";
import { bodyOf, labelsOf, makeKeys, parameterSchema, type Wish } from "./intent";
import style from "./start.module.css";

interface Props {
  segment: Segment;
  version: string | undefined;
  workspace: string | undefined;
  by: "form" | "json";
  off: string | null;
}

type Said = Pick<Wish, "input" | "parameters" | "businessKey" | "labels">;
const NOTHING: Said = { input: undefined, parameters: undefined, businessKey: "", labels: "" };

function useStart({ segment, version, workspace }: Props) {
  const navigate = useNavigate();
  const [keyOf] = useState(makeKeys);
  return useMutation({
    mutationFn: (said: Said) => {
      const body = bodyOf({ ...said, segmentId: segment.segment_id, version, workspace });
      return request("post", "/api/v1/runs", { body, key: keyOf(body) });
    },
    onSuccess: ({ run_id: runId }) => void navigate({ to: "/runs/$runId", params: { runId } }),
  });
}

function Besides({ segment, said, formId, change }: { segment: Segment; said: Said; formId: string; change: (part: Partial<Said>) => void }) {
  const t = useT();
  const schema = useMemo(() => parameterSchema(segment.parameters), [segment.parameters]);
  const { wrong } = labelsOf(said.labels);
  return (
    <>
      <Section title={t("start.besides")} note={t("start.optional")}>
        <div className={style.fields}>
          <TextInput label={t("start.key")} description={t("start.key.about")} value={said.businessKey} onChange={(event) => change({ businessKey: event.currentTarget.value })} />
          <Textarea
            label={t("start.labels")}
            description={t("start.labels.about")}
            autosize
            minRows={2}
            classNames={{ input: "mono" }}
            value={said.labels}
            error={wrong === null ? null : t("start.labels.wrong", { line: wrong })}
            onChange={(event) => change({ labels: event.currentTarget.value })}
          />
        </div>
      </Section>
      {schema && (
        <Section title={t("start.parameters")} note={t("start.parameters.note")}>
          <div className={style.fields}>
            <SchemaForm schema={schema} formId={formId} value={said.parameters} onChange={(parameters) => change({ parameters })} />
          </div>
        </Section>
      )}
    </>
  );
}

/** The input as a form of its schema, or as JSON. */
function Input({ by, segment, said, formId, change, onSubmit }: { by: "form" | "json"; segment: Segment; said: Said; formId: string; change: (part: Partial<Said>) => void; onSubmit: (input: unknown) => void }) {
  const t = useT();
  if (by === "json") return <JsonField label={t("start.json")} description={t("start.json.about")} rows={12} value={said.input} onChange={(input) => change({ input })} />;
  if (segment.input_schema === null) return <EmptyState>{t("start.noSchema")}</EmptyState>;
  return <SchemaForm schema={segment.input_schema} formId={formId} value={said.input} onChange={(input) => change({ input })} onSubmit={onSubmit} />;
}

/** Whether a schema has fields that must be filled in: then the mark beside them is explained. */
const needs = (schema: Record<string, unknown> | null) => Array.isArray(schema?.required) && schema.required.length > 0;

export function InputPanel(props: Props) {
  const t = useT();
  const { segment, by } = props;
  const [said, setSaid] = useState<Said>(NOTHING);
  const start = useStart(props);
  const formId = useId();
  const why = useId();
  const change = (part: Partial<Said>) => {
    setSaid((old) => ({ ...old, ...part }));
    if (start.error) start.reset();
  };
  const missing = by === "json" && said.input === undefined ? t("start.missing.json") : labelsOf(said.labels).wrong !== null ? t("start.missing.labels") : null;
  const off = props.off ?? (start.isPending || start.isSuccess ? t("start.sending") : missing);
  const send = (filled: Said) => {
    if (off === null) start.mutate(filled);
  };
  const go = () => {
    const form = document.getElementById(formId);
    if (form instanceof HTMLFormElement) form.requestSubmit();
    else send(said);
  };
  useShortcuts("start", { "Mod+Enter": { label: "start.key.send", run: go, inFields: true } });
  return (
    <div className={style.panel}>
      <Section title={t("start.input")} {...(by === "form" && needs(segment.input_schema) ? { note: t("start.required") } : {})}>
        <div className={style.fields}>
          <Input by={by} segment={segment} said={said} formId={formId} change={change} onSubmit={(input) => send({ ...said, input })} />
        </div>
      </Section>
      <Besides segment={segment} said={said} formId={`${formId}-parameters`} change={change} />
      {start.error && <ErrorBlock error={start.error} />}
      <div className={style.send}>
        <Button variant="filled" data-disabled={off !== null} aria-disabled={off !== null} aria-describedby={why} rightSection={<Kbd keys="Mod+Enter" />} onClick={go}>
          {t("start.send", { name: segment.name ?? segment.segment_id })}
        </Button>
        <span id={why} role="status">
          {off}
        </span>
      </div>
    </div>
  );
}
