import { useEffect, useRef } from "react";
import { useT } from "~/i18n";
import { announce } from "~/shell/notices";
import type { Task } from "./data";

/** What newly waits for the reader is told at once; what was there when the page opened is not news. */
export function useAskedAnnounced(tasks: readonly Task[] | undefined): void {
  const t = useT();
  const known = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    if (!tasks) return;
    const before = known.current;
    known.current = new Set([...(before ?? []), ...tasks.map((task) => task.task_id)]);
    if (before === null) return;
    for (const task of tasks.filter((one) => !before.has(one.task_id))) announce(t("home.waits.asked", { title: task.title }), "now");
  }, [tasks, t]);
}
