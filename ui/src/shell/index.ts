export { useNarrow } from "./layout";
export { Page } from "./Page";
export { useDoing } from "./PresenceWatch";
export { type RootSearch, rootRoute } from "./root";
export { oneOf, parseSearch, searchOf, text, whole, writeSearch } from "./search";
export { useLost } from "./StreamWatch";
export { useWorkspace } from "./sidebar/Workspace";
