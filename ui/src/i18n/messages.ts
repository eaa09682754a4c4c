// Texts of the language in force. Messages are ICU; parsed once each, on first use.
import { IntlMessageFormat } from "intl-messageformat";
import { create } from "zustand";
import { type Language, useSettings } from "~/settings/store";
import type { Catalogue, Key } from "./catalogue";

export type { Key } from "./catalogue";
export type Values = Record<string, string | number | Date>;
export type Translate = (key: Key, values?: Values) => string;

type Part = Partial<Catalogue>;

const LANGUAGES: Record<Language, { first: () => Promise<Part>; later: () => Promise<Part> }> = {
  en: { first: () => import("./en").then((module) => module.en), later: () => import("./en/later").then((module) => module.later) },
  de: { first: () => import("./de").then((module) => module.de), later: () => import("./de/later").then((module) => module.later) },
};

/** Whether a page has asked for what the first page does without. */
let laterToo = false;

interface Loaded {
  language: Language;
  catalogue: Catalogue;
  parsed: Map<string, IntlMessageFormat>;
  /** Texts that take no values, as they came out. */
  plain: Map<string, string>;
}

const useLoaded = create<Loaded>()(() => ({ language: "en", catalogue: {} as Catalogue, parsed: new Map(), plain: new Map() }));

/** The language that is set, else the first of the browser's that there is. */
export function preferred(set: Language | null, asked: readonly string[]): Language {
  return set ?? asked.map((tag) => tag.slice(0, 2)).find((tag): tag is Language => tag in LANGUAGES) ?? "en";
}

/** Loads and puts in force the language of the settings; to be awaited before the first rendering. */
export async function loadLanguage(): Promise<void> {
  const language = preferred(useSettings.getState().language, navigator.languages);
  const { first, later } = LANGUAGES[language];
  const parts = await Promise.all(laterToo ? [first(), later()] : [first()]);
  document.documentElement.lang = language;
  useLoaded.setState({ language, catalogue: Object.assign({}, ...parts) as Catalogue, parsed: new Map(), plain: new Map() });
}

/** A page's chunk together with the texts that it needs beyond the first page's: `lazyRouteComponent(() => withTexts(import("./Inbox")), …)`. */
export async function withTexts<T>(page: Promise<T>): Promise<T> {
  laterToo = true;
  const { language } = useLoaded.getState();
  const [loaded, part] = await Promise.all([page, LANGUAGES[language].later()]);
  // A language that was chosen meanwhile brings its own.
  useLoaded.setState((now) => (now.language === language ? { catalogue: { ...now.catalogue, ...part } } : now));
  return loaded;
}

/** The language in force, for Intl. */
export function language(): Language {
  return useLoaded.getState().language;
}

export function message(key: Key): IntlMessageFormat {
  const loaded = useLoaded.getState();
  let found = loaded.parsed.get(key);
  if (!found) {
    found = new IntlMessageFormat(loaded.catalogue[key] ?? key, loaded.language);
    loaded.parsed.set(key, found);
  }
  return found;
}

/** The text of a key. Outside of components only; in a component use `useT`, so that it follows the language. */
export const translate: Translate = (key, values) => {
  if (values !== undefined) return String(message(key).format(values));
  const { plain } = useLoaded.getState();
  const text = plain.get(key) ?? String(message(key).format());
  plain.set(key, text);
  return text;
};

/** `t`, and a re-rendering when the language changes. */
export function useT(): Translate {
  useLoaded((loaded) => loaded.language);
  return translate;
}
