import { expect, test } from "vitest";
import { previewOf } from "./file/rows";
import { bodyOf, labelsOf, makeKeys, parameterSchema, type Wish } from "./intent";

const WISH: Wish = { segmentId: "s", version: undefined, workspace: undefined, input: { a: 1 }, parameters: { rate: undefined, over: 3 }, businessKey: " ", labels: "team = a\n\nurgent=" };

test("what is started is what was said; empty parameters keep their defaults", () => {
  expect(bodyOf(WISH)).toEqual({ segment_id: "s", version: null, input: { a: 1 }, parameters: { over: 3 }, business_key: null, labels: { team: "a", urgent: "" } });
});

test("a line that is no label is named", () => {
  expect(labelsOf("a=1\nurgent").wrong).toBe("urgent");
  expect(labelsOf("=1").wrong).toBe("=1");
  expect(labelsOf(" \n").wrong).toBeNull();
});

test("the same wish sent twice has one key, another wish its own", () => {
  let made = 0;
  const keyOf = makeKeys(() => String((made += 1)));
  expect([keyOf(bodyOf(WISH)), keyOf(bodyOf(WISH))]).toEqual(["1", "1"]);
  expect(keyOf(bodyOf({ ...WISH, input: { a: 2 } }))).toBe("2");
});

test("of the parameters only those without a default have to be given", () => {
  expect(parameterSchema({})).toBeNull();
  expect(parameterSchema({ url: { schema: { type: "string" } }, over: { schema: { type: "number" }, default: 0 } })).toEqual({
    type: "object",
    properties: { url: { title: "url", type: "string" }, over: { title: "over", type: "number", default: 0 } },
    required: ["url"],
  });
});

test("a table is shown by its header, its sign and its quotes", () => {
  const text = '\uFEFFid;text\r\n1;"a;b ""c""\nd"\r\n2;x\r\n';
  expect(previewOf("csv", text, false)).toEqual({ columns: ["id", "text"], rows: [["1", 'a;b "c"\nd'], ["2", "x"]], more: false });
  expect(previewOf("csv", "a,b\n1,2\n3,4\n5,", true, 5)).toEqual({ columns: ["a", "b"], rows: [["1", "2"], ["3", "4"]], more: true });
  expect(previewOf("csv", "a\n1\n2\n3", false, 2)).toEqual({ columns: ["a"], rows: [["1"], ["2"]], more: true });
});

test("lines of JSON are shown by their keys; a line that breaks off is not shown, one that is no JSON is shown as it is", () => {
  expect(previewOf("jsonl", '{"a":1,"b":{"c":2}}\nnope\n{"a":', true)).toEqual({ columns: ["a", "b", "value"], rows: [["1", '{"c":2}', ""], ["", "", "nope"]], more: true });
  expect(previewOf("json", '[{"a":"x"},{"a":"y"}]', false, 1)).toEqual({ columns: ["a"], rows: [["x"]], more: true });
});
