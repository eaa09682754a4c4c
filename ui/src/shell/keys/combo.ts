// Names of key combinations: "j", "Shift+X", "Mod+K" (Ctrl, or Cmd on a Mac), "g h" (one after the other), "Escape", "F6".

const mac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);

const CAPS: Record<string, string> = {
  Mod: mac ? "⌘" : "Ctrl",
  Escape: "Esc",
  Enter: "↵",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Space: "Space",
  Delete: "Del",
};

/** The caps of one combination, as printed: "Mod+K" → ["Ctrl", "K"]. */
export function capsOf(combo: string): string[] {
  const parts = combo === "+" ? ["+"] : combo.split("+");
  return parts.map((part) => CAPS[part] ?? (part.length === 1 ? part.toLocaleUpperCase() : part));
}

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** The name of what was pressed. Shift is named only where it does not already make another character ("?" is "?"). */
export function comboOf(event: Pressed): string {
  const { key } = event;
  const letter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
  const name = key === " " ? "Space" : letter ? key.toLowerCase() : key;
  const mod = event.ctrlKey || event.metaKey;
  const shift = event.shiftKey && (letter || key.length > 1 || key === " ");
  const shown = letter && (mod || shift) ? name.toUpperCase() : name;
  return [mod && "Mod", event.altKey && "Alt", shift && "Shift", shown].filter(Boolean).join("+");
}

/** Whether a combination is text in a field: one character, without Ctrl. */
export function isSingle(combo: string): boolean {
  return combo.split(" ").some((part) => [...part.replace(/^Shift\+/, "")].length === 1 || part === "Space" || part === "Enter");
}

const FIELDS = "input, textarea, select, [contenteditable=''], [contenteditable='true'], [role=textbox]";
const BUTTONS = new Set(["checkbox", "radio", "button", "submit", "reset", "range", "color", "file"]);

/** Whether keys are text there. */
export function isField(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  const field = target.closest(FIELDS);
  return field !== null && !(field instanceof HTMLInputElement && BUTTONS.has(field.type));
}
