import { Modal } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { Kbd } from "~/components/basics";
import { useFocusBack } from "~/components/feedback";
import { useT } from "~/i18n";
import { useSettings } from "~/settings/store";
import { groupsNow, onGroupsChange, type Page, type Shortcut } from "./registry";
import style from "./keys.module.css";

/** Page → its shortcuts, the keys of one label together; the page's own before those that hold anywhere. */
function useSheet(): [Page, Map<Shortcut["label"], string[]>][] {
  const groups = useSyncExternalStore(onGroupsChange, groupsNow);
  const sheet = new Map<Page, Map<Shortcut["label"], string[]>>();
  for (const group of [...groups].reverse()) {
    const rows = sheet.get(group.page) ?? new Map<Shortcut["label"], string[]>();
    sheet.set(group.page, rows);
    for (const [keys, { label }] of Object.entries(group.shortcuts())) {
      const all = rows.get(label) ?? [];
      if (!all.includes(keys)) rows.set(label, [...all, keys]);
    }
  }
  return [...sheet].sort(([a], [b]) => Number(a === "anywhere") - Number(b === "anywhere"));
}

/** `?`: every key that holds on this page. */
export function KeySheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useT();
  useFocusBack(opened);
  return (
    <Modal opened={opened} onClose={onClose} title={t("keys.title")} size={720} closeButtonProps={{ "aria-label": t("words.close") }} closeOnClickOutside>
      {opened && <Sheet />}
    </Modal>
  );
}

function Sheet() {
  const t = useT();
  const singleKeys = useSettings((settings) => settings.singleKeys);
  const sheet = useSheet();
  return (
    <>
      {!singleKeys && <p className={style.off}>{t("keys.off")}</p>}
      <div className={style.sheet}>
        {sheet.map(([page, rows]) => (
          <section key={page}>
            <h3 className={style.head}>{t(`keys.group.${page}`)}</h3>
            <dl>
              {[...rows].map(([label, keys]) => (
                <div key={label} className={style.row}>
                  <dt>{t(label)}</dt>
                  <dd className={style.caps}>
                    {keys.map((one) => (
                      <span key={one}>
                        <Kbd keys={one} always />
                        <span className="visually-hidden">{one}</span>
                      </span>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </>
  );
}
