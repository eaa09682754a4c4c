// One catalogue a language, cut into areas (en/*.json, de/*.json) so that pages do not meet in one file. English says which
// keys there are; a test holds the other languages to the same keys and placeholders. What the first page does without stands
// in `later.ts` and comes with the pages that need it.
import type { en } from "./en";
import type { later } from "./en/later";

export type Key = keyof typeof en | keyof typeof later;
export type Catalogue = Record<Key, string>;
