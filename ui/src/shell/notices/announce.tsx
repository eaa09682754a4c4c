// One polite live region for the whole page, so that screen readers are told little, in words, and not everything at once.
import { useSyncExternalStore } from "react";
import { useT } from "~/i18n";

const PAUSE_MS = 5_000;

interface Said {
  polite: string;
  assertive: string;
}

let said: Said = { polite: "", assertive: "" };
let waiting: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function say(changed: Partial<Said>): void {
  said = { ...said, ...changed };
  for (const listener of listeners) listener();
}

function flush(): void {
  timer = undefined;
  if (waiting.length === 0) return;
  say({ polite: waiting.join(". ") });
  waiting = [];
  timer = setTimeout(flush, PAUSE_MS);
}

/**
 * Tells screen readers. Polite at most every 5 s, with what gathered meanwhile; `now` for what waits for this person;
 * `assertive` for errors.
 */
export function announce(text: string, how: "polite" | "now" | "assertive" = "polite"): void {
  if (how === "assertive") return say({ assertive: text });
  if (!waiting.includes(text)) waiting.push(text);
  if (how === "now" || timer === undefined) {
    clearTimeout(timer);
    flush();
  }
}

/** Forgets what waits; for tests. */
export function silence(): void {
  clearTimeout(timer);
  timer = undefined;
  waiting = [];
  say({ polite: "", assertive: "" });
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Stands once, in the shell. */
export function LiveRegion() {
  const t = useT();
  const { polite, assertive } = useSyncExternalStore(listen, () => said);
  return (
    <div className="visually-hidden" role="region" aria-label={t("shell.announcements")}>
      <div aria-live="polite" data-testid="polite">
        {polite}
      </div>
      <div role="alert">{assertive}</div>
    </div>
  );
}
