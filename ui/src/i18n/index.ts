export * as format from "./format";
export { type Key, language, loadLanguage, preferred, type Translate, translate, useT, type Values, withTexts } from "./messages";
export { Say } from "./Say";
