import { Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { request } from "~/api";
import { ConfirmDialog } from "~/components/feedback";
import { Say, useT } from "~/i18n";
import { toast } from "~/shell/notices";
import type { Segment } from "../data";
import style from "./segment.module.css";

interface Props {
  segment: Segment;
  opened: boolean;
  onClose: () => void;
}

/** Publishes the segment as it is now. A version is for good: the dialog says so. */
export function Publish({ segment, opened, onClose }: Props) {
  const t = useT();
  const queries = useQueryClient();
  const own = typeof segment.definition.version === "string" ? segment.definition.version : "";
  const [version, setVersion] = useState("");
  const [notes, setNotes] = useState("");
  const chosen = version.trim();
  const name = segment.name ?? segment.segment_id;
  const taken = segment.versions.some((one) => one.version === (chosen || own));
  const missing = chosen === "" && own === "" ? t("segments.publish.missing") : taken ? t("segments.publish.taken", { version: chosen || own }) : null;
  const publish = async () => {
    const body = { version: chosen || null, notes: notes.trim() || null };
    const made = await request("post", "/api/v1/segments/{segment_id}/versions", { params: { segment_id: segment.segment_id }, body });
    toast({ text: t("segments.published", { name, version: made.version }) });
    await queries.invalidateQueries({ queryKey: ["segments"] });
  };
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title={t("segments.publish.title", { name })}
      action={t("segments.publish.action", { version: chosen || own || "…" })}
      missing={missing}
      onConfirm={publish}
    >
      <p>
        <Say k="segments.publish.consequence" values={{ count: segment.open_runs }} />
      </p>
      <div className={style.fields}>
        <TextInput label={t("segments.col.version")} description={own === "" ? t("segments.publish.own.none") : t("segments.publish.own", { version: own })} value={version} onChange={(event) => setVersion(event.currentTarget.value)} />
        <Textarea label={t("segments.versions.notes")} description={t("segments.publish.notes")} autosize minRows={2} maxLength={2000} value={notes} onChange={(event) => setNotes(event.currentTarget.value)} />
      </div>
    </ConfirmDialog>
  );
}
