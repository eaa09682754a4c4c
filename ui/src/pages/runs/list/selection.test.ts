import { describe, expect, it } from "vitest";
import { all, NOTHING, range, toggle } from "./selection";

const shown = ["a", "b", "c", "d", "e"];
const names = (selection: { ids: ReadonlySet<string> }) => [...selection.ids].sort().join("");

describe("the selection", () => {
  it("takes a row in and out", () => {
    const one = toggle(NOTHING, "b");
    expect(names(one)).toBe("b");
    expect(names(toggle(one, "b"))).toBe("");
  });

  it("takes a range from where it began, up or down, beside what is selected", () => {
    const from = toggle(toggle(NOTHING, "a"), "c");
    expect(names(range(from, shown, "e"))).toBe("acde");
    expect(names(range(toggle(NOTHING, "d"), shown, "b"))).toBe("bcd");
    expect(names(range(range(toggle(NOTHING, "c"), shown, "d"), shown, "b"))).toBe("bcd");
  });

  it("stays with its rows when others come between", () => {
    const later = ["x", "a", "y", "b", "c", "d", "e"];
    expect(names(range(toggle(NOTHING, "a"), later, "b"))).toBe("aby");
  });

  it("begins anew where the row it began at is gone", () => {
    expect(names(range(toggle(NOTHING, "z"), shown, "b"))).toBe("bz");
    expect(names(range(NOTHING, shown, "b"))).toBe("b");
    expect(range(NOTHING, shown, "z")).toBe(NOTHING);
  });

  it("takes all shown, then none", () => {
    const every = all(toggle(NOTHING, "z"), shown);
    expect(names(every)).toBe("abcdez");
    expect(names(all(every, shown))).toBe("");
    expect(names(all(NOTHING, []))).toBe("");
  });
});
