export { walkPanes } from "./panes";
export { hearKeys, type Page, type Shortcut, type Shortcuts } from "./registry";
export { useShortcuts } from "./useShortcuts";
