import { useQuery } from "@tanstack/react-query";
import { useCan } from "~/api";
import { Kbd } from "~/components/basics";
import { type Key, useT } from "~/i18n";
import { CHOOSES, KEY, outcomesOf, type Task } from "../answer";
import { taskQuery } from "../data";
import { useSent } from "../sent";
import style from "./detail.module.css";

type Offer = readonly [string, Key];

const WALK: readonly Offer[] = [
  ["j", "inbox.key.down"],
  ["k", "inbox.key.up"],
];
const WRITE: readonly Offer[] = [
  ["e", "inbox.key.comment"],
  ["Mod+Enter", "inbox.key.send"],
];
const HELP: Offer = ["?", "keys.help"];

/** What can be chosen by keys; of a choice the options have numbers. */
function chooses(task: Task): Offer[] {
  return outcomesOf(task).map((outcome) => (task.task_type === "choice" && outcome === "approved" ? ["1", "inbox.key.option"] : [KEY[outcome], CHOOSES[outcome]]));
}

/** The keys that do something now: to walk where there are several, to decide where that may still be done. */
export function offersOf({ count, task }: { count: number; task: Task | undefined }): Offer[] {
  return [...(count > 1 ? WALK : []), ...(task ? [...chooses(task), ...WRITE] : []), HELP];
}

/** The keys of the page, at its foot. Every one is a visible control besides. */
export function KeyBar({ count, taskId }: { count: number; taskId: string | undefined }) {
  const t = useT();
  const can = useCan("decide");
  const { data: task } = useQuery({ ...taskQuery(taskId ?? ""), enabled: taskId !== undefined });
  const sent = useSent(taskId ?? "");
  const open = can && sent === undefined && task?.status === "open" ? task : undefined;
  return (
    <p className={`${style.keybar} key-caps`} aria-hidden="true">
      {offersOf({ count, task: open }).map(([keys, label]) => (
        <span key={keys}>
          <Kbd keys={keys} /> {t(label)}
        </span>
      ))}
    </p>
  );
}
