import { useT } from "~/i18n";
import style from "./basics.module.css";

export interface Person {
  id: string;
  name: string;
  /** After five minutes without a sign. */
  idle?: boolean;
}

/** "PN" of "Petra Novák", "CI" of "ci-deploy". */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._@-]+/u).filter(Boolean);
  const letters = words.length > 1 ? words.slice(0, 2).map((word) => [...word][0]) : [...(words[0] ?? "?")].slice(0, 2);
  return letters.join("").toLocaleUpperCase();
}

/** One person as a square with initials; one's own is inverted. The name stands beside it or in `named`. */
export function Initials({ name, own = false, named = false }: { name: string; own?: boolean; named?: boolean }) {
  const label = named ? { role: "img", "aria-label": name } : { "aria-hidden": true };
  return (
    <span className={style.initials} data-own={own || undefined} {...label}>
      {initialsOf(name)}
    </span>
  );
}

/** Who is here: five squares, then "+3". `own` is one's own id. */
export function Presence({ people, own, most = 5 }: { people: readonly Person[]; own?: string; most?: number }) {
  const t = useT();
  if (people.length === 0) return null;
  const names = people.map((person) => person.name).join(", ");
  return (
    <span className={style.presence} role="img" aria-label={t("components.presence.label", { count: people.length, names })}>
      {people.slice(0, most).map((person) => (
        <span key={person.id} title={person.name} data-idle={person.idle || undefined} className={style.idle}>
          <Initials name={person.name} own={person.id === own} />
        </span>
      ))}
      {people.length > most && <span className="muted">{t("components.presence.more", { count: people.length - most })}</span>}
    </span>
  );
}
