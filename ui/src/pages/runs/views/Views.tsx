// Saved views are tabs, one's own or shared, with live counts. The filter that is shown can be saved as one.
import { ActionIcon, Button, Menu } from "@mantine/core";
import { useState } from "react";
import { Icon, Tabs } from "~/components/basics";
import { ConfirmDialog } from "~/components/feedback";
import { useT } from "~/i18n";
import { toast } from "~/shell/notices";
import style from "../runs.module.css";
import { type Saved, tabOf, type useTabs, useViewChanges } from "./useViews";
import { ViewDialog } from "./ViewDialog";

interface Props {
  tabs: ReturnType<typeof useTabs>["tabs"];
  /** The filter shown, as text. */
  filter: string;
  onChoose: (query: string) => void;
  /** Why the saved views are not there; null: they are. */
  error: unknown;
  onAgain: () => void;
}

type Open = { kind: "save" } | { kind: "edit"; view: Saved } | { kind: "delete"; view: Saved } | null;

export function Views({ tabs, filter, onChoose, error, onAgain }: Props) {
  const t = useT();
  const [open, setOpen] = useState<Open>(null);
  const { change, remove } = useViewChanges();
  const chosen = tabOf(tabs, filter);
  const own = chosen ? [] : [{ id: "own", label: t("runs.view.own") }];
  const shown = [...tabs.map(({ id, label, saved, count }) => ({ id, label: label ? t(label) : (saved?.name ?? id), count })), ...own];
  const choose = (id: string) => {
    const tab = tabs.find((one) => one.id === id);
    if (tab) onChoose(tab.query);
  };
  const mine = chosen?.saved?.mine ? chosen.saved : undefined;
  const close = () => setOpen(null);
  const aside = (
    <span className={style.viewActions}>
      {error !== null && (
        <Button variant="subtle" color="danger" leftSection={<Icon name="retry" />} onClick={onAgain}>
          {t("runs.view.unread")}
        </Button>
      )}
      {mine && <ViewMenu view={mine} onEdit={() => setOpen({ kind: "edit", view: mine })} onDelete={() => setOpen({ kind: "delete", view: mine })} />}
      {chosen?.saved && !mine && <span className="secondary">{t("runs.view.sharedBy", { owner: chosen.saved.owner })}</span>}
      {!chosen && <TakeOver tabs={tabs} onTake={(view) => change.mutate({ id: view.view_id, name: view.name, shared: view.shared, query: filter }, { onError: (error) => toast({ text: error.message, error: true }) })} />}
      {!chosen && (
        <Button variant="subtle" leftSection={<Icon name="plus" />} onClick={() => setOpen({ kind: "save" })}>
          {t("runs.view.save")}
        </Button>
      )}
    </span>
  );
  return (
    <div className={style.views}>
      <Tabs label={t("runs.views")} tabs={shown} chosen={chosen?.id ?? "own"} onChoose={choose} aside={aside} />
      {open?.kind === "save" && <ViewDialog query={filter} onClose={close} />}
      {open?.kind === "edit" && <ViewDialog view={open.view} query={open.view.query} onClose={close} />}
      {open?.kind === "delete" && (
        <ConfirmDialog
          opened
          destructive
          onClose={close}
          title={t("runs.view.deleteTitle", { name: open.view.name })}
          action={t("runs.view.deleteDo")}
          keep={t("runs.view.keep")}
          onConfirm={() => remove.mutateAsync(open.view.view_id)}
        >
          {t("runs.view.deleteText", { shared: open.view.shared ? "yes" : "no" })}
        </ConfirmDialog>
      )}
    </div>
  );
}

function ViewMenu({ view, onEdit, onDelete }: { view: Saved; onEdit: () => void; onDelete: () => void }) {
  const t = useT();
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon aria-label={t("runs.view.menu", { name: view.name })}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="pencil" />} onClick={onEdit}>
          {t("runs.view.rename")}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="x" />} onClick={onDelete}>
          {t("runs.view.delete")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Puts the filter shown into a view that is there already. */
function TakeOver({ tabs, onTake }: { tabs: Props["tabs"]; onTake: (view: Saved) => void }) {
  const t = useT();
  const mine = tabs.flatMap(({ saved }) => (saved?.mine ? [saved] : []));
  if (mine.length === 0) return null;
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <Button variant="subtle">{t("runs.view.update")}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {mine.map((view) => (
          <Menu.Item key={view.view_id} onClick={() => onTake(view)}>
            {view.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
