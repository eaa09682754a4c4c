import { expect, test } from "vitest";
import { blocksOf, labelOf } from "./evidence";

test("names become labels", () => {
  expect(labelOf("unit_price")).toBe("Unit price");
  expect(labelOf("reportId")).toBe("Report Id");
  expect(labelOf("_")).toBe("_");
});

test("facts first, then lists of objects as tables and nested objects as facts of their own", () => {
  const blocks = blocksOf({ total: 4, items: [{ what: "taxi", price: 12.5 }, { what: "hotel", price: 80, note: "n" }], employee: { name: "Ada" }, tags: ["a"], none: {} });
  expect(blocks).toMatchObject([
    { kind: "facts", title: null, facts: [{ key: "total" }, { key: "tags" }, { key: "none" }] },
    { kind: "table", title: "Items", columns: [{ key: "what", decimals: null }, { key: "price", decimals: 1 }, { key: "note", decimals: null }] },
    { kind: "facts", title: "Employee", facts: [{ key: "name", value: "Ada" }] },
  ]);
});

test("a column is of numbers only if all that stand in it are", () => {
  const [table] = blocksOf([{ a: 1, b: 2 }, { a: "x", b: null }]) ?? [];
  expect(table).toMatchObject({ kind: "table", columns: [{ key: "a", decimals: null }, { key: "b", decimals: 0 }] });
});

test("what is neither facts nor a table is best read as JSON, and what was cut is no object", () => {
  expect(blocksOf("text")).toBeNull();
  expect(blocksOf([1, 2])).toBeNull();
  const cut = { $cut: { bytes: 70_000, href: "/x" } };
  expect(blocksOf({ big: cut })).toEqual([{ kind: "facts", title: null, facts: [{ key: "big", label: "Big", value: cut }] }]);
});
