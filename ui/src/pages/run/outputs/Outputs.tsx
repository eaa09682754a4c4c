// What came out of the run, and what went in.
import { useQuery } from "@tanstack/react-query";
import { Section } from "~/components/basics";
import { ErrorBlock, Skeleton } from "~/components/feedback";
import { useT } from "~/i18n";
import { useRun, useView } from "../data/context";
import { outputsQuery } from "../data/queries";
import { JsonView } from "~/components/data";
import style from "./outputs.module.css";

export function Outputs() {
  const t = useT();
  const { detail } = useRun();
  const view = useView();
  return (
    <div className={style.outputs} data-pane tabIndex={-1}>
      <Section title={t("run.part.outputs")}>
        {view.run.status === "completed" ? <Result /> : <p className={style.text}>{t(view.run.endedAt === null ? "run.outputs.notYet" : "run.outputs.none")}</p>}
      </Section>
      <Section title={t("run.part.runInput")}>
        <JsonView value={detail.input} label={t("run.part.runInput")} />
      </Section>
      {detail.parameters !== null && detail.parameters !== undefined && Object.keys(detail.parameters as object).length > 0 && (
        <Section title={t("run.part.parameters")}>
          <JsonView value={detail.parameters} label={t("run.part.parameters")} />
        </Section>
      )}
    </div>
  );
}

function Result() {
  const t = useT();
  const { runId } = useRun();
  const query = useQuery(outputsQuery(runId, true));
  if (query.isError) return <ErrorBlock error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) return <Skeleton rows={4} height={22} />;
  return <JsonView value={query.data} label={t("run.part.outputs")} />;
}
