// What happened, newest first, followed at its own end; beside it who is here.
import { Button, SegmentedControl } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { EmptyState, ErrorBlock, Skeleton } from "~/components/feedback";
import { type Field, FilterField, textOf, tokensOf } from "~/components/list";
import { type Key, useT } from "~/i18n";
import { flat } from "~/pages/filter/address";
import { walkRows } from "~/pages/home/walk";
import { Newer } from "~/pages/runs/list/Newer";
import { Page, useWorkspace } from "~/shell";
import { useShortcuts } from "~/shell/keys";
import { entriesOf, holds, type Line } from "./feed/feed";
import { FeedRows } from "./feed/FeedRows";
import { useFeed } from "./feed/useFeed";
import { AREAS, EVENTS, FEED, feedFilter, feedName, feedQuery, feedSearch, SHOWN, shownBy } from "./filter";
import { Here, ThisStream } from "./here/Here";
import { usePresent } from "./here/usePresent";
import style from "./activity.module.css";

function useFields(workspace: string | undefined): Field[] {
  const t = useT();
  const people = usePresent(workspace).data?.map((person) => person.user) ?? [];
  const closed: Record<string, readonly string[]> = { area: AREAS, event: EVENTS };
  return Object.keys(FEED.fields).map((name) => ({
    name,
    label: t(`activity.field.${name}` as Key),
    ops: ["is"],
    ...(closed[name] ? { values: closed[name].map((value) => ({ value, label: value })) } : {}),
    ...(name === "person" ? { known: people } : {}),
  }));
}

function useFeedFilter() {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const filter = feedFilter(flat(search));
  const set = (next: ReturnType<typeof feedFilter>) => void navigate({ to: "/activity", search: { ws: search.ws, ...feedSearch(next) } as never });
  return { filter, set };
}

export function Activity() {
  const t = useT();
  const workspace = useWorkspace();
  const { filter, set } = useFeedFilter();
  const fields = useFields(workspace);
  const feed = useFeed([feedName(filter), workspace ?? null], feedQuery(filter, workspace));
  useShortcuts("activity", {
    j: { label: "keys.down", run: () => walkRows(1) },
    ArrowDown: { label: "keys.down", run: () => walkRows(1) },
    k: { label: "keys.up", run: () => walkRows(-1) },
    ArrowUp: { label: "keys.up", run: () => walkRows(-1) },
    Enter: { label: "keys.open" },
    ".": { label: "runs.key.newer", run: feed.showNews },
  });
  const fits = (line: Line) => filter.words === "" || holds(line, filter.words);
  const shown = (
    <SegmentedControl
      aria-label={t("activity.shown.label")}
      data={SHOWN.map(({ id }) => ({ value: id, label: t(`activity.shown.${id}`) }))}
      value={shownBy(filter) ?? ""}
      onChange={(id) => set({ ...feedFilter(SHOWN.find((one) => one.id === id)?.query ?? ""), words: filter.words })}
    />
  );
  return (
    <Page title={t("activity.title")} scope={t("activity.scope")} actions={<span className={style.wide}>{shown}</span>}>
      <div className={style.page}>
        <div className={style.feed}>
          <div className={style.narrow}>{shown}</div>
          <div className={style.filter}>
            <FilterField page="activity" fields={fields} text={textOf(filter)} onChange={(text) => set(tokensOf(text))} />
            <span className={style.newer}>
              <Newer count={feed.data?.list.fresh.filter(fits).length ?? 0} what="events" keys="." onShow={feed.showNews} />
            </span>
          </div>
          <Rows feed={feed} fits={fits} filtered={filter.tokens.length > 0 || filter.words !== ""} onClear={() => set({ tokens: [], words: "" })} filters={filter.tokens.length + Number(filter.words !== "")} />
        </div>
        <aside className={style.side} aria-label={t("home.here.title")}>
          <Here />
          <ThisStream gaps={feed.data?.gaps ?? []} />
        </aside>
      </div>
    </Page>
  );
}

interface RowsProps {
  feed: ReturnType<typeof useFeed>;
  fits: (line: Line) => boolean;
  filtered: boolean;
  filters: number;
  onClear: () => void;
}

function Rows({ feed, fits, filtered, filters, onClear }: RowsProps) {
  const t = useT();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  if (feed.error) return <ErrorBlock error={feed.error} onRetry={feed.reload} />;
  if (!feed.data) return <Skeleton rows={16} columns={[92, 20, "1.3fr", "1fr", "1fr"]} height={36} />;
  const lines = feed.data.list.items.filter(fits);
  const toggle = (group: string) => {
    const next = new Set(open);
    if (!next.delete(group)) next.add(group);
    setOpen(next);
  };
  const clear = filtered ? <Button onClick={onClear}>{t("components.filter.clear", { count: filters })}</Button> : undefined;
  return (
    <>
      {lines.length === 0 && <EmptyState action={clear}>{t(filtered ? "activity.emptyFiltered" : "activity.empty")}</EmptyState>}
      <FeedRows entries={entriesOf(lines, open, feed.data.gaps)} open={open} onToggle={toggle} onReadGap={feed.readGap} />
      {feed.moreError !== null && <ErrorBlock error={feed.moreError} onRetry={feed.older} />}
      <p className={style.end}>
        {feed.data.next !== null ? <Button onClick={feed.older}>{t("activity.more")}</Button> : lines.length > 0 && <span className="muted">{t("activity.end")}</span>}
      </p>
    </>
  );
}
