import { Button } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { Icon, Tabs } from "~/components/basics";
import { EmptyState, ErrorBlock, Skeleton } from "~/components/feedback";
import { RowList } from "~/components/list";
import { useT } from "~/i18n";
import { useShortcuts } from "~/shell/keys";
import type { Row } from "../answer";
import { type useTaskList, useViewCounts, type View, VIEWS } from "../data";
import { useKeptSearch } from "../search";
import { TaskItem } from "./TaskItem";
import style from "../inbox.module.css";

const HEIGHT = 72;

interface Props {
  view: View;
  tasks: ReturnType<typeof useTaskList>;
  current: string | undefined;
  narrow: boolean;
  onShow: (taskId: string) => void;
}

function Views({ view }: { view: View }) {
  const t = useT();
  const navigate = useNavigate();
  const counts = useViewCounts();
  const tabs = VIEWS.map((id) => ({ id, label: t(`inbox.view.${id}`), ...(id in counts ? { count: counts[id] ?? null } : {}) }));
  const choose = (next: View) => void navigate({ to: "/inbox", search: { view: next } });
  return <Tabs label={t("inbox.views")} tabs={tabs} chosen={view} onChoose={choose} />;
}

/** What came anew waits here until it is asked for. */
function Newer({ count, onShow }: { count: number; onShow: () => void }) {
  const t = useT();
  useShortcuts("inbox", { ".": { label: "inbox.key.newer", run: () => (count > 0 ? onShow() : false) } });
  if (count === 0) return null;
  return (
    <Button variant="filled" className={style.newer ?? ""} leftSection={<Icon name="up" size={12} />} onClick={onShow}>
      {t("inbox.newer", { count })}
    </Button>
  );
}

function None({ view }: { view: View }) {
  const t = useT();
  const all = (
    <Link to="/inbox" search={{ view: "open" }}>
      {t("inbox.empty.all")}
    </Link>
  );
  return (
    <div className={style.nothing}>
      <EmptyState {...(view === "mine" ? { action: all } : {})}>{t(`inbox.empty.${view}`)}</EmptyState>
    </div>
  );
}

export function TaskList({ view, tasks, current, narrow, onShow }: Props) {
  const t = useT();
  const search = useKeptSearch();
  const { query, list, showNewer } = tasks;
  const link = (task: Row, props: { className: string; tabIndex: 0 | -1 }) => (
    <Link
      to="/inbox/$taskId"
      params={{ taskId: task.task_id }}
      search={search}
      replace={!narrow}
      aria-label={task.title}
      {...props}
      {...(narrow ? {} : { onFocus: () => current !== task.task_id && onShow(task.task_id) })}
    />
  );
  const row = (task: Row) => <TaskItem task={task} left={list?.left.has(task.task_id) ?? false} />;
  return (
    <>
      {!narrow && <h1 className={style.title}>{t("inbox.title")}</h1>}
      <div className={style.views}>
        <Views view={view} />
      </div>
      <Newer count={list?.fresh.length ?? 0} onShow={showNewer} />
      {query.error !== null && (
        <div className={style.nothing}>
          <ErrorBlock error={query.error} onRetry={() => void query.refetch()} />
        </div>
      )}
      {list === undefined && query.error === null && (
        <div className={style.nothing}>
          <Skeleton rows={6} height={HEIGHT} />
        </div>
      )}
      {list?.items.length === 0 && <None view={view} />}
      {list !== undefined && list.items.length > 0 && (
        <RowList
          label={t(`inbox.view.${view}`)}
          items={list.items}
          idOf={(task) => task.task_id}
          height={HEIGHT}
          current={current}
          link={link}
          row={row}
          onEnd={() => void (query.hasNextPage && !query.isFetching && query.fetchNextPage())}
        />
      )}
    </>
  );
}
