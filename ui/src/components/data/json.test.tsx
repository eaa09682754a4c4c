import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { show } from "~/test/render";
import { JsonView } from ".";
import { countHits, cutOf, linesOf, typeOf, valueAt } from "./json";

const VALUE = { base: "EUR", n: 12.5, ok: true, none: null, deep: { a: { b: { c: 1 } } }, "a/b~c": [1, 2] };
const ALL = { turned: new Set<string>(), search: "" };

test("lines have type, depth and pointer; depth 3 is folded", () => {
  const lines = linesOf(VALUE, ALL);
  expect(lines.map(({ path }) => path)).toEqual(["", "/base", "/n", "/ok", "/none", "/deep", "/deep/a", "/deep/a/b", "/a~1b~0c", "/a~1b~0c/0", "/a~1b~0c/1"]);
  expect(lines.slice(1, 5).map(({ type, text }) => [type, text])).toEqual([["string", '"EUR"'], ["number", "12.5"], ["boolean", "true"], ["null", "null"]]);
  expect(lines.find(({ path }) => path === "/deep/a/b")).toMatchObject({ open: false, size: 1, depth: 3 });
});

test("a fold is turned, a search opens the way to its hits and nothing else", () => {
  expect(linesOf(VALUE, { ...ALL, turned: new Set(["/deep/a/b"]) }).some(({ path }) => path === "/deep/a/b/c")).toBe(true);
  expect(linesOf(VALUE, { ...ALL, turned: new Set([""]) })).toHaveLength(1);
  expect(linesOf(VALUE, { ...ALL, search: "c" }).map(({ path }) => path)).toEqual(["", "/deep", "/deep/a", "/deep/a/b", "/deep/a/b/c", "/a~1b~0c", "/a~1b~0c/0", "/a~1b~0c/1"]);
  expect([countHits(VALUE, "c"), countHits(VALUE, "zz"), countHits(VALUE, "")]).toEqual([2, 0, 0]);
});

test("pointers lead to their values", () => {
  for (const { path } of linesOf(VALUE, ALL)) expect(() => valueAt(VALUE, path)).not.toThrow();
  expect(valueAt(VALUE, "/a~1b~0c/1")).toBe(2);
  expect(valueAt(VALUE, "/deep/x/y")).toBeUndefined();
});

test("what was left out for its size is a value of its own", () => {
  const cut = { $cut: { bytes: 2_202_009, href: "/api/v1/runs/r/value" } };
  expect(cutOf(cut)).toEqual({ bytes: 2_202_009, href: "/api/v1/runs/r/value" });
  expect([cutOf({ $cut: 1 }), cutOf([]), typeOf(cut), typeOf([])]).toEqual([null, null, "file", "array"]);
});

test("more than 40 lines are behind a button", async () => {
  const { getAllByRole, getByRole } = await show(<JsonView label="Input" value={Array.from({ length: 60 }, (_, at) => at)} />);
  expect(getAllByRole("treeitem")).toHaveLength(40);
  await userEvent.click(getByRole("button", { name: "Show 21 more lines" }));
  expect(getAllByRole("treeitem")).toHaveLength(61);
});

test("a tree of one stop: arrows walk and fold, the path of the line is copied, a search narrows", async () => {
  const user = userEvent.setup();
  const { getByRole, getAllByRole, getByLabelText } = await show(<JsonView label="Input" value={VALUE} />);
  const tree = getByRole("tree", { name: "Input" });
  const at = () => document.getElementById(tree.getAttribute("aria-activedescendant") ?? "");
  tree.focus();
  await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}");
  expect(at()?.dataset.path).toBe("/deep");
  expect(at()?.getAttribute("aria-expanded")).toBe("true");
  await user.keyboard("{ArrowLeft}");
  expect(at()?.getAttribute("aria-expanded")).toBe("false");
  await user.keyboard("{ArrowDown}{ArrowRight}");
  expect(at()?.dataset.path).toBe("/a~1b~0c/0");
  await user.keyboard("{ArrowLeft}");
  await user.click(getByRole("button", { name: "Copy path /a~1b~0c" }));
  expect(await navigator.clipboard.readText()).toBe("/a~1b~0c");
  await user.type(getByLabelText("Search keys and values"), "eur");
  expect(getByRole("status").textContent).toBe("1 match");
  expect(getAllByRole("treeitem")).toHaveLength(2);
});

test("a cut value is loaded on demand", async () => {
  const onLoad = vi.fn();
  const { getByRole } = await show(<JsonView label="Output" value={{ pdf: { $cut: { bytes: 2_202_009, href: "/x" } } }} onLoad={onLoad} />);
  await userEvent.click(getByRole("button", { name: "Load 2.1 MiB" }));
  expect(onLoad).toHaveBeenCalledWith({ bytes: 2_202_009, href: "/x" });
});
