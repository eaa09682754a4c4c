import { Button, Checkbox, Modal, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ErrorBlock, useFocusBack } from "~/components/feedback";
import { useT } from "~/i18n";
import style from "../runs.module.css";
import { type Saved, useViewChanges } from "./useViews";

/** Saves `query` as a view, or changes name and sharing of `view`. */
export function ViewDialog({ view, query, onClose }: { view?: Saved; query: string; onClose: () => void }) {
  const t = useT();
  useFocusBack(true);
  const { create, change } = useViewChanges();
  const [name, setName] = useState(view?.name ?? "");
  const [shared, setShared] = useState(view?.shared ?? false);
  const [missing, setMissing] = useState(false);
  const saving = view ? change : create;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "") return setMissing(true);
    const draft = { name: name.trim(), shared, query };
    if (view) change.mutate({ id: view.view_id, ...draft }, { onSuccess: onClose });
    else create.mutate(draft, { onSuccess: onClose });
  };
  const title = view ? t("runs.view.editTitle", { name: view.name }) : t("runs.view.saveTitle");
  return (
    <Modal opened onClose={onClose} title={title} size={440} closeButtonProps={{ "aria-label": t("words.close") }}>
      <form className={style.dialog} onSubmit={send}>
        <TextInput
          data-autofocus
          label={t("runs.view.name")}
          value={name}
          maxLength={80}
          error={missing && name.trim() === "" ? t("runs.view.missing") : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox label={t("runs.view.shared")} checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />
        {saving.error && <ErrorBlock error={saving.error} />}
        <div className={style.dialogActions}>
          <Button onClick={onClose}>{t("words.cancel")}</Button>
          <Button type="submit" variant="filled" aria-disabled={saving.isPending}>
            {t("runs.view.save")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
