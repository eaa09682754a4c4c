import { At } from "~/components/basics";
import { Fuse, Mark } from "~/components/state";
import { Say, useT } from "~/i18n";
import { type Row, STATE } from "../answer";
import { useSent } from "../sent";
import style from "../inbox.module.css";

/** What the task is about, in one muted line. */
function About({ task }: { task: Row }) {
  return (
    <span className={style.about}>
      {[task.business_key, task.segment_id, task.visit].filter(Boolean).map((part, at) => (
        <span key={part}>
          {at > 0 && " · "}
          <code>{part}</code>
        </span>
      ))}
    </span>
  );
}

/** The last line: the time that is left, or how it ended. */
function Stand({ task, left }: { task: Row; left: boolean }) {
  const t = useT();
  const sent = useSent(task.task_id);
  if (sent) return <span className="muted">{t(sent.queued ? "inbox.sent.queued.short" : "inbox.sent.short")}</span>;
  if (task.status === "open" && left) return <span className="muted">{t("inbox.left")}</span>;
  if (task.status !== "open") {
    const values = { time: task.ended_at === null ? "" : <At time={task.ended_at} />, who: task.decided_by ?? "" };
    return (
      <span className={style.stand}>
        <Say k={task.status === "completed" ? `inbox.done.${outcomeOf(task)}` : `inbox.done.${task.status}`} values={values} />
      </span>
    );
  }
  if (task.due_at === null) return <span className="muted">{t("inbox.noDue")}</span>;
  return <Fuse asked={task.created_at} due={task.due_at} />;
}

function outcomeOf({ outcome }: Row): "approved" | "modified" | "rejected" | "other" {
  return outcome === "approved" || outcome === "modified" || outcome === "rejected" ? outcome : "other";
}

/** A row of the list, 72 high: the question, what it is about, the time that is left. */
export function TaskItem({ task, left }: { task: Row; left: boolean }) {
  const t = useT();
  const sent = useSent(task.task_id);
  return (
    <div className={style.item} data-left={left || task.status !== "open" || undefined}>
      <Mark state={sent ? "scheduled" : left ? "completed" : STATE[task.status]} />
      <b className="truncate">{task.title || t("inbox.untitled")}</b>
      <About task={task} />
      <span className={style.last}>
        <Stand task={task} left={left} />
        {task.priority !== "normal" && task.priority !== "low" && <span className={style.priority}>{t("inbox.priority", { priority: task.priority })}</span>}
      </span>
    </div>
  );
}
