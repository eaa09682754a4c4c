// Start a run: which segment, then its input as a form, as JSON, or a file of which each row becomes a run.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useCan } from "~/api";
import { Tabs } from "~/components/basics";
import { ErrorBlock, Skeleton } from "~/components/feedback";
import { useT } from "~/i18n";
import { segmentQuery } from "~/pages/segments/data";
import { Page, useLost, useWorkspace } from "~/shell";
import { Choose } from "./Choose";
import { FilePanel } from "./file/FilePanel";
import { InputPanel } from "./InputPanel";
import { startRoute } from "./route";
import style from "./start.module.css";

const WAYS = ["form", "json", "file"] as const;

/** Why nothing can be started now, in words. */
function useOff(workspace: string | undefined): string | null {
  const t = useT();
  const can = useCan("run");
  const lost = useLost();
  if (!can) return t("start.off.right", { workspace: workspace ?? "default" });
  return lost ? t("start.off.lost") : null;
}

function StartOf({ segmentId }: { segmentId: string }) {
  const t = useT();
  const navigate = useNavigate();
  const workspace = useWorkspace();
  const { version, by } = startRoute.useSearch();
  const { data: segment, error, refetch } = useQuery(segmentQuery(segmentId, version));
  const off = useOff(workspace);
  if (!segment) return <div className={style.page}>{error ? <ErrorBlock error={error} onRetry={() => void refetch()} /> : <Skeleton rows={6} height={56} />}</div>;
  const chosen = by ?? (segment.input_schema === null ? "json" : "form");
  const tabs = WAYS.map((id) => ({ id, label: t(`start.by.${id}`) }));
  const stop = segment.runnable ? off : t("start.notRunnable");
  const rest = { version, workspace, off: stop };
  return (
    <div className={style.page}>
      <p className={style.about}>
        <b>{segment.name ?? segment.segment_id}</b> {segment.description}
        <span className={style.ways}>
          <Link to="/segments/$segmentId" params={{ segmentId }}>
            {t("start.about")}
          </Link>
          <Link to="/start" search={{}}>
            {t("start.other")}
          </Link>
        </span>
      </p>
      <Tabs label={t("start.ways")} tabs={tabs} chosen={chosen} onChoose={(next) => void navigate({ to: "/start", search: { segment: segmentId, ...(version ? { version } : {}), by: next }, replace: true })}>
        {chosen === "file" ? <FilePanel segmentId={segmentId} {...rest} /> : <InputPanel segment={segment} by={chosen} {...rest} />}
      </Tabs>
    </div>
  );
}

export function Start() {
  const t = useT();
  const { segment } = startRoute.useSearch();
  return (
    <Page title={t("start.title")} scope={segment}>
      {segment === undefined ? <Choose /> : <StartOf key={segment} segmentId={segment} />}
    </Page>
  );
}
