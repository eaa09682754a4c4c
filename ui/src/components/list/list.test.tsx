import { act } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { hearKeys } from "~/shell/keys";
import { show } from "~/test/render";
import { type Field, problemOf, suggest, textOf, tokensOf } from "./filter";
import { FilterField, RowList } from ".";
import { withRange } from "./useRowKeys";

beforeEach(() => hearKeys());

const ITEMS = Array.from({ length: 10_000 }, (_, at) => ({ id: `r${at}` }));

function List({ items = ITEMS, onEnd, current }: { items?: typeof ITEMS; onEnd?: () => void; current?: string }) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  return (
    <>
      <p data-testid="chosen">{[...ids].join(" ")}</p>
      <RowList
        label="Runs"
        items={items}
        idOf={(item) => item.id}
        link={(item, props) => <a {...props} href={`/runs/${item.id}`} aria-label={item.id} />}
        row={(item) => <span>{item.id}</span>}
        selection={{ ids, onChange: setIds }}
        current={current}
        {...(onEnd ? { onEnd } : {})}
      />
    </>
  );
}

const focused = () => document.activeElement?.getAttribute("aria-label");

test("of 10,000 rows only those near the window stand; places are told", async () => {
  const { getAllByRole, getByRole } = await show(<List />);
  const rows = getAllByRole("listitem");
  expect(rows.length).toBeGreaterThan(15);
  expect(rows.length).toBeLessThan(60);
  expect(rows[0]?.getAttribute("aria-setsize")).toBe("10000");
  expect(getByRole("list", { name: "Runs" }).style.height).toBe("310000px");
});

test("J K and arrows walk, and the list is one stop", async () => {
  await show(<List />);
  await userEvent.keyboard("j");
  expect(focused()).toBe("r0");
  await userEvent.keyboard("jj{ArrowDown}k");
  expect(focused()).toBe("r2");
  await userEvent.keyboard("{Home}{ArrowUp}");
  expect(focused()).toBe("r0");
  expect(document.querySelectorAll("a[tabindex='0']")).toHaveLength(1);
});

test("walking goes on from the row of the address: it is looked at already", async () => {
  await show(<List current="r7" />);
  await userEvent.keyboard("j");
  expect(focused()).toBe("r8");
});

test("X selects, Shift-X a range, Ctrl-A all, Esc none", async () => {
  const { getByTestId } = await show(<List items={ITEMS.slice(0, 5)} />);
  await userEvent.keyboard("jjx");
  expect(getByTestId("chosen").textContent).toBe("r1");
  await userEvent.keyboard("jj{Shift>}X{/Shift}");
  expect(getByTestId("chosen").textContent).toBe("r1 r2 r3");
  await userEvent.keyboard("{Control>}a{/Control}");
  expect(getByTestId("chosen").textContent?.split(" ")).toHaveLength(5);
  await userEvent.keyboard("{Escape}");
  expect(getByTestId("chosen").textContent).toBe("");
});

test("a range holds whichever end comes first", () => {
  expect([...withRange(new Set(["z"]), ["a", "b", "c", "d"], 3, 1)]).toEqual(["z", "b", "c", "d"]);
});

test("the end is told when it comes near", async () => {
  const onEnd = vi.fn();
  await show(<List items={ITEMS.slice(0, 10)} onEnd={onEnd} />);
  expect(onEnd).toHaveBeenCalled();
});

const FIELDS: Field[] = [
  { name: "state", label: "State", ops: ["is", "not"], values: [{ value: "failed", label: "Failed" }, { value: "running", label: "Running" }] },
  { name: "cost", label: "Cost", ops: ["gt", "lt"] },
  { name: "label.*", label: "Label", ops: ["is", "not"] },
];

test.each([
  "state:failed",
  "state:failed -state:running cost>5 label.team:\"a b\" lisbon trip",
  'label.x:"say \\"yes\\"" words',
  "",
])("the text of the address comes back as it was: %s", (text) => expect(textOf(tokensOf(text))).toBe(text));

test("tokens and words are told apart", () => {
  expect(tokensOf('lisbon state:failed "a b" -label.t:x')).toEqual({
    tokens: [
      { field: "state", op: "is", value: "failed" },
      { field: "label.t", op: "not", value: "x" },
    ],
    words: 'lisbon "a b"',
  });
});

test("any text can be read, and reading it again changes nothing", () => {
  let seed = 7;
  const chance = (n: number) => (seed = (seed * 48_271) % 2_147_483_647) % n;
  const signs = ' "\\:<>-.a9é';
  for (let round = 0; round < 3_000; round += 1) {
    const text = Array.from({ length: chance(14) }, () => signs[chance(signs.length)]).join("");
    const once = textOf(tokensOf(text));
    expect(textOf(tokensOf(once)), text).toBe(once);
  }
});

test("what does not fit says what would", () => {
  const why = (text: string) => problemOf(tokensOf(text).tokens[0] ?? { field: "", op: "is", value: "" }, FIELDS);
  expect(why("stat:x")).toEqual({ why: "noField", field: "stat", fields: "state, cost, label.*" });
  expect(why("state:faild")).toMatchObject({ why: "badValue", values: "failed, running" });
  expect(why("cost:5")).toMatchObject({ why: "noOp", ops: "> <" });
  expect(why("cost>")).toMatchObject({ why: "noValue" });
  expect(why("label.team:x")).toBeNull();
});

test("suggestions: fields, then values", () => {
  expect(suggest("st", FIELDS).map(({ text }) => text)).toEqual(["state:"]);
  expect(suggest("-state:f", FIELDS)).toEqual([{ text: "-state:failed", label: "Failed", done: true }]);
  expect(suggest("lab", FIELDS).map(({ text }) => text)).toEqual(["label."]);
});

function Filter({ first = "" }: { first?: string }) {
  const [text, setText] = useState(first);
  return (
    <>
      <p data-testid="text">{text}</p>
      <FilterField page="runs" fields={FIELDS} text={text} onChange={setText} />
    </>
  );
}

test("typing makes a token; Backspace edits the last; the cross removes one", async () => {
  const { getByTestId, getByRole, getByLabelText } = await show(<Filter />);
  await userEvent.keyboard("/");
  expect(document.activeElement).toBe(getByRole("combobox"));
  await userEvent.keyboard("state:failed cost>5{Enter}");
  expect(getByTestId("text").textContent).toBe("state:failed cost>5");
  await userEvent.keyboard("{Backspace}");
  expect(getByTestId("text").textContent).toBe("state:failed");
  expect((getByRole("combobox") as HTMLInputElement).value).toBe("cost>5");
  await userEvent.keyboard("0{Enter}");
  expect(getByTestId("text").textContent).toBe("state:failed cost>50");
  await userEvent.click(getByLabelText("Remove State is Failed"));
  expect(getByTestId("text").textContent).toBe("cost>50");
});

test("a suggestion is picked by keys", async () => {
  const { getByTestId } = await show(<Filter />);
  await userEvent.keyboard("/sta{ArrowDown}{Enter}");
  await act(async () => undefined);
  await userEvent.keyboard("{ArrowDown}{ArrowDown}{Enter}");
  expect(getByTestId("text").textContent).toBe("state:running");
});

test("a token that does not fit says why", async () => {
  const { getByText } = await show(<Filter first="state:faild" />);
  expect(getByText("State has no value faild. Values: failed, running".replace("State", "state"))).toBeTruthy();
});
