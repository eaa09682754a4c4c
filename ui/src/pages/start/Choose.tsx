import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Icon } from "~/components/basics";
import { EmptyState, ErrorBlock, Skeleton } from "~/components/feedback";
import { useT } from "~/i18n";
import { found, segmentsQuery } from "~/pages/segments/data";
import { useWorkspace } from "~/shell";
import style from "./start.module.css";

/** Which segment: a search, and the segments that can run. */
export function Choose() {
  const t = useT();
  const [search, setSearch] = useState("");
  const { data, error, refetch } = useQuery(segmentsQuery(useWorkspace()));
  if (!data) return <div className={style.page}>{error ? <ErrorBlock error={error} onRetry={() => void refetch()} /> : <Skeleton rows={6} height={46} />}</div>;
  const segments = found(data.segments, search);
  return (
    <div className={style.page}>
      <p className="sentence">{t("start.choose")}</p>
      <TextInput type="search" aria-label={t("start.search")} placeholder={t("start.search")} leftSection={<Icon name="search" />} value={search} onChange={(event) => setSearch(event.currentTarget.value)} className={style.search ?? ""} />
      {segments.length === 0 && <EmptyState>{data.segments.length === 0 ? t("start.none") : t("start.notFound", { search })}</EmptyState>}
      <ul className={style.choices}>
        {segments.map((segment) => (
          <li key={segment.segment_id} data-off={!segment.runnable || undefined}>
            {segment.runnable ? (
              <Link to="/start" search={{ segment: segment.segment_id }}>
                {segment.name ?? segment.segment_id}
              </Link>
            ) : (
              <Link to="/segments/$segmentId" params={{ segmentId: segment.segment_id }} search={{ tab: "problems" }}>
                {segment.name ?? segment.segment_id}
              </Link>
            )}
            <code>{segment.segment_id}</code>
            <span className="secondary truncate">{segment.runnable ? segment.description : t("start.notRunnable")}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
