// The page in words: what waits for you, what stopped, what moves. Each number leads to what it counts.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useNow } from "~/components/basics";
import { Mark, type State } from "~/components/state";
import { format, Say, useT } from "~/i18n";
import { BELOW, OPEN, OVER } from "./data";
import style from "./home.module.css";

interface Props {
  decisions: number;
  due: string | null;
  incidents: number;
  failed: number;
  /** The moment after which a failure counts, as the server counted; null where there is none. */
  failedAfter: string | null;
  moving: number;
}

function Part({ state, children }: { state: State; children: ReactNode }) {
  return (
    <span>
      <span className={style.sentenceMark}>
        <Mark state={state} size={18} />
      </span>
      {children}{" "}
    </span>
  );
}

export function Today() {
  return <p className="secondary">{format.moment(useNow())}</p>;
}

function Decisions({ count, due, to }: { count: number; due: string | null; to: (text: ReactNode[]) => ReactNode }) {
  const now = useNow();
  if (due === null) return <Say k="home.sentence.decisions" values={{ count, to }} />;
  const key = Date.parse(due) < now ? "home.sentence.decisionsOver" : "home.sentence.decisionsDue";
  return <Say k={key} values={{ count, to, time: format.clock(due) }} />;
}

export function Sentence({ decisions, due, incidents, failed, failedAfter, moving }: Props) {
  useT();
  const inbox = (text: ReactNode[]) => <Link to="/inbox">{text}</Link>;
  const runs = (search: Record<string, string | string[]>) =>
    function ToRuns(text: ReactNode[]) {
      return (
        <Link to="/runs" search={search as never}>
          {text}
        </Link>
      );
    };
  const calm = decisions === 0 && incidents === 0 && failed === 0;
  return (
    <p className="sentence">
      {decisions > 0 && (
        <Part state="person">
          <Decisions count={decisions} due={due} to={inbox} />
        </Part>
      )}
      {incidents > 0 && (
        <Part state="incident">
          <Say k="home.sentence.incidents" values={{ count: incidents, to: runs({ wait_for: "incident", ...BELOW }) }} />
        </Part>
      )}
      {failed > 0 && (
        <Part state="failed">
          <Say k="home.sentence.failed" values={{ count: failed, to: runs({ status: OVER, ...BELOW, ...(failedAfter === null ? {} : { ended_after: failedAfter }) }) }} />
        </Part>
      )}
      {calm && <Say k="home.sentence.calm" />}{" "}
      {moving > 0 && (
        <Part state="running">
          <Say k="home.sentence.moving" values={{ count: moving, to: runs({ status: OPEN }) }} />
        </Part>
      )}
    </p>
  );
}
