export { type Field, fieldOf, type Op, problemOf, type Query, textOf, type Token, tokensOf } from "./filter";
export { FilterField } from "./FilterField";
export { type LinkProps, RowList, type RowListProps } from "./RowList";
export type { Selection } from "./useRowKeys";
