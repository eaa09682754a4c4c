import { solid, type State } from "./states";

type Name = State | "note" | "once";

const OWN: Record<"note" | "once", string> = { note: "var(--s-stale)", once: "var(--s-incident)" };

/** The mark of a state, 14 px whatever the state. Decorative: the word beside it is the name. */
export function Mark({ state, size = 14 }: { state: Name; size?: number }) {
  const color = state === "note" || state === "once" ? OWN[state] : solid(state);
  const box = { width: size, height: size, "aria-hidden": true, focusable: false, className: "waymark" } as const;
  if (state === "running") {
    // Drawn here and not by reference, because its dot breathes.
    return (
      <svg {...box} viewBox="0 0 16 16" style={{ color, flex: "none" }}>
        <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <circle className="mark-running-dot" cx="8" cy="8" r="2.8" fill="currentColor" />
      </svg>
    );
  }
  return (
    <svg {...box} style={{ color, flex: "none" }}>
      <use href={`#mark-${state}`} />
    </svg>
  );
}
