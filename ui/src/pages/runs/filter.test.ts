import { describe, expect, it } from "vitest";
import { type Token, tokensOf } from "~/components/list";
import { filterOf, runQuery, textOfFilter, toggled } from "./filter";

const NOW = Date.parse("2026-07-14T12:00:00Z");
const query = (text: string, workspace?: string) => runQuery(filterOf(text), NOW, workspace);
const typed = (text: string) => runQuery(tokensOf(text), NOW, undefined);

describe("the filter of runs", () => {
  it("reads an address, and writes the same one", () => {
    const text = "status=failed&status=running&segment_id=expenses&label=team%3Dops&created=24h&q=EXP-20&order=updated";
    expect(textOfFilter(filterOf(text))).toBe(text);
  });

  it("names equal filters equally; another order is another list", () => {
    expect(textOfFilter(filterOf("status=running&status=failed&order=newest"))).toBe(textOfFilter(filterOf("status=failed&status=running")));
    expect(textOfFilter(filterOf("status=running&order=oldest"))).not.toBe(textOfFilter(filterOf("status=running")));
    expect(filterOf("order=sideways").order).toBe("newest");
  });

  it("takes over the query of a cause on Home as it is", () => {
    const cause = "status=failed&error_code=JSON_SCHEMA_MAJOR_MISMATCH&segment_id=expenses&step_id=receipt_match";
    expect(query(cause)).toEqual(Object.fromEntries(new URLSearchParams(cause)));
  });

  it("makes a moment of a span, and of a date alone the person's midnight", () => {
    expect(query("created=24h")).toEqual({ created_after: "2026-07-13T12:00:00.000Z" });
    expect(query("created=2w")).toEqual({ created_after: "2026-06-30T12:00:00.000Z" });
    expect(typed("started<2026-07-14")).toEqual({ created_before: new Date(2026, 6, 14).toISOString() });
    expect(typed("ended>2026-07-14T10:00Z")).toEqual({ ended_after: "2026-07-14T10:00:00.000Z" });
  });

  it("asks for one workspace", () => {
    expect(query("", "finance")).toEqual({ workspace_id: "finance" });
  });

  it.each(["state:broken", "waits:luck", "started:yesterday", "started>soon", "label:ops", "-state:failed", "colour:red"])("does not ask for %s", (text) => {
    expect(typed(text)).toEqual({});
  });

  it("asks for what is right", () => {
    expect(typed('state:timed_out waits:"child run" label:a=b error:X batch:b1')).toEqual({
      status: "timed_out",
      wait_for: "child run",
      label: "a=b",
      error_code: "X",
      batch: "b1",
    });
  });

  it("shows one state by a click on the tally, all of them by the next", () => {
    const some = filterOf("segment_id=expenses&status=failed&wait_for=person");
    const running: Token = { field: "state", op: "is", value: "running" };
    const alone = toggled(some.tokens, running);
    expect(textOfFilter({ ...some, tokens: alone })).toBe("status=running&segment_id=expenses");
    expect(textOfFilter({ ...some, tokens: toggled(alone, running) })).toBe("segment_id=expenses");
  });
});
