// What is asked of people: the list beside the task, one at a time. On narrow pages the list or the task.
import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useMe } from "~/api";
import { EmptyState } from "~/components/feedback";
import { useT } from "~/i18n";
import { announce } from "~/shell/notices";
import { Page, useNarrow } from "~/shell";
import { useFreshInbox, useTaskList, type View } from "./data";
import { useKeptSearch } from "./search";
import { KeyBar } from "./detail/KeyBar";
import { TaskPane } from "./detail/TaskPane";
import { TaskList } from "./list/TaskList";
import style from "./inbox.module.css";

/** Who works alone on this machine sees all that is open; who shares the inbox begins with what is theirs. */
function useView(): View {
  const { view } = useKeptSearch();
  const { mode } = useMe();
  return view ?? (mode === "local" ? "open" : "mine");
}

/** What newly waits for the reader is told at once; what was there when the page opened is not news. */
function useAnnounced(fresh: readonly { task_id: string; title: string }[]): void {
  const t = useT();
  const told = useRef(new Set<string>());
  useEffect(() => {
    for (const task of fresh) {
      if (told.current.has(task.task_id)) continue;
      told.current.add(task.task_id);
      announce(t("inbox.asked", { title: task.title }), "now");
    }
  }, [fresh, t]);
}

const NOTHING: readonly never[] = [];

export function Inbox() {
  const t = useT();
  const narrow = useNarrow();
  const navigate = useNavigate();
  const view = useView();
  const search = useKeptSearch();
  const { taskId } = useParams({ strict: false }) as { taskId?: string };
  const tasks = useTaskList(view);
  useFreshInbox();
  useAnnounced(tasks.list?.fresh ?? NOTHING);
  const { items = NOTHING, left } = tasks.list ?? {};
  // Where there is room, something is always shown: the task of the address, else what is due first.
  const shown = taskId ?? (narrow ? undefined : items[0]?.task_id);
  const open = (id: string | undefined) =>
    void (id === undefined ? navigate({ to: "/inbox", search, replace: true }) : navigate({ to: "/inbox/$taskId", params: { taskId: id }, search, replace: true }));
  /** After a decision: what stands behind it and is still open, else before it. */
  const next = (id: string) => {
    const at = items.findIndex((task) => task.task_id === id);
    const rest = [...items.slice(at + 1), ...items.slice(0, Math.max(0, at)).reverse()];
    open(rest.find((task) => task.task_id !== id && task.status === "open" && !left?.has(task.task_id))?.task_id);
  };
  const list = (
    <div className={style.listPane} key="list">
      <TaskList view={view} tasks={tasks} current={shown} narrow={narrow} onShow={(id) => open(id)} />
    </div>
  );
  const task = shown === undefined ? null : <TaskPane key={shown} taskId={shown} onNext={() => next(shown)} />;
  const none = tasks.list?.items.length === 0 && <EmptyState>{t("inbox.detail.none")}</EmptyState>;
  return (
    <Page title={t("inbox.title")} ownHead>
      {narrow ? (
        (task ?? list)
      ) : (
        <div className={style.inbox}>
          {list}
          <div className={style.taskPane} data-pane="task">
            <div className={style.taskScroll}>{task ?? <div className={style.nothing}>{none}</div>}</div>
            <KeyBar count={items.length} taskId={shown} />
          </div>
        </div>
      )}
    </Page>
  );
}
