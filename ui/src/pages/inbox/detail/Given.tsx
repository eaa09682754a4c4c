// What comes with the chosen outcome: the answer of an input, the changes of a review. The form begins empty.
import { useMemo } from "react";
import { JsonField, SchemaForm } from "~/components/form";
import { useT } from "~/i18n";
import { brings, changeSchema, type Task } from "../answer";
import type { Deciding } from "./useDecision";
import style from "./detail.module.css";

interface Props {
  task: Task;
  deciding: Deciding;
  formId: string;
  off: boolean;
}

export function Given({ task, deciding, formId, off }: Props) {
  const t = useT();
  const { draft, change, send } = deciding;
  const must = brings(task, draft.outcome);
  const what = must.includes("input") ? "input" : must.includes("changes") ? "changes" : null;
  const schema = useMemo(
    () => (what === "changes" ? changeSchema(task.schema, task.data, (value) => t("inbox.changes.now", { value })) : task.schema),
    [what, task.schema, task.data, t],
  );
  if (what === null) return null;
  const label = t(`inbox.given.${what}`);
  return (
    <section className={style.given} aria-label={label}>
      <h3>{label}</h3>
      {schema ? (
        <SchemaForm
          schema={schema}
          formId={formId}
          value={draft[what]}
          disabled={off}
          onChange={(value) => change({ [what]: value })}
          onSubmit={(value) => send({ ...draft, [what]: value })}
        />
      ) : (
        <JsonField label={label} value={draft[what]} disabled={off} onChange={(value) => change({ [what]: value })} />
      )}
    </section>
  );
}
