import type { ReactNode } from "react";
import style from "./feedback.module.css";

/** What would stand here, and one action; for a first install the grammar itself as `figure`. */
export function EmptyState({ children, action, figure }: { children: ReactNode; action?: ReactNode; figure?: ReactNode }) {
  return (
    <div className={style.empty}>
      {figure}
      <p className={style.emptyText}>{children}</p>
      {action !== undefined && <div>{action}</div>}
    </div>
  );
}
