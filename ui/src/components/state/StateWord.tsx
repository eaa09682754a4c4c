import type { ReactNode } from "react";
import { useT } from "~/i18n";
import { Mark } from "./Mark";
import { type State, text, wordOf } from "./states";
import style from "./state.module.css";

/** Mark and word. `children` stands in place of the state's own word ("Waits until 12:00"). */
export function StateWord({ state, children }: { state: State; children?: ReactNode }) {
  const t = useT();
  return (
    <span className={style.word} style={{ color: text(state) }}>
      <Mark state={state} />
      <span className="truncate">{children ?? t(wordOf(state))}</span>
    </span>
  );
}
