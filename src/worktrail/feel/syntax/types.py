"""Types after ``instance of`` and behind parameters: ``list<number>``, ``context<a: string>``, ``function<number> -> string``."""

from __future__ import annotations

from worktrail.feel.syntax.nodes import TypeNode
from worktrail.feel.syntax.reader import Reader

__all__ = ["TYPE_NAMES", "parse_type"]

_LONG = {
    ("date", "and", "time"): "date and time",
    ("days", "and", "time", "duration"): "days and time duration",
    ("years", "and", "months", "duration"): "years and months duration",
    ("day", "time", "duration"): "days and time duration",
    ("year", "month", "duration"): "years and months duration",
}
TYPE_NAMES = frozenset(
    {"Any", "Null", "number", "string", "boolean", "date", "time", "list", "context", "range", "function", *_LONG.values()}
)


def parse_type(reader: Reader) -> TypeNode:
    """One type; names that are not FEEL's own are looked up when the expression is compiled."""
    reader.deeper()
    start = reader.token
    if start.kind != "word":
        raise reader.unexpected("expected a type")
    node = TypeNode(start.start, start.end, _type_name(reader), [], [], None)
    if reader.is_sign("<>"):
        reader.take()
    elif node.name in {"list", "range", "context", "function"} and reader.accept("<"):
        _arguments(reader, node)
    if node.name == "function" and reader.accept("->"):
        node.result = parse_type(reader)
    node.end = reader.last_end
    reader.depth -= 1
    return node


def _type_name(reader: Reader) -> str:
    for words, name in _LONG.items():
        if tuple(reader.ahead(offset).text for offset in range(len(words))) == words:
            reader.index += len(words)
            return name
    known = reader.vocabulary.longest(reader.tokens, reader.index)
    if known is not None:
        reader.index += known[1]
        return known[0]
    name = reader.take().text
    while reader.is_sign(".") and reader.ahead().kind == "word":
        reader.take()
        name += "." + reader.take().text
    return name


def _arguments(reader: Reader, node: TypeNode) -> None:
    while not reader.is_sign(">"):
        if node.name == "context":
            node.keys.append(reader.written_name(":"))
            reader.take()
        node.arguments.append(parse_type(reader))
        if not reader.accept(","):
            break
    reader.expect(">", "the type")
