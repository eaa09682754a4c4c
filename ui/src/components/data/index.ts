export { type Cut, cutOf, type JsonType, typeOf, valueAt } from "./json";
export { JsonView } from "./JsonView";
