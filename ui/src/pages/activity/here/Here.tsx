// Who is here and what each does; one's own line too, so that it is known what others see.
import { useMe } from "~/api";
import { Age, Facts, Initials, Section } from "~/components/basics";
import { ErrorBlock } from "~/components/feedback";
import { useT } from "~/i18n";
import { useStream } from "~/live";
import { useWorkspace } from "~/shell";
import type { Gap } from "../feed/feed";
import { personOf } from "../told/people";
import { Doing } from "./Doing";
import style from "./here.module.css";
import { usePresent } from "./usePresent";

export function Here() {
  const t = useT();
  const me = useMe();
  const present = usePresent(useWorkspace());
  const people = present.data ?? [];
  return (
    <Section title={t("home.here.title")} count={present.data ? people.length : null}>
      {present.error && !present.data && <ErrorBlock error={present.error} onRetry={() => void present.refetch()} />}
      <ul>
        {people.map((person) => {
          const { name, own } = personOf(person.user, me);
          return (
            <li key={person.client_id} className={style.person}>
              <Initials name={name} own={own} />
              <span className={style.who}>
                <b className="truncate">{name}</b>
                <span className="truncate">
                  <Doing person={person} />
                </span>
              </span>
              <span className="muted">
                <Age since={person.joined_at} />
              </span>
            </li>
          );
        })}
      </ul>
      <p className={style.own}>{t("activity.here.you")}</p>
    </Section>
  );
}

export function ThisStream({ gaps }: { gaps: readonly Gap[] }) {
  const t = useT();
  const position = useStream((state) => state.position);
  const facts = [
    { label: t("activity.stream.position"), value: position === null ? "–" : t("activity.stream.event", { position }) },
    { label: t("activity.stream.gaps"), value: gaps.length === 0 ? t("activity.stream.none") : String(gaps.length) },
  ];
  return (
    <Section title={t("activity.stream.title")}>
      <div className={style.facts}>
        <Facts facts={facts} stacked />
      </div>
    </Section>
  );
}
