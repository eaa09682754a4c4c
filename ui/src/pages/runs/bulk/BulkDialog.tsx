// Before an action on many: how many can, what it touches besides, and each that cannot with its reason.
import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { StateWord } from "~/components/state";
import { ConfirmDialog, ErrorBlock } from "~/components/feedback";
import { useT } from "~/i18n";
import { toast } from "~/shell/notices";
import { stateOfStatus } from "../list/row";
import { type Action, ask, type Preview, preview, type Which } from "./bulk";
import style from "./bulk.module.css";

interface Props {
  action: Action;
  which: Which;
  onClose: () => void;
  onDone: () => void;
}

export function BulkDialog({ action, which, onClose, onDone }: Props) {
  const t = useT();
  const [reason, setReason] = useState("");
  const read = useQuery({ queryKey: ["runs", "bulk", action, which], queryFn: ({ signal }) => preview(action, which, signal), gcTime: 0, staleTime: 0 });
  const { data } = read;
  const count = data?.can ?? 0;
  const send = async () => {
    const asked = await ask(action, which, reason);
    toast({ text: t("runs.bulk.done", { accepted: asked.accepted, queued: asked.queued, refused: asked.refused }), error: asked.refused > 0 });
    onDone();
  };
  const missing = data ? (count === 0 ? t("runs.bulk.none") : null) : t("runs.bulk.reading");
  return (
    <ConfirmDialog
      opened
      destructive={action === "cancel"}
      onClose={onClose}
      title={t(`runs.bulk.title.${action}`, { count: data?.can ?? ("ids" in which ? which.ids.length : 0) })}
      action={t(`runs.bulk.do.${action}`, { count })}
      keep={t(`runs.bulk.keep.${action}`)}
      missing={missing}
      onConfirm={send}
    >
      <p>{t(`runs.bulk.means.${action}`)}</p>
      {read.error && <ErrorBlock error={read.error} onRetry={() => void read.refetch()} />}
      <div className={style.preview} aria-busy={!data}>
        {data && <Told preview={data} />}
      </div>
      <TextInput label={t("runs.bulk.reason")} value={reason} maxLength={2000} onChange={(event) => setReason(event.currentTarget.value)} />
    </ConfirmDialog>
  );
}

function Told({ preview: told }: { preview: Preview }) {
  const t = useT();
  const sum = (key: "children" | "open_tasks" | "once_running") => told.lines.filter((line) => line.can).reduce((all, line) => all + (line[key] ?? 0), 0);
  return (
    <>
      <p>
        <b>{t("runs.bulk.preview", { matched: told.matched, can: told.can, cannot: told.cannot })}</b>{" "}
        {told.can > 0 && t("runs.bulk.touches", { children: sum("children"), tasks: sum("open_tasks"), once: sum("once_running") })}
      </p>
      <ul className={style.lines} aria-label={t("runs.bulk.lines")} tabIndex={0}>
        {told.lines.map((line) => (
          <li key={line.run_id} data-can={line.can || undefined}>
            <code className="truncate">{line.business_key ?? line.run_id}</code>
            <StateWord state={stateOfStatus(line.status)} />
            <span className="truncate">{line.can ? t("runs.bulk.yes") : `${t("runs.bulk.no")}: ${line.why ?? ""}`}</span>
          </li>
        ))}
      </ul>
      {told.truncated && <p className="muted">{t("runs.bulk.truncated", { count: told.matched - told.lines.length })}</p>}
    </>
  );
}
