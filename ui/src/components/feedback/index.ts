export { Banner, type Tone } from "./Banner";
export { ConfirmDialog } from "./ConfirmDialog";
export { EmptyState } from "./EmptyState";
export { ErrorBlock } from "./ErrorBlock";
export { Skeleton } from "./Skeleton";
export { useFocusBack } from "./useFocusBack";
