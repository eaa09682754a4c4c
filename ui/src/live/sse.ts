// Server-sent events out of pieces of text that end anywhere, also in the middle of a line or between CR and LF.

export interface Message {
  id: string | null;
  event: string;
  data: string;
}

/** What is written into for every piece: whole messages come out, in order; comments (heartbeats) make none. */
export function makeParser(onMessage: (message: Message) => void): (piece: string) => void {
  let rest = "";
  let afterCr = false;
  let id: string | null = null;
  let event = "";
  let data: string[] = [];

  const field: Record<string, (value: string) => void> = {
    id: (value) => void (id = value),
    event: (value) => void (event = value),
    data: (value) => void data.push(value),
  };

  const line = (text: string): void => {
    if (text === "") {
      if (data.length > 0) onMessage({ id, event: event || "message", data: data.join("\n") });
      event = "";
      data = [];
      return;
    }
    const colon = text.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    field[name]?.(value);
  };

  return (piece) => {
    let text = rest + (afterCr && piece.startsWith("\n") ? piece.slice(1) : piece);
    if (piece !== "") afterCr = piece.endsWith("\r");
    for (let end = text.search(/[\r\n]/); end >= 0; end = text.search(/[\r\n]/)) {
      line(text.slice(0, end));
      text = text.slice(text[end] === "\r" && text[end + 1] === "\n" ? end + 2 : end + 1);
    }
    rest = text;
  };
}
