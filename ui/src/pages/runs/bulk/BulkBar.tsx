// What is selected, what each action is for, and the way to its preview. It lies over the foot of the list.
import { ActionIcon, Button } from "@mantine/core";
import { useState } from "react";
import { useCan } from "~/api";
import { Icon } from "~/components/basics";
import { useT } from "~/i18n";
import { useLost } from "~/shell";
import type { RunRow } from "../list/row";
import { type Action, ACTIONS, canOf, type Which } from "./bulk";
import { BulkDialog } from "./BulkDialog";
import style from "./bulk.module.css";

const ICONS: Record<Action, string> = { pause: "pause", resume: "play", cancel: "stop" };

interface Props {
  /** The selected runs that are shown. */
  runs: readonly RunRow[];
  which: Which;
  /** How many are selected. */
  count: number;
  /** How many fit the filter, where more do than are selected. */
  more: number | null;
  onAll: () => void;
  onClear: () => void;
}

export function BulkBar({ runs, which, count, more, onAll, onClear }: Props) {
  const t = useT();
  const [open, setOpen] = useState<Action | null>(null);
  const allowed = useCan("run");
  const lost = useLost();
  const can = canOf(runs);
  const byFilter = "query" in which;
  const refusal = !allowed ? t("runs.bulk.right") : lost ? t("runs.bulk.lost") : null;
  return (
    <section className={style.bar} aria-label={t("runs.bulk.bar")} data-pane="bulk">
      <b>{t("runs.bulk.selected", { count })}</b>
      <span className={style.what} id="bulk-why">
        {refusal ?? (byFilter ? t("runs.bulk.filter") : t("runs.bulk.can", can))}
        {refusal === null && more !== null && (
          <button type="button" className={style.all} onClick={onAll}>
            {t("runs.bulk.allFit", { count: more })}
          </button>
        )}
      </span>
      <span className={style.actions}>
        {ACTIONS.map((action) => {
          const off = refusal !== null || (!byFilter && can[action] === 0);
          return (
            <Button
              key={action}
              leftSection={<Icon name={ICONS[action]} />}
              aria-disabled={off}
              aria-describedby="bulk-why"
              onClick={() => (off ? undefined : setOpen(action))}
            >
              {t(`runs.bulk.${action}`, { count: byFilter ? count : can[action] })}
            </Button>
          );
        })}
        <ActionIcon aria-label={t("runs.bulk.clear")} onClick={onClear}>
          <Icon name="x" />
        </ActionIcon>
      </span>
      {open !== null && <BulkDialog action={open} which={which} onClose={() => setOpen(null)} onDone={onClear} />}
    </section>
  );
}
