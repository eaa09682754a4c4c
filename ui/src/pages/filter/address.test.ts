import { describe, expect, it } from "vitest";
import { textOf, tokensOf } from "~/components/list";
import { filterIn, flat, queryOf, queryText, searchOf, type Table } from "./address";

const TABLE: Table = {
  fields: {
    state: { is: { name: "status", many: true, fits: (value) => value !== "broken" } },
    created: {
      is: { name: "created", means: (value, now) => ({ created_after: `${now}-${value}` }) },
      gt: { name: "created_after" },
    },
    step: { is: { name: "step_id" } },
  },
  words: "q",
};
const read = (search: string) => filterIn(TABLE, new URLSearchParams(search));
const typed = (text: string) => queryText(searchOf(TABLE, tokensOf(text)));

describe("a filter in an address", () => {
  it("is what was typed, both ways", () => {
    const search = "status=failed&status=running&created=24h&step_id=pay&q=EXP+20";
    expect(textOf(read(search))).toBe("state:failed state:running created:24h step:pay EXP 20");
    expect(typed(textOf(read(search)))).toBe(search);
    expect(typed("created>2026-07-14")).toBe("created_after=2026-07-14");
  });

  it("is one text for equal filters", () => {
    expect(typed("step:pay state:running state:failed state:running")).toBe(typed("state:failed state:running step:pay"));
  });

  it("keeps the last value of what cannot be several", () => {
    expect(typed("step:pay step:notify")).toBe("step_id=notify");
  });

  it("passes over what is no filter, and empty values", () => {
    expect(read("order=up&status=&cursor=x")).toEqual({ tokens: [], words: "" });
  });

  it("keeps what the table does not have as it was typed, and asks nothing for it", () => {
    const search = typed("colour:red -state:failed state:running");
    expect(search).toBe("status=running&wrong=colour%3Ared&wrong=-state%3Afailed");
    expect(textOf(read(search))).toBe("state:running colour:red -state:failed");
    expect(queryOf(TABLE, read(search), 5)).toEqual({ status: "running" });
  });

  it("asks for what a value means, and not for one that cannot be used", () => {
    expect(queryOf(TABLE, read("created=24h&status=broken&status=failed&q=x"), 5)).toEqual({ created_after: "5-24h", status: "failed", q: "x" });
  });

  it("flattens search parameters of any shape", () => {
    expect(flat({ status: ["a", "b"], ws: undefined, seq: 3, odd: { x: 1 } })).toBe("status=a&status=b&seq=3");
  });
});
