// All shortcuts that hold now. The last group that was added has the first say; a handler that answers false passes on.
import type { Key } from "~/i18n";
import { useSettings } from "~/settings/store";
import { comboOf, isField, isSingle } from "./combo";

export interface Shortcut {
  /** What it does, as in the sheet. */
  label: Key;
  /** false: not now, let others have it. Left out: a key that a component handles itself; the sheet names it. */
  run?: (event: KeyboardEvent) => unknown;
  /** Also while a field has the focus (for keys with Ctrl or Esc). */
  inFields?: boolean;
  /** Also while a dialog or a menu is open. */
  inDialogs?: boolean;
}

export type Shortcuts = Record<string, Shortcut>;

export type Page = "anywhere" | "list" | "home" | "inbox" | "runs" | "run" | "segments" | "activity" | "start";

export interface Group {
  page: Page;
  shortcuts: () => Shortcuts;
}

const SEQUENCE_MS = 1_200;

const groups: Group[] = [];
const listeners = new Set<() => void>();
let shown: readonly Group[] = [];
let started: { key: string; at: number } | null = null;

function changed(): void {
  shown = [...groups];
  for (const listener of listeners) listener();
}

/** Adds a group; the answer takes it away. */
export function addShortcuts(group: Group): () => void {
  groups.push(group);
  changed();
  return () => {
    groups.splice(groups.indexOf(group), 1);
    changed();
  };
}

/** The groups that hold now; for the sheet. */
export function groupsNow(): readonly Group[] {
  return shown;
}

export function onGroupsChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

interface Where {
  field: boolean;
  dialog: boolean;
}

/** An open dialog keeps the keys also before the focus came into it; and the key that closes it is for nothing besides. */
function whereOf(target: EventTarget | null): Where {
  const inside = target instanceof Element && target.closest("[role=dialog], [role=menu]") !== null;
  return { field: isField(target), dialog: inside || document.querySelector("[aria-modal=true]") !== null };
}

function allowed(combo: string, shortcut: Shortcut, { field, dialog }: Where): boolean {
  if (dialog && shortcut.inDialogs !== true) return false;
  if (isSingle(combo) && !useSettings.getState().singleKeys) return false;
  return !field || (shortcut.inFields === true && !isSingle(combo));
}

function runOne(combo: string, event: KeyboardEvent, where: Where): boolean {
  for (const group of [...groups].reverse()) {
    const shortcut = group.shortcuts()[combo];
    if (!shortcut?.run || !allowed(combo, shortcut, where)) continue;
    if (shortcut.run(event) === false) continue;
    event.preventDefault();
    return true;
  }
  return false;
}

function begins(key: string): boolean {
  if (!useSettings.getState().singleKeys) return false;
  return groups.some((group) => Object.keys(group.shortcuts()).some((combo) => combo.startsWith(`${key} `)));
}

/** Hears every key that nobody took. A dialog keeps its keys: of the shortcuts only those that say so run meanwhile. */
export function press(event: KeyboardEvent, now: number): void {
  if (event.defaultPrevented || event.isComposing || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
  const combo = comboOf(event);
  const where = whereOf(event.target);
  const first = started !== null && now - started.at < SEQUENCE_MS ? started.key : null;
  started = null;
  if (first !== null && !where.field && runOne(`${first} ${combo}`, event, where)) return;
  if (runOne(combo, event, where)) return;
  if (!where.field && !where.dialog && begins(combo)) started = { key: combo, at: now };
}

let hearing = 0;
const hear = (event: KeyboardEvent): void => press(event, event.timeStamp);

/** Listens on the window until the answer is called. */
export function hearKeys(): () => void {
  hearing += 1;
  if (hearing === 1) window.addEventListener("keydown", hear);
  return () => {
    hearing -= 1;
    if (hearing === 0) window.removeEventListener("keydown", hear);
  };
}
