// One segment as it is, to be read: what it is for, what it takes, its versions, what is wrong with it, the definition.
import { Button, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "~/api";
import { Facts, Icon, type Tab, Tabs } from "~/components/basics";
import { ErrorBlock, Skeleton } from "~/components/feedback";
import { StateWord } from "~/components/state";
import { useT } from "~/i18n";
import { useShortcuts } from "~/shell/keys";
import { Page, useLost } from "~/shell";
import { type Segment as Detail, segmentQuery, useFreshSegments } from "../data";
import { segmentRoute } from "../route";
import { About } from "./About";
import { Definition } from "./Definition";
import { Problems } from "./Problems";
import { Publish } from "./Publish";
import { Versions } from "./Versions";
import style from "./segment.module.css";

const TABS = ["about", "versions", "problems", "definition"] as const;
type TabId = (typeof TABS)[number];

const PANELS: Record<TabId, (props: { segment: Detail }) => React.ReactNode> = { about: About, versions: Versions, problems: Problems, definition: Definition };

function Actions({ segment, version, onPublish }: { segment: Detail; version: string | undefined; onPublish: () => void }) {
  const t = useT();
  const mayPublish = useCan("publish");
  const mayRun = useCan("run");
  const lost = useLost();
  const offPublish = !mayPublish ? t("segments.off.publish") : lost ? t("segments.off.lost") : segment.problem_list.some((one) => one.severity === "error") ? t("segments.off.problems") : null;
  const offStart = !mayRun ? t("segments.off.run") : segment.runnable ? null : t("segments.off.problems");
  const start = { segment: segment.segment_id, ...(version === undefined ? {} : { version }) };
  return (
    <>
      <Button title={offPublish ?? ""} data-disabled={offPublish !== null} aria-disabled={offPublish !== null} aria-label={offPublish === null ? undefined : `${t("segments.publish")} ${offPublish}`} onClick={() => offPublish === null && onPublish()}>
        {t("segments.publish")}
      </Button>
      {offStart === null ? (
        <Button component={Link} to="/start" search={start as never} variant="filled" leftSection={<Icon name="play" />}>
          {t("segments.startThis")}
        </Button>
      ) : (
        <Button variant="filled" title={offStart} data-disabled aria-disabled aria-label={`${t("segments.startThis")} ${offStart}`} leftSection={<Icon name="play" />}>
          {t("segments.startThis")}
        </Button>
      )}
    </>
  );
}

function Versioned({ segment, version }: { segment: Detail; version: string | undefined }) {
  const t = useT();
  const navigate = useNavigate();
  if (segment.versions.length === 0) return <>{t("segments.unpublished")}</>;
  const data = [{ value: "", label: t("segments.newest") }, ...segment.versions.map((one) => ({ value: one.version, label: one.version }))];
  return (
    <Select
      size="xs"
      aria-label={t("segments.col.version")}
      data={data}
      value={version ?? ""}
      allowDeselect={false}
      onChange={(next) => void navigate({ to: ".", search: ((old: object) => ({ ...old, version: next || undefined })) as never })}
    />
  );
}

function Whole({ segment, version }: { segment: Detail; version: string | undefined }) {
  const t = useT();
  const navigate = useNavigate();
  const { tab = "about" } = segmentRoute.useSearch();
  const counts: Partial<Record<TabId, number>> = { versions: segment.versions.length, problems: segment.problem_list.length };
  const tabs = TABS.map((id): Tab<TabId> => ({ id, label: t(`segments.tab.${id}`), ...(id in counts ? { count: counts[id] ?? 0 } : {}) }));
  const Panel = PANELS[tab];
  return (
    <div className={style.whole}>
      <p className={style.sentence}>{segment.description ?? t("segments.noDescription")}</p>
      <Facts
        facts={[
          { label: t("segments.col.id"), value: <code>{segment.segment_id}</code> },
          { label: t("segments.col.version"), value: <Versioned segment={segment} version={version} /> },
          { label: t("segments.source"), value: t(`segments.source.${segment.source}`) },
          { label: t("segments.col.steps"), value: segment.steps },
          {
            label: t("segments.col.open"),
            value: (
              <Link to="/runs" search={{ q: `segment:${segment.segment_id}` } as never}>
                {segment.open_runs}
              </Link>
            ),
          },
          { label: t("segments.col.failed"), value: segment.failed_24h > 0 ? <StateWord state="failed">{segment.failed_24h}</StateWord> : segment.failed_24h },
          { label: t("segments.hash"), value: segment.segment_hash === null ? null : <code>{segment.segment_hash.slice(0, 19)}</code> },
        ]}
      />
      <div className={style.tabs}>
        <Tabs label={t("segments.tabs")} tabs={tabs} chosen={tab} onChoose={(next) => void navigate({ to: ".", search: ((old: object) => ({ ...old, tab: next })) as never, replace: true })}>
          <div className={style.panel}>
            <Panel segment={segment} />
          </div>
        </Tabs>
      </div>
    </div>
  );
}

export function Segment() {
  const t = useT();
  const navigate = useNavigate();
  const { segmentId = "" } = useParams({ strict: false }) as { segmentId?: string };
  const { version } = segmentRoute.useSearch();
  const { data: segment, error, refetch } = useQuery(segmentQuery(segmentId, version));
  const [publishing, setPublishing] = useState(false);
  useFreshSegments();
  useShortcuts("segments", { n: { label: "segments.key.startThis", run: () => void navigate({ to: "/start", search: { segment: segmentId } }) } });
  const scope = <Link to="/segments">{t("segments.title")}</Link>;
  return (
    <Page title={segment?.name ?? segmentId} scope={scope} actions={segment && <Actions segment={segment} version={version} onPublish={() => setPublishing(true)} />}>
      {segment ? (
        <Whole segment={segment} version={version} />
      ) : (
        <div className={style.whole}>{error ? <ErrorBlock error={error} onRetry={() => void refetch()} /> : <Skeleton rows={8} />}</div>
      )}
      {segment && <Publish segment={segment} opened={publishing} onClose={() => setPublishing(false)} />}
    </Page>
  );
}
