// A run in words: mark and state, and what it waits for since when.
import { useQueryClient } from "@tanstack/react-query";
import { meQuery } from "~/api";
import { At, Countdown } from "~/components/basics";
import { Mark, StateWord, text } from "~/components/state";
import { Say, useT } from "~/i18n";
import { pressing, type RunRow, stateOf, stateOfWait, stepOf, type Wait } from "./row";

/** Whether a wait is for the person who reads. */
function useMine(): (wait: Wait) => boolean {
  // Read without an observer of its own: it stands in every row, and who one is does not change below the shell.
  const me = useQueryClient().getQueryData(meQuery.queryKey);
  return ({ for: what, who }) => what === "person" && !!who && (who === me?.principal || who === me?.display_name);
}

/** The state of a run as mark and word: "Waits for you", "Waits until 12:00". */
export function RunState({ run }: { run: Pick<RunRow, "status" | "waiting"> }) {
  const t = useT();
  const mine = useMine();
  const first = pressing(run.waiting)[0];
  const state = stateOf(run);
  if (run.status === "timed_out") return <StateWord state={state}>{t("runs.state.timedOut")}</StateWord>;
  if (run.status !== "waiting" || !first) return <StateWord state={state} />;
  if (mine(first)) return <StateWord state={state}>{t("words.state.you")}</StateWord>;
  if (first.for === "child run") return <StateWord state={state}>{t("runs.state.child")}</StateWord>;
  if (first.for === "timer" && first.due) {
    return (
      <StateWord state={state}>
        <Say k="runs.state.until" values={{ time: <At time={first.due} /> }} />
      </StateWord>
    );
  }
  return <StateWord state={state} />;
}

const KIND = {
  person: "person",
  incident: "incident",
  retry: "retrySince",
  timer: "timerSince",
  message: "message",
  "child run": "child",
} as const satisfies Record<Wait["for"], string>;

/** "Jonas Weber manager_approval since 09:38", "fx_rates tries again in 0:18"; briefly without since when. */
export function WaitText({ wait, brief = false }: { wait: Wait; brief?: boolean }) {
  const t = useT();
  const mine = useMine();
  const values = {
    step: <code>{stepOf(wait.visit)}</code>,
    since: wait.since ? <At time={wait.since} /> : t("words.unknown"),
    who: mine(wait) ? t("runs.wait.you") : (wait.who ?? t("runs.wait.anybody")),
    left: wait.due ? <Countdown until={wait.due} /> : "",
    time: wait.due ? <At time={wait.due} /> : "",
  };
  const kind = wait.due && (wait.for === "retry" || wait.for === "timer") ? wait.for : KIND[wait.for];
  return <Say k={`runs.${brief ? "brief" : "wait"}.${kind}`} values={values} />;
}

/** What a run waits for, most pressing first; a second cause in words, more as a number. What is over says why. */
export function WaitsFor({ run }: { run: RunRow }) {
  const t = useT();
  if (run.error_code !== null) return <code>{run.error_code}</code>;
  const [first, second, ...rest] = pressing(run.waiting);
  if (!first) return run.status === "running" && !run.owned ? t("runs.wait.worker") : null;
  return (
    <>
      <WaitText wait={first} />
      {second && rest.length === 0 && (
        <>
          {t("runs.wait.and")}
          <WaitText wait={second} />
        </>
      )}
      {rest.length > 0 && t("runs.wait.more", { count: rest.length + 1 })}
    </>
  );
}

/** Mark and, in place of the state's word, what it waits for; for lists without a column of their own for it. */
export function StateText({ run, brief = false }: { run: RunRow; brief?: boolean }) {
  const first = pressing(run.waiting)[0];
  if (!brief || run.status !== "waiting" || !first) return <RunState run={run} />;
  const state = stateOfWait(first);
  return (
    <span className="truncate" style={{ color: text(state), display: "inline-flex", gap: 6, alignItems: "center" }}>
      <Mark state={state} />
      <span className="truncate">
        <WaitText wait={first} brief />
      </span>
    </span>
  );
}
