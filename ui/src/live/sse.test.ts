import { expect, test } from "vitest";
import { makeParser, type Message } from "./sse";

function parse(pieces: string[]): Message[] {
  const found: Message[] = [];
  const feed = makeParser((message) => found.push(message));
  for (const piece of pieces) feed(piece);
  return found;
}

const TEXT = ': hello\n\nid: 7\nevent: append\ndata: {"a":\ndata: 1}\n\ndata:x\r\n\r\n: beat\n\nid: 9\n\n';
const WHOLE: Message[] = [
  { id: "7", event: "append", data: '{"a":\n1}' },
  { id: "7", event: "message", data: "x" },
];

test("messages, comments, several data lines, CR LF, an id without data", () => {
  expect(parse([TEXT])).toEqual(WHOLE);
});

test("pieces may end anywhere", () => {
  for (let cut = 0; cut <= TEXT.length; cut += 1) expect(parse([TEXT.slice(0, cut), TEXT.slice(cut)])).toEqual(WHOLE);
  expect(parse([...TEXT])).toEqual(WHOLE);
});

test("what is not finished is no message", () => {
  expect(parse(["id: 1\ndata: x\n"])).toEqual([]);
});
