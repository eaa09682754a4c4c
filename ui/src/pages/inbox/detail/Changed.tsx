import { Button } from "@mantine/core";
import { At } from "~/components/basics";
import { Mark } from "~/components/state";
import { Say, useT } from "~/i18n";
import type { Task } from "../answer";
import type { Deciding } from "./useDecision";
import style from "./detail.module.css";

/** The task is not as the person saw it: what happened since, and the draft stays. */
export function Changed({ task, deciding }: { task: Task; deciding: Deciding }) {
  const t = useT();
  const since = task.history.slice(deciding.draft.version);
  return (
    <div className={style.changed} role="group" aria-label={t("inbox.changed.label")}>
      <Mark state="stale" />
      <div>
        <p>
          <Say k="inbox.changed" values={{ before: deciding.draft.version, now: task.version }} />
        </p>
        <ul>
          {since.map((one, at) => (
            <li key={at}>
              <At time={String(one.at)} /> <b>{String(one.principal ?? "")}</b> {String(one.event)} {one.text ? String(one.text) : ""}
            </li>
          ))}
        </ul>
        <p className={style.changedActions}>
          <Button onClick={deciding.look}>{t("inbox.changed.look", { version: task.version })}</Button>
        </p>
      </div>
    </div>
  );
}
