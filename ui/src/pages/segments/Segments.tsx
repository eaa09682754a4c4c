// The segments of this place: what can be started, how it stands.
import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { Counts, Icon, Kbd } from "~/components/basics";
import { EmptyState, ErrorBlock, Skeleton } from "~/components/feedback";
import { RowList } from "~/components/list";
import { Mark } from "~/components/state";
import { useT } from "~/i18n";
import { useShortcuts } from "~/shell/keys";
import { Page, useNarrow, useWorkspace } from "~/shell";
import { found, type SegmentRow, segmentsQuery, useFreshSegments } from "./data";
import { segmentsRoute } from "./route";
import style from "./segments.module.css";

function Row({ segment, narrow }: { segment: SegmentRow; narrow: boolean }) {
  const t = useT();
  const { problems, failed_24h: failed, open_runs: open } = segment;
  const trouble = problems > 0 ? t("segments.problems", { count: problems }) : t(segment.runnable ? "segments.runnable" : "segments.notRunnable");
  if (narrow) {
    return (
      <div className={style.narrowRow}>
        <b className="truncate">{segment.name ?? segment.segment_id}</b>
        <span className="secondary truncate">
          {[segment.version ?? t("segments.unpublished"), t("segments.open", { count: open }), failed > 0 ? t("segments.failed", { count: failed }) : null, problems > 0 ? trouble : null].filter(Boolean).join(" · ")}
        </span>
      </div>
    );
  }
  return (
    <div className={style.row}>
      <b className="truncate">{segment.name ?? segment.segment_id}</b>
      <code className="truncate">{segment.segment_id}</code>
      <span className="truncate">{segment.version ?? <span className="muted">{t("segments.unpublished")}</span>}</span>
      <Counts value={segment.steps} />
      <Counts value={open} />
      <span className={style.failed} data-some={failed > 0 || undefined}>
        {failed > 0 && <Mark state="failed" size={12} />}
        <Counts value={failed} />
      </span>
      <span className="truncate" data-some={problems > 0 || undefined}>
        {problems > 0 && <Mark state="note" size={12} />} {trouble}
      </span>
    </div>
  );
}

function Head() {
  const t = useT();
  return (
    <div className={`${style.row} ${style.heads}`} aria-hidden="true">
      <span>{t("segments.col.name")}</span>
      <span>{t("segments.col.id")}</span>
      <span>{t("segments.col.version")}</span>
      <span className={style.end}>{t("segments.col.steps")}</span>
      <span className={style.end}>{t("segments.col.open")}</span>
      <span className={style.end}>{t("segments.col.failed")}</span>
      <span>{t("segments.col.state")}</span>
    </div>
  );
}

/** What a row says, for those who do not see its columns. */
function useName(): (segment: SegmentRow) => string {
  const t = useT();
  return (segment) => t("segments.row", { name: segment.name ?? segment.segment_id, version: segment.version ?? t("segments.unpublished"), open: segment.open_runs, failed: segment.failed_24h, problems: segment.problems });
}

function Body({ search, onClear }: { search: string; onClear: () => void }) {
  const t = useT();
  const narrow = useNarrow();
  const nameOf = useName();
  const { data, error, refetch } = useQuery(segmentsQuery(useWorkspace()));
  if (!data) {
    return <div className={style.inner}>{error ? <ErrorBlock error={error} onRetry={() => void refetch()} /> : <Skeleton columns={["1fr", 160, 80, 60, 60, 60, 140]} />}</div>;
  }
  const segments = found(data.segments, search);
  if (segments.length === 0) {
    const clear = <Button onClick={onClear}>{t("segments.clear")}</Button>;
    return (
      <div className={style.inner}>
        {search === "" ? <EmptyState>{t("segments.empty")}</EmptyState> : <EmptyState action={clear}>{t("segments.none", { search })}</EmptyState>}
      </div>
    );
  }
  return (
    <>
      {!narrow && <Head />}
      <RowList
        label={t("segments.title")}
        items={segments}
        idOf={(segment) => segment.segment_id}
        height={narrow ? 58 : 31}
        link={(segment, props) => <Link to="/segments/$segmentId" params={{ segmentId: segment.segment_id }} aria-label={nameOf(segment)} {...props} />}
        row={(segment) => <Row segment={segment} narrow={narrow} />}
      />
    </>
  );
}

export function Segments() {
  const t = useT();
  const navigate = useNavigate();
  const { q = "" } = segmentsRoute.useSearch();
  const input = useRef<HTMLInputElement>(null);
  useFreshSegments();
  const search = (next: string) => void navigate({ to: "/segments", search: next === "" ? {} : { q: next }, replace: true });
  useShortcuts("segments", {
    "/": { label: "keys.filter", run: () => input.current?.focus() },
    n: { label: "segments.key.start", run: () => void navigate({ to: "/start" }) },
  });
  const start = (
    <Button component={Link} to="/start" leftSection={<Icon name="play" />} rightSection={<Kbd keys="n" />}>
      {t("segments.start")}
    </Button>
  );
  return (
    <Page title={t("segments.title")} actions={start}>
      <div className={style.search}>
        <TextInput
          ref={input}
          type="search"
          aria-label={t("segments.search")}
          placeholder={t("segments.search")}
          leftSection={<Icon name="search" />}
          rightSection={<Kbd keys="/" />}
          value={q}
          onChange={(event) => search(event.currentTarget.value)}
        />
      </div>
      <Body search={q} onClear={() => search("")} />
    </Page>
  );
}
