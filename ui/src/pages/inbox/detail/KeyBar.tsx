import { Kbd } from "~/components/basics";
import { type Key, useT } from "~/i18n";
import style from "./detail.module.css";

const KEYS: readonly (readonly [string, Key])[] = [
  ["j", "inbox.key.down"],
  ["k", "inbox.key.up"],
  ["a", "inbox.key.approve"],
  ["m", "inbox.key.modify"],
  ["r", "inbox.key.reject"],
  ["e", "inbox.key.comment"],
  ["Mod+Enter", "inbox.key.send"],
  ["?", "keys.help"],
];

/** The keys of the page, at its foot. Every one is a visible control besides. */
export function KeyBar() {
  const t = useT();
  return (
    <p className={style.keybar} aria-hidden="true">
      {KEYS.map(([keys, label]) => (
        <span key={keys}>
          <Kbd keys={keys} /> {t(label)}
        </span>
      ))}
    </p>
  );
}
