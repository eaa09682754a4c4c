/** The sign: a line, a notch done, a notch that waits. */
export function Logo() {
  return (
    <svg className="waymark" width="28" height="12" viewBox="0 0 28 12" aria-hidden="true" style={{ flex: "none" }}>
      <rect x="0" y="4.75" width="9" height="2.5" rx="1" fill="currentColor" />
      <rect x="11" y="1" width="7" height="10" rx="1.5" fill="currentColor" />
      <rect x="21" y="1.9" width="5.6" height="8.2" rx="1.2" fill="none" stroke="currentColor" strokeWidth="1.8" />
    </svg>
  );
}
