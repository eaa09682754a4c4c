import { IntlMessageFormat } from "intl-messageformat";
import { expect, test } from "vitest";
import { de as deFirst } from "./de";
import { later as deLater } from "./de/later";
import { en as enFirst } from "./en";
import { later as enLater } from "./en/later";
import { type Key, preferred } from "./messages";

const en = { ...enFirst, ...enLater };
const de = { ...deFirst, ...deLater };
const others = { de };

/** The names of the placeholders and tags of a message. */
function namesOf(text: string): string[] {
  const names = new Set<string>();
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(walk);
    else if (typeof node === "object" && node !== null) {
      const { type, value } = node as { type?: number; value?: unknown };
      if (typeof type === "number" && type > 0 && type !== 7 && typeof value === "string") names.add(value);
      Object.values(node).forEach(walk);
    }
  };
  walk(new IntlMessageFormat(text, "en").getAst());
  return [...names].sort();
}

test.each(Object.entries(others))("%s has the same keys, and the same placeholders in each", (_, catalogue) => {
  expect(Object.keys(catalogue).sort()).toEqual(Object.keys(en).sort());
  const differ = (Object.keys(en) as Key[]).filter((key) => namesOf(en[key]).join() !== namesOf(catalogue[key]).join());
  expect(differ).toEqual([]);
});

test("no key stands in both parts: the later one would hide the first", () => {
  expect(Object.keys(enLater).filter((key) => key in enFirst)).toEqual([]);
});

test("the check of placeholders sees them", () => {
  expect(namesOf("{a} <b>{n, plural, one {# {x}} other {#}}</b>")).toEqual(["a", "b", "n", "x"]);
});

test("texts do not shout, beg or boast", () => {
  const bad = Object.values(en).filter((text) => /!(?!=)|\bplease\b|\boops\b|successfully/i.test(text));
  expect(bad).toEqual([]);
});

test("the language is the one that is set, else the browser's, else English", () => {
  expect(preferred("de", ["en"])).toBe("de");
  expect(preferred(null, ["fr-FR", "de-AT", "en"])).toBe("de");
  expect(preferred(null, ["fr"])).toBe("en");
});
