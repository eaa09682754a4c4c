// The lines of the feed under the heads of their days. A line is one link to its run; a group unfolds in its place.
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { At } from "~/components/basics";
import { Mark } from "~/components/state";
import { format, useT } from "~/i18n";
import { nameOf } from "~/pages/runs/list/row";
import { Told, ToldDetail, ToldGroup, ToldMark } from "../told/Told";
import type { Entry, Gap, Line } from "./feed";
import style from "./feed.module.css";

const DAY_MS = 86_400_000;

function sameDay(a: Date, b: Date): boolean {
  return a.toDateString() === b.toDateString();
}

function DayHead({ at }: { at: string }) {
  const t = useT();
  const day = new Date(at);
  const name = format.weekday(day);
  const now = new Date();
  const key = sameDay(day, now) ? "activity.today" : sameDay(day, new Date(+now - DAY_MS)) ? "activity.yesterday" : null;
  return <h2 className={style.day}>{key ? t(key, { day: name }) : name}</h2>;
}

function Target({ line, children }: { line: Line; children: ReactNode }) {
  if (line.task_id && line.event_type === "human.task_created") {
    return (
      <Link to="/inbox" search={{ task: line.task_id } as never} className={style.link} data-row>
        {children}
      </Link>
    );
  }
  if (line.run_id) {
    return (
      <Link to="/runs/$runId" params={{ runId: line.run_id }} search={line.visit ? { visit: line.visit } : {}} className={style.link} data-row>
        {children}
      </Link>
    );
  }
  return (
    <span className={style.link} tabIndex={-1} data-row>
      {children}
    </span>
  );
}

function LineRow({ line }: { line: Line }) {
  return (
    <li className={style.line}>
      <span className={style.time}>
        <Seconds time={line.at} />
      </span>
      <span className={style.mark}>
        <ToldMark line={line} />
      </span>
      <Target line={line}>
        <Told line={line} />
      </Target>
      <span className={style.about}>
        {line.run_id && <code title={line.run_id}>{nameOf({ run_id: line.run_id, business_key: line.business_key })}</code>} <span className="muted">{line.segment_id}</span>
      </span>
      <span className={style.detail}>
        <ToldDetail line={line} />
      </span>
    </li>
  );
}

/** The time of day alone: the day stands over it. */
function Seconds({ time }: { time: string }) {
  return (
    <time dateTime={time} title={format.whole(time)}>
      {format.clock(time, { now: Date.parse(time), seconds: true })}
    </time>
  );
}

function GroupRow({ entry, open, onToggle }: { entry: Extract<Entry, { kind: "group" }>; open: boolean; onToggle: () => void }) {
  const t = useT();
  const first = entry.lines[0];
  const last = entry.lines.at(-1);
  if (!first || !last) return null;
  const count = entry.lines.length;
  return (
    <li className={style.line} data-group>
      <span className={style.time}>
        <At time={last.at} /> – <At time={first.at} />
      </span>
      <span className={style.mark}>
        <ToldMark line={first} />
      </span>
      <button type="button" className={style.link} data-row aria-expanded={open} onClick={onToggle}>
        <ToldGroup type={entry.type} count={count} />
        <span className="visually-hidden">, {t(open ? "activity.group.close" : "activity.group.open", { count })}</span>
      </button>
      <span className={style.about}>
        <span className="muted">{first.segment_id}</span>
      </span>
      <span className={style.detail} />
    </li>
  );
}

function GapRow({ gap, onRead }: { gap: Gap; onRead: () => void }) {
  const t = useT();
  return (
    <li className={style.gap}>
      <Mark state="stale" />
      <span>{t("activity.gap", { count: gap.to - gap.from + 1 })}</span>
      <Button variant="subtle" onClick={onRead}>
        {t("activity.gap.read")}
      </Button>
    </li>
  );
}

interface Props {
  entries: readonly Entry[];
  open: ReadonlySet<string>;
  onToggle: (group: string) => void;
  onReadGap: (gap: Gap) => void;
}

/** Days as sections: the entries up to the next head. */
function days(entries: readonly Entry[]): { key: string; at: string | null; entries: Entry[] }[] {
  const found: { key: string; at: string | null; entries: Entry[] }[] = [];
  for (const entry of entries) {
    if (entry.kind === "day") found.push({ key: entry.key, at: entry.at, entries: [] });
    else if (found.length === 0) found.push({ key: "before", at: null, entries: [entry] });
    else found.at(-1)?.entries.push(entry);
  }
  return found;
}

export function FeedRows({ entries, open, onToggle, onReadGap }: Props) {
  return days(entries).map((day) => (
    <section key={day.key}>
      {day.at !== null && <DayHead at={day.at} />}
      <ul>
        {day.entries.map((entry) => {
          if (entry.kind === "line") return <LineRow key={entry.key} line={entry.line} />;
          if (entry.kind === "group") return <GroupRow key={entry.key} entry={entry} open={open.has(entry.key)} onToggle={() => onToggle(entry.key)} />;
          return entry.kind === "gap" ? <GapRow key={entry.key} gap={entry} onRead={() => onReadGap(entry)} /> : null;
        })}
      </ul>
    </section>
  ));
}
