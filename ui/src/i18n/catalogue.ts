// One catalogue a language, cut into areas (en/*.json, de/*.json) so that pages do not meet in one file. English says which
// keys there are; a test holds the other languages to the same keys and placeholders.
import type { en } from "./en";

export type Key = keyof typeof en;
export type Catalogue = Record<Key, string>;
