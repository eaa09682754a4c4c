// The time a task has, as a line: dotted is spent, solid is left, the ring is now.
import { At, useNow } from "~/components/basics";
import { format, Say, useT } from "~/i18n";
import type { Task } from "../answer";
import style from "./detail.module.css";

export function Sla({ task }: { task: Task }) {
  const t = useT();
  const now = useNow();
  if (task.status !== "open") return null;
  if (task.due_at === null) {
    return (
      <p className="secondary">
        <Say k="inbox.sla.none" values={{ time: <At time={task.created_at} /> }} />
      </p>
    );
  }
  const [asked, due] = [Date.parse(task.created_at), Date.parse(task.due_at)];
  const spent = Math.min(1, Math.max(0, (now - asked) / Math.max(1, due - asked)));
  const over = now >= due;
  const heat = over ? "over" : spent >= 0.75 ? "warning" : "calm";
  const time = format.duration(Math.abs(due - now));
  return (
    <div className={style.sla} data-heat={heat}>
      <p className={style.left}>
        <Say k={over ? "inbox.sla.over" : "inbox.sla.left"} values={{ time }} />
      </p>
      <div>
        <svg className={style.line} height="18" aria-hidden="true">
          <line x1="0" x2={`${spent * 100}%`} y1="9" y2="9" strokeDasharray="1 3" stroke="var(--control)" />
          <line x1={`${spent * 100}%`} x2="100%" y1="9" y2="9" strokeWidth="3" stroke="currentColor" />
          <line x1="1" x2="1" y1="4" y2="14" stroke="var(--control)" strokeWidth="1.5" />
          <line x1="100%" x2="100%" y1="4" y2="14" stroke="currentColor" strokeWidth="3" />
          <circle cx={`${spent * 100}%`} cy="9" r="5" fill="var(--paper)" stroke="var(--s-person)" strokeWidth="2.5" />
        </svg>
        <p className={style.ticks}>
          <span>
            {t("inbox.sla.asked")} <At time={task.created_at} />
          </span>
          <b>
            {t("inbox.sla.due")} <At time={task.due_at} />
          </b>
        </p>
      </div>
    </div>
  );
}
