// The places of the main navigation, in their order. Only what exists stands here.
import type { Key } from "~/i18n";

export interface Place {
  to: "/" | "/inbox" | "/runs" | "/segments" | "/activity";
  label: Key;
  icon: string;
  /** The second key after `g`. */
  key: string;
  /** What of the counts stands beside it. */
  counts?: "inbox" | "runs";
  /** In the bar at the bottom of narrow pages; the others are under "More". */
  narrow: boolean;
}

export const PLACES: readonly Place[] = [
  { to: "/", label: "shell.home", icon: "home", key: "h", narrow: true },
  { to: "/inbox", label: "shell.inbox", icon: "inbox", key: "i", counts: "inbox", narrow: true },
  { to: "/runs", label: "shell.runs", icon: "runs", key: "r", counts: "runs", narrow: true },
  { to: "/segments", label: "shell.segments", icon: "segments", key: "s", narrow: false },
  { to: "/activity", label: "shell.activity", icon: "activity", key: "a", narrow: true },
];
