import { useT } from "~/i18n";
import { capsOf } from "~/shell/keys/combo";
import style from "./basics.module.css";

/**
 * Key caps beside an action: `keys` as in useShortcuts ("Mod+K", "g h", "Shift+X"). Decorative: the action has a name.
 * Where there is no keyboard to speak of (a finger, a narrow page) they are not shown, but for `always`.
 */
export function Kbd({ keys, always = false }: { keys: string; always?: boolean }) {
  const t = useT();
  return (
    <span className={`${style.keys} ${always ? "" : "key-caps"}`} aria-hidden="true">
      {keys.split(" ").map((combo, place) => (
        <span key={combo} className={style.keys}>
          {place > 0 && <span className="muted">{t("keys.then")}</span>}
          {capsOf(combo).map((cap) => (
            <kbd key={cap} className={style.cap}>
              {cap}
            </kbd>
          ))}
        </span>
      ))}
    </span>
  );
}
