// What a fake DOM lacks. The language is English, as in all tests.
import { cleanup } from "@testing-library/react";
import { afterEach, beforeAll } from "vitest";
import { loadLanguage, withTexts } from "~/i18n";
import { changeSettings } from "~/settings/store";

window.matchMedia ??= () => ({}) as MediaQueryList;
const quiet = { matches: false, addEventListener: () => undefined, removeEventListener: () => undefined, addListener: () => undefined, removeListener: () => undefined };
window.matchMedia = (media: string) => ({ ...quiet, media, onchange: null, dispatchEvent: () => false }) as MediaQueryList;

class NoResize {
  observe() {}
  unobserve() {}
  disconnect() {}
}
window.ResizeObserver = NoResize;
Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true }); // of text areas that grow

// Every element is 400 × 600, so that lists know how much they show.
const SIZES = { offsetHeight: 600, offsetWidth: 400, clientHeight: 600, clientWidth: 400 };
for (const [name, size] of Object.entries(SIZES)) {
  for (const prototype of [Element.prototype, HTMLElement.prototype]) Object.defineProperty(prototype, name, { get: () => size, configurable: true });
}
Element.prototype.scrollIntoView = () => undefined;

beforeAll(async () => {
  changeSettings({ language: "en" });
  await loadLanguage();
  await withTexts(Promise.resolve());
});
afterEach(cleanup);
