// Beside the work: the last day, who is here, what happened lately.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { request, useMe } from "~/api";
import { At, Initials, Section } from "~/components/basics";
import { ErrorBlock, Skeleton } from "~/components/feedback";
import { useT } from "~/i18n";
import { useWorkspace } from "~/shell";
import { entriesOf } from "~/pages/activity/feed/feed";
import { personOf } from "~/pages/activity/told/people";
import { Doing } from "~/pages/activity/here/Doing";
import { Told, ToldGroup } from "~/pages/activity/told/Told";
import { usePresent } from "~/pages/activity/here/usePresent";
import { nameOf } from "~/pages/runs/list/row";
import { useThroughput } from "./data";
import { Figures } from "./Figures";
import style from "./home.module.css";

const LATELY = 9;
const HERE = 8;

export function LastDay() {
  const t = useT();
  const figures = useThroughput(useWorkspace());
  return (
    <Section title={t("home.figures.title")}>
      {figures.error && !figures.data ? (
        <ErrorBlock error={figures.error} onRetry={() => void figures.refetch()} />
      ) : (
        <Figures figures={figures.data} />
      )}
    </Section>
  );
}

export function HereNow() {
  const t = useT();
  const me = useMe();
  const present = usePresent(useWorkspace());
  const people = present.data ?? [];
  return (
    <Section title={t("home.here.title")} count={present.data ? people.length : null}>
      {present.error && !present.data && <ErrorBlock error={present.error} onRetry={() => void present.refetch()} />}
      {present.data && people.length === 0 && <p className={style.quiet}>{t("home.here.empty")}</p>}
      <ul>
        {people.slice(0, HERE).map((person) => (
          <li key={person.client_id} className={style.person}>
            <Initials name={personOf(person.user, me).name} own={personOf(person.user, me).own} />
            <span className="truncate">{personOf(person.user, me).name}</span>
            <span className="truncate muted">
              <Doing person={person} />
            </span>
          </li>
        ))}
      </ul>
      {people.length > HERE && (
        <Link to="/activity" className="muted">
          {t("home.here.more", { count: people.length - HERE })}
        </Link>
      )}
    </Section>
  );
}

export function Lately() {
  const t = useT();
  const id = useWorkspace();
  const query = { limit: 40, ...(id === undefined ? {} : { workspace_id: id }) };
  const lately = useQuery({
    queryKey: ["home", "lately", id],
    queryFn: ({ signal }) => request("get", "/api/v1/activity", { query, signal }),
  });
  const entries = entriesOf(lately.data?.events ?? []).filter((entry) => entry.kind === "line" || entry.kind === "group");
  return (
    <Section title={t("home.lately.title")} aside={<Link to="/activity">{t("home.lately.all")}</Link>}>
      {lately.error && !lately.data && <ErrorBlock error={lately.error} onRetry={() => void lately.refetch()} />}
      {lately.isPending && <Skeleton rows={LATELY} columns={[40, "1fr"]} height={26} />}
      {lately.data && entries.length === 0 && <p className={style.quiet}>{t("home.lately.empty")}</p>}
      <ul>
        {entries.slice(0, LATELY).map((entry) => (
          <li key={entry.key} className={style.feed}>
            {entry.kind === "group" && (
              <>
                <At time={entry.lines[0]?.at ?? 0} />
                <span className="truncate">
                  <ToldGroup type={entry.type} count={entry.lines.length} />
                </span>
              </>
            )}
            {entry.kind === "line" && (
              <>
                <At time={entry.line.at} />
                <span className="truncate">
                  <Told line={entry.line} />
                </span>
                {entry.line.run_id && (
                  <Link to="/runs/$runId" params={{ runId: entry.line.run_id }} className={style.aside}>
                    {nameOf({ run_id: entry.line.run_id, business_key: entry.line.business_key })}
                  </Link>
                )}
              </>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
