// How many runs are in which state, whatever state the filter asks for; a click shows that state alone, the next one all.
import type { components } from "#schema";
import { Mark, type State } from "~/components/state";
import { format, type Key, useT } from "~/i18n";
import type { Token } from "~/components/list";
import { isState } from "../filter";
import style from "./list.module.css";

type Counts = components["schemas"]["RunCounts"];

interface Kind {
  name: string;
  state: State;
  field: "state" | "waits";
  value: string;
  /** Stands there also while there is none. */
  always?: boolean;
}

const KINDS: readonly Kind[] = [
  { name: "running", state: "running", field: "state", value: "running", always: true },
  { name: "person", state: "person", field: "waits", value: "person", always: true },
  { name: "timer", state: "waiting", field: "waits", value: "timer" },
  { name: "message", state: "message", field: "waits", value: "message" },
  { name: "child", state: "message", field: "waits", value: "child run" },
  { name: "retry", state: "retrying", field: "waits", value: "retry" },
  { name: "failed", state: "failed", field: "state", value: "failed", always: true },
  { name: "timedOut", state: "failed", field: "state", value: "timed_out" },
  { name: "incident", state: "incident", field: "waits", value: "incident" },
  { name: "paused", state: "paused", field: "state", value: "paused" },
  { name: "completed", state: "completed", field: "state", value: "completed", always: true },
  { name: "cancelled", state: "cancelled", field: "state", value: "cancelled" },
];

interface Props {
  counts: Counts | undefined;
  tokens: readonly Token[];
  onToggle: (state: Token) => void;
}

export function Tally({ counts, tokens, onToggle }: Props) {
  const t = useT();
  const chosen = (kind: Kind) => tokens.some((token) => isState(token) && token.field === kind.field && token.value === kind.value);
  const count = (kind: Kind) => (kind.field === "state" ? counts?.by_status : counts?.by_wait)?.[kind.value] ?? (counts ? 0 : null);
  const shown = KINDS.filter((kind) => kind.always || chosen(kind) || (count(kind) ?? 0) > 0);
  return (
    <div className={style.tally} role="group" aria-label={t("runs.tally")}>
      {shown.map((kind) => (
        <button
          key={kind.name}
          type="button"
          aria-pressed={chosen(kind)}
          onClick={() => onToggle({ field: kind.field, op: "is", value: kind.value })}
        >
          <Mark state={kind.state} />
          {t(`runs.tally.${kind.name}` as Key, { count: format.count(count(kind)) })}
        </button>
      ))}
    </div>
  );
}
