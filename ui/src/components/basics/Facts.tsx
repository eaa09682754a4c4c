import type { ReactNode } from "react";
import style from "./basics.module.css";

export interface Fact {
  label: string;
  value: ReactNode;
}

/** Facts as label and value: in one line, or one under the other with `stacked`. A value of null is left out. */
export function Facts({ facts, stacked = false }: { facts: readonly Fact[]; stacked?: boolean }) {
  return (
    <dl className={stacked ? style.factsStacked : style.facts}>
      {facts
        .filter(({ value }) => value !== null && value !== undefined)
        .map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
