import { type Key, Say } from "~/i18n";
import { doingOf } from "~/live/presence";
import type { Present } from "./usePresent";

const VERBS = ["reads", "edits", "repairs", "decides", "idle"] as const;
type Verb = (typeof VERBS)[number];
const PLACES: readonly [RegExp, string][] = [
  [/^\/$/, "home"],
  [/^\/inbox/, "inbox"],
  [/^\/runs\/[^/]+/, "run"],
  [/^\/runs/, "runs"],
  [/^\/segments/, "segments"],
  [/^\/activity/, "activity"],
  [/^\/start/, "start"],
];

/** The page of a path, as the catalogue names it; "other" for what this release does not know. */
export function placeOf(path: string | null | undefined): string {
  return PLACES.find(([pattern]) => pattern.test(path ?? ""))?.[1] ?? "other";
}

/** "reads Runs", "decides EXP-2050", "idle in Inbox". */
export function Doing({ person }: { person: Pick<Present, "doing" | "page" | "idle"> }) {
  const { verb, object } = doingOf(person.doing);
  const known: Verb = person.idle ? "idle" : (VERBS.find((one) => one === verb) ?? "reads");
  const subject = known === "reads" || known === "idle" || object === null ? null : <code>{object}</code>;
  const place = <Say k={`activity.place.${placeOf(person.page)}` as Key} />;
  return <Say k={`activity.doing.${known}`} values={{ subject: subject ?? place }} />;
}
