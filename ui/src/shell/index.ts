export { useNarrow } from "./layout";
export { Page } from "./Page";
export { type RootSearch, rootRoute } from "./root";
export { oneOf, searchOf, text, whole } from "./search";
export { useLost } from "./StreamWatch";
export { useWorkspace } from "./sidebar/Workspace";
