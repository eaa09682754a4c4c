// A file on its way to runs: how many rows are read, what became of them, which cannot be used. It goes on without this page.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { request } from "~/api";
import { At, Facts } from "~/components/basics";
import { ErrorBlock, Skeleton } from "~/components/feedback";
import { type State, StateWord } from "~/components/state";
import { format, Say, useT } from "~/i18n";
import { Page } from "~/shell";
import { BadRows, type Report } from "./BadRows";
import style from "../start.module.css";

const AGAIN_MS = 1_000;

/** A status of runs → the state that it is drawn as; the first are shown first. */
const STATUS: Record<string, State> = { failed: "failed", timed_out: "failed", waiting: "person", running: "running", paused: "paused", cancelled: "cancelled", completed: "completed" };

function isOver(report: Report): boolean {
  const ended = ["completed", "failed", "cancelled", "timed_out"].reduce((sum, status) => sum + (report.by_status[status] ?? 0), 0);
  return report.state === "failed" || (report.state === "ended" && ended >= report.started + report.already);
}

function Progress({ report }: { report: Report }) {
  const t = useT();
  const done = report.started + report.already + report.skipped;
  const part = report.rows ? Math.min(1, done / report.rows) : report.state === "ended" ? 1 : 0;
  return (
    <svg className={style.progress} height="10" role="img" aria-label={t("start.batch.progress", { done, rows: report.rows ?? done })}>
      <line x1="0" x2="100%" y1="5" y2="5" stroke="var(--control)" strokeDasharray="1 3" />
      <line x1="0" x2={`${part * 100}%`} y1="5" y2="5" strokeWidth="5" stroke={report.state === "failed" ? "var(--s-failed)" : "var(--ink-2)"} />
    </svg>
  );
}

function Counts({ report }: { report: Report }) {
  const t = useT();
  const shown = Object.keys(STATUS).filter((status) => (report.by_status[status] ?? 0) > 0);
  return (
    <ul className={style.tally}>
      {shown.map((status) => (
        <li key={status}>
          <Link to="/runs" search={{ batch: report.batch_id, status } as never}>
            <StateWord state={STATUS[status] ?? "running"}>
              {t(`start.batch.status.${status as "failed"}`)} {format.number(report.by_status[status] ?? 0)}
            </StateWord>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Whole({ report }: { report: Report }) {
  const t = useT();
  const values = { file: report.file_name ?? t("start.batch.file"), started: report.started, rows: report.rows ?? 0, segment: report.segment_id };
  return (
    <div className={style.page}>
      <p className="sentence" role="status">
        <Say k={`start.batch.sentence.${report.state}`} values={values} />
      </p>
      <Progress report={report} />
      <Counts report={report} />
      <Facts
        facts={[
          { label: t("start.segment"), value: <Link to="/segments/$segmentId" params={{ segmentId: report.segment_id }}>{report.segment_id}</Link> },
          { label: t("start.batch.rows"), value: report.rows === null ? null : format.number(report.rows) },
          { label: t("start.batch.started"), value: format.number(report.started) },
          { label: t("start.batch.already"), value: report.already > 0 ? format.number(report.already) : null },
          { label: t("start.batch.skipped"), value: format.number(report.skipped) },
          { label: t("start.batch.since"), value: <At time={report.created_at} seconds /> },
        ]}
      />
      {report.error && <ErrorBlock error={new Error(String(report.error.message ?? ""))} title={`${String(report.error.code ?? "")} ${String(report.error.message ?? "")}`} />}
      {report.bad_rows.length > 0 && <BadRows report={report} />}
    </div>
  );
}

export function Batch() {
  const t = useT();
  const { batchId = "" } = useParams({ strict: false }) as { batchId?: string };
  const { data: report, error, refetch } = useQuery({
    queryKey: ["batch", batchId],
    queryFn: ({ signal }) => request("get", "/api/v1/batches/{batch_id}", { params: { batch_id: batchId }, signal }),
    refetchInterval: (query) => (query.state.data && isOver(query.state.data) ? false : AGAIN_MS),
  });
  const runs = report && (
    <Button component={Link} to="/runs" search={{ batch: batchId } as never}>
      {t("start.batch.runs")}
    </Button>
  );
  return (
    <Page title={report?.file_name ?? t("start.batch.title")} scope={t("start.batch.title")} actions={runs}>
      {report ? <Whole report={report} /> : <div className={style.page}>{error ? <ErrorBlock error={error} onRetry={() => void refetch()} /> : <Skeleton rows={5} />}</div>}
    </Page>
  );
}
