import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Icon } from "~/components/basics";
import { ErrorBlock, Skeleton } from "~/components/feedback";
import { useT } from "~/i18n";
import { useNarrow } from "~/shell";
import type { Task } from "../answer";
import { taskQuery } from "../data";
import { useKeptSearch } from "../search";
import { Context } from "./Context";
import { Decided } from "./Decided";
import { Decision } from "./Decision";
import { Evidence } from "./Evidence";
import { Sla } from "./Sla";
import style from "./detail.module.css";

/** The title as the question, and where it comes from. */
function Head({ task }: { task: Task }) {
  const t = useT();
  return (
    <header className={style.head}>
      <h2 className={style.question}>{task.title || t("inbox.untitled")}</h2>
      <p className={style.from}>
        {task.run_id && (
          <Link to="/runs/$runId" params={{ runId: task.run_id }} search={task.visit ? { visit: task.visit } : {}}>
            {task.business_key ?? t("inbox.run")} <code>{task.run_id}</code>
          </Link>
        )}
        {task.segment_id && (
          <span>
            {t("inbox.in")} <Link to="/segments/$segmentId" params={{ segmentId: task.segment_id }}>{task.segment_id}</Link>
          </span>
        )}
        {task.visit && (
          <span>
            {t("inbox.step")} <code>{task.visit}</code>
          </span>
        )}
      </p>
    </header>
  );
}

function Asked({ task }: { task: Task }) {
  const t = useT();
  const whom = task.assignee ?? task.candidate_groups.join(", ");
  if (!task.description && whom === "" && task.problems.length === 0) return null;
  return (
    <div>
      {task.description && <p className={style.description}>{task.description}</p>}
      {whom !== "" && <p className="secondary">{t("inbox.whom", { whom })}</p>}
      {task.problems.length > 0 && (
        <ul className={style.problems}>
          {task.problems.map((problem) => (
            <li key={problem}>
              <Icon name="flag" size={14} /> {problem}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Back() {
  const t = useT();
  return (
    <Link to="/inbox" search={useKeptSearch()} className={style.back}>
      <Icon name="left" /> {t("inbox.back")}
    </Link>
  );
}

interface Props {
  taskId: string;
  /** After the decision became a fact: on to the next task. */
  onNext: () => void;
}

/** A task: the question, the time, what is shown, the decision; beside it why it is asked, what comes next, what happened. */
export function TaskPane({ taskId, onNext }: Props) {
  const narrow = useNarrow();
  const { data: task, error, refetch } = useQuery(taskQuery(taskId));
  if (!task) {
    return (
      <div className={style.pane}>
        {narrow && <Back />}
        {error ? <ErrorBlock error={error} onRetry={() => void refetch()} /> : <Skeleton rows={8} height={36} />}
      </div>
    );
  }
  return (
    <article className={style.pane}>
      {narrow && <Back />}
      <Head task={task} />
      <Sla task={task} />
      <div className={style.columns}>
        <div className={style.main}>
          <Asked task={task} />
          <Evidence task={task} />
          {task.status === "open" ? <Decision task={task} /> : <Decided task={task} onNext={onNext} />}
        </div>
        <Context task={task} />
      </div>
    </article>
  );
}
