import { expect, test } from "vitest";
import sprite from "~/theme/waymark.svg?raw";
import tokens from "~/theme/tokens.css?raw";
import { show } from "~/test/render";
import { Fuse, Mark, NOTCH, STATES, StateWord, TrailStrip } from ".";
import { loudest, LOUDNESS } from "./states";
import { type Notch, pieces, summaryOf } from "./strip";

const notches = (...states: Notch["state"][]): Notch[] => states.map((state, at) => ({ id: `s${at}`, state }));

test("every state has a mark, three colours, a notch, a word and a rank", () => {
  for (const state of STATES) {
    expect(sprite).toContain(`id="mark-${state}"`);
    for (const use of ["", "-text", "-tint"]) expect(tokens.split(`--s-${state}${use}:`).length).toBeGreaterThan(1);
    expect(NOTCH[state]).toBeDefined();
  }
  expect([...LOUDNESS].sort()).toEqual([...STATES].sort());
});

test("a StateWord: the word is the name, the mark is decoration", async () => {
  const { container, getByText } = await show(<StateWord state="person" />);
  expect(getByText("Waits for a person")).toBeTruthy();
  expect(container.querySelector("svg")?.getAttribute("aria-hidden")).toBe("true");
});

test("a StateWord with words of its own", async () => {
  const { getByText } = await show(<StateWord state="waiting">Waits until 12:00</StateWord>);
  expect(getByText("Waits until 12:00")).toBeTruthy();
});

test("marks refer to the sprite", async () => {
  const { container } = await show(<Mark state="once" />);
  expect(container.querySelector("use")?.getAttribute("href")).toBe("#mark-once");
});

test("the loudest state is what a person is needed for most", () => {
  expect(loudest(["completed", "running", "person"])).toBe("person");
  expect(loudest(["retrying", "incident"])).toBe("incident");
  expect(loudest([])).toBeUndefined();
});

test("a strip says in words how far it got and what holds it", async () => {
  const some = notches("completed", "completed", "skipped", "person", "scheduled");
  expect(summaryOf(some)).toEqual({ done: 3, total: 5, state: "person" });
  const { getByRole } = await show(<TrailStrip notches={some} />);
  expect(getByRole("img").getAttribute("aria-label")).toBe("3 of 5 visits done, waits for a person");
});

test("a strip that is done says only that", async () => {
  const { getByRole } = await show(<TrailStrip notches={notches("completed", "cancelled")} />);
  expect(getByRole("img").getAttribute("aria-label")).toBe("2 of 2 visits done");
});

test("up to 14 notches stand; of more the middle folds, first two and everything live stay", () => {
  expect(pieces(notches(...Array.from({ length: 14 }, () => "completed" as const)))).toHaveLength(14);
  const many = notches(...Array.from({ length: 37 }, (_, at) => (at === 5 ? "failed" : at > 34 ? "running" : "completed") as Notch["state"]));
  const shown = pieces(many);
  const ids = shown.map((piece) => (piece.kind === "fold" ? `+${piece.count}` : piece.notch.id));
  expect(shown.filter((piece) => piece.kind === "notch").length).toBeLessThanOrEqual(13);
  expect(ids.slice(0, 3)).toEqual(["s0", "s1", "+3"]);
  expect(ids).toContain("s5");
  expect(ids.slice(-2)).toEqual(["s35", "s36"]);
  expect(shown.reduce((sum, piece) => sum + (piece.kind === "fold" ? piece.count : 1), 0)).toBe(37);
});

test("a container fills with its progress", async () => {
  const { container } = await show(<TrailStrip notches={[{ id: "m", state: "running", progress: 0.5 }]} />);
  const inner = container.querySelectorAll("rect")[1];
  expect(inner?.getAttribute("width")).toBe("8.5");
});

test.each([
  [60 * 60_000, "1 h left", "var(--ink-2)"],
  [10 * 60_000, "10 m left", "var(--s-retrying-text)"],
  [-5 * 60_000, "over by 5 m", "var(--s-failed-text)"],
])("a fuse with %d ms to go", async (ms, words, color) => {
  const now = Date.now() + 500;
  const { getByText } = await show(<Fuse asked={now - 60 * 60_000} due={now + ms - (ms < 0 ? 1_000 : 0)} />);
  expect(getByText(words).style.color).toBe(color);
});
