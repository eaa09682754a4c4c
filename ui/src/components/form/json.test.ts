import { expect, test } from "vitest";
import { parseJson } from "./json";

const place = (text: string) => {
  const { problem } = parseJson(text);
  return problem && [problem.line, problem.column];
};

test("a text means its value; an empty one means none", () => {
  expect(parseJson('{"a": [1, true, null, "x\\n"]}')).toEqual({ value: { a: [1, true, null, "x\n"] } });
  expect(parseJson(" \n")).toEqual({});
});

test("what is no JSON is told by line and column", () => {
  expect(place('{"a": 1,}')).toEqual([1, 9]);
  expect(place('{\n  "a": 1\n  "b": 2\n}')).toEqual([3, 3]);
  expect(place("{'a': 1}")).toEqual([1, 2]);
  expect(place('{"a": undefined}')).toEqual([1, 7]);
  expect(place("[1, 2")).toEqual([1, 6]);
  expect(place('{"a": 01}')).toEqual([1, 7]);
  expect(place('[1] 2')).toEqual([1, 5]);
  expect(place('{"a": "b\nc"}')).toEqual([1, 7]);
  expect(place("")).toBeUndefined();
});
