// The shared patterns of bars and bands. Defined once a page; a reference by id is cheap, a filter or a canvas is not.
const LINES = "M-2 2 2-2M0 6 6 0M4 8 8 4";

/** `url(#…)` of a pattern. */
export const PATTERN = { failed: "url(#run-hatch-failed)", retrying: "url(#run-hatch-retrying)", incident: "url(#run-ruled-incident)" } as const;

export function Patterns() {
  return (
    <svg className="visually-hidden" aria-hidden="true" focusable="false">
      <defs>
        {(["failed", "retrying"] as const).map((state) => (
          <pattern key={state} id={`run-hatch-${state}`} width="6" height="6" patternUnits="userSpaceOnUse">
            <rect width="6" height="6" fill={`var(--s-${state}-tint)`} />
            <path d={LINES} stroke={`var(--s-${state})`} strokeWidth="2" />
          </pattern>
        ))}
        <pattern id="run-ruled-incident" width="4" height="4" patternUnits="userSpaceOnUse">
          <rect width="4" height="4" fill="var(--s-incident-tint)" />
          <path d="M0 1H4" stroke="var(--s-incident)" strokeWidth="1.5" />
        </pattern>
      </defs>
    </svg>
  );
}
