import type { ReactNode } from "react";
import { Mark, type State } from "~/components/state";
import style from "./feedback.module.css";

/** Whose hue it has: a state's, or none for plain notices. */
export type Tone = "plain" | Extract<State, "retrying" | "failed" | "stale">;

/** A line over the main area. Shown through `useBanner`, which shows one at a time. */
export function Banner({ tone, children, actions }: { tone: Tone; children: ReactNode; actions?: ReactNode }) {
  const colors = tone === "plain" ? undefined : { background: `var(--s-${tone}-tint)`, borderColor: `var(--s-${tone})` };
  return (
    <div className={style.banner} style={colors} data-banner>
      {tone !== "plain" && <Mark state={tone} />}
      <p>{children}</p>
      {actions !== undefined && <span className={style.bannerActions}>{actions}</span>}
    </div>
  );
}
