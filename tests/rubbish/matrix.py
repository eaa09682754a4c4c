"""The matrix: every kind of rubbish at every door, as data.

A cell is a list of cases or the reason why it cannot exist. A case is what is pushed in and the codes that may come out: any of
them, as the error's own code or among its problems. No codes means that it is taken (the far side of a cap). What a payload is
depends on the door:

- ``file``: bytes of a segment's file, given to `validate` and `run`; ``json``, ``yaml``: bytes for `load_segment_text`;
- ``csv``, ``jsonl``: bytes of one bad row among good ones; a ``Whole`` is the whole file;
- ``python``: a function that makes a segment, or an ``Input`` to run one with;
- ``argument``: words of a command line; ``param``: what stands behind `--param`;
- ``decision``: what stands behind `tasks decide … --data`; ``repair``: behind `incidents resolve … --outputs`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from worktrail.contract import EdgeDefinition, PortDefinition, SegmentDefinition, SegmentPolicy, StepDefinition

KINDS = (
    "truncated",
    "cap",
    "deep",
    "unknown keys",
    "cyclic",
    "invalid UTF-8",
    "wrong types",
    "hostile expressions",
    "YAML tricks",
    "NaN",
    "huge numbers",
    "duplicate keys",
)
DOORS = ("file", "json", "yaml", "csv", "jsonl", "python", "argument", "param", "decision", "repair")

SECRET = "s3cr3t-0f-the-h0use"  # stands in payloads; whoever repeats the whole of one repeats it
CSV_HEAD = b"n,t,o\n"


class Case(NamedTuple):
    """``place`` false: there is no better place than the name of the file or argument, which stands in the message."""

    name: str
    payload: Any
    codes: tuple[str, ...] = ()
    place: bool = True


class Whole(NamedTuple):
    """All bytes of a file of rows."""

    raw: bytes


class Input(NamedTuple):
    """The input of a run, for the Python door."""

    value: Any


Cell = list[Case] | str


# --- segments as JSON texts -----------------------------------------------------------------------------------------


def segment(**changes: Any) -> dict[str, Any]:
    """A good segment with changes; null takes a key away."""
    step = {"step_id": "a", "step_type": "transform", "config": {"expression": "input"}}
    found = {"worktrail": 1, "segment_id": "good", "steps": [step], **changes}
    return {key: value for key, value in found.items() if value is not None}


def text(**changes: Any) -> bytes:
    return json.dumps(segment(**changes)).encode()


def with_config(**config: Any) -> bytes:
    return text(steps=[{"step_id": "a", "step_type": "transform", "config": config}])


def spliced(piece: str) -> bytes:
    """A good segment with a piece of raw text as one more key."""
    return text().replace(b'"steps"', piece.encode() + b', "steps"')


def chain(steps: int, fan_out: int = 0) -> dict[str, Any]:
    made = [{"step_id": f"s{n}", "step_type": "transform", "config": {"expression": "input"}} for n in range(steps)]
    edges = [{"source_step": "s0", "target_step": f"s{n}"} for n in range(1, fan_out + 1)]
    return segment(steps=made, edges=edges)


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def bodies(depth: int) -> dict[str, Any]:
    """Maps inside maps."""
    inner: list[Any] = [{"step_id": "x", "step_type": "transform", "config": {"expression": "input"}}]
    for _ in range(depth):
        inner = [{"step_id": "m", "step_type": "map", "config": {"items": "=input", "body": {"steps": inner}}}]
    return segment(steps=inner)


def list_in(depth: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(depth - 1):
        made = [made]
    return made


KIB4 = 4 * 1024 * 1024
BIG = "9" * 5_000

DOCUMENTS: dict[str, Cell] = {
    "truncated": [
        Case("nothing at all", b"", ("DOCUMENT_SYNTAX", "VALUE_TYPE")),
        Case("within an object", text()[:-3], ("DOCUMENT_SYNTAX",)),
        Case("within a text", text()[:14], ("DOCUMENT_SYNTAX",)),
    ],
    "cap": [
        Case("steps", json.dumps(chain(2_000)).encode()),
        Case("steps + 1", json.dumps(chain(2_001)).encode(), ("SIZE_EXCEEDED",)),
        Case("fan out", json.dumps(chain(257, 256)).encode()),
        Case("fan out + 1", json.dumps(chain(258, 257)).encode(), ("FAN_OUT_EXCEEDED",)),
        Case("bodies", json.dumps(bodies(8)).encode()),
        Case("bodies + 1", json.dumps(bodies(9)).encode(), ("NESTING_EXCEEDED",)),
        Case("an id", text(segment_id="i" * 64)),
        Case("an id + 1", text(segment_id="i" * 65), ("ID_INVALID",)),
    ],
    "deep": [
        Case("just", spliced(f'"metadata": {{"a": {nested(126)}}}')),
        Case("a level too many", spliced(f'"metadata": {{"a": {nested(127)}}}'), ("DOCUMENT_TOO_DEEP", "DEPTH_EXCEEDED")),
        Case("lists", (nested(50_000)).encode(), ("DOCUMENT_TOO_DEEP",)),
        Case("lists that never close", b"[" * 100_000, ("DOCUMENT_TOO_DEEP",)),
        Case("objects", b'{"a": ' * 20_000 + b"1" + b"}" * 20_000, ("DOCUMENT_TOO_DEEP",)),
        Case("bodies", json.dumps(bodies(40)).encode(), ("DEPTH_EXCEEDED", "DOCUMENT_TOO_DEEP")),
    ],
    "unknown keys": [
        Case("of the segment", text(stepz=[]), ("KEY_UNKNOWN",)),
        Case("of a step", text(steps=[{"step_id": "a", "step_type": "transform", "conf": {}}]), ("KEY_UNKNOWN",)),
        Case("of a config", with_config(expression="input", expresion="1"), ("KEY_UNKNOWN",)),
        Case("a long one", text(**{"k" * 50_000 + SECRET: 1}), ("KEY_UNKNOWN",)),
        Case("many", text(**{f"k{n}": 1 for n in range(5_000)}), ("KEY_UNKNOWN",)),
    ],
    "cyclic": [
        Case(
            "edges",
            json.dumps(
                {
                    **chain(2),
                    "edges": [{"source_step": "s0", "target_step": "s1"}, {"source_step": "s1", "target_step": "s0"}],
                }
            ).encode(),
            ("CYCLE",),
        ),
        Case(
            "a segment inside itself",
            text(
                steps=[{"step_id": "a", "step_type": "subsegment", "config": {"segment": "good"}}],
                resources={"segments": ["good"]},
            ),
            ("SEGMENT_CYCLE", "SEGMENT_UNKNOWN"),
        ),
    ],
    "invalid UTF-8": [
        Case("a byte", text().replace(b"good", b"g\xff"), ("DOCUMENT_ENCODING",)),
        Case("overlong", text().replace(b"good", b"g\xc0\x80"), ("DOCUMENT_ENCODING",)),
        Case("UTF-16", text().decode().encode("utf-16"), ("DOCUMENT_ENCODING",)),
        Case("half a character", spliced('"name": "\\ud800"'), ("TEXT_INVALID",)),
        Case("half a character in a key", spliced('"metadata": {"\\ud800": 1}'), ("TEXT_INVALID",)),
    ],
    "wrong types": [
        Case("a list", b"[]", ("VALUE_TYPE",)),
        Case("null", b"null", ("VALUE_TYPE",)),
        Case("a number for an id", text(segment_id=5), ("VALUE_TYPE",)),
        Case("an object for steps", text(steps={"a": 1}), ("VALUE_TYPE",)),
        Case("a text for a policy", text(policy="fast"), ("VALUE_TYPE",)),
        Case("true for a number", text(policy={"timeout_seconds": True}), ("VALUE_TYPE",)),
        Case("a number for an expression", with_config(expression=5), ("CONFIG_INVALID",)),
        Case("another version", text(worktrail="1"), ("SCHEMA_VERSION",)),
        Case("a schema that is none", text(input_schema={"type": "strin"}), ("SCHEMA_INVALID",)),
    ],
    "hostile expressions": [
        Case("Python", with_config(expression="__import__('os').system('id')"), ("EXPRESSION_INVALID",)),
        Case("too long", with_config(expression="1+" * 20_000 + "1"), ("EXPRESSION_INVALID",)),
        Case("too deep", with_config(expression="(" * 5_000 + "1" + ")" * 5_000), ("EXPRESSION_INVALID",)),
        Case("never closed", with_config(expression='"' + "x" * 5_000), ("EXPRESSION_INVALID",)),
        Case("a NUL", with_config(expression="1 +\0 1"), ("EXPRESSION_INVALID",)),
        Case("a stranger's name", with_config(expression="os.environ"), ("EXPRESSION_INVALID", "NAME_UNKNOWN")),
        Case("a pattern that doubles", text(input_schema={"pattern": "(((a{1000}){1000}){1000})"}), ("SCHEMA_INVALID",)),
        Case(
            "references that double",
            text(
                input_schema={
                    "$ref": "#/$defs/a0",
                    "$defs": {
                        **{f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 10} for n in range(12)},
                        "a12": {"type": "null"},
                    },
                }
            ),
            ("SCHEMA_INVALID",),
        ),
        Case("a reference to elsewhere", text(input_schema={"$ref": "file:///etc/passwd"}), ("SCHEMA_INVALID",)),
    ],
    "NaN": [
        Case("NaN", spliced('"metadata": {"a": NaN}'), ("DOCUMENT_NUMBER",)),
        Case("Infinity", spliced('"metadata": {"a": -Infinity}'), ("DOCUMENT_NUMBER",)),
        Case("on the third line", b"{\n\n " + spliced('"metadata": {"a": NaN}')[1:], ("DOCUMENT_NUMBER",)),
    ],
    "huge numbers": [
        Case("beyond 2^53", spliced('"metadata": {"a": 9007199254740993}'), ("NUMBER_UNSAFE",)),
        Case("an exponent", spliced('"metadata": {"a": 1e999}'), ("DOCUMENT_NUMBER",)),
        Case("five thousand digits", spliced(f'"metadata": {{"a": {BIG}}}'), ("DOCUMENT_NUMBER",)),
        Case("a time", text(policy={"timeout_seconds": 1e300}), ("VALUE_RANGE",)),
    ],
    "duplicate keys": [
        Case("of the segment", spliced('"steps": []'), ("DOCUMENT_KEY_TWICE",)),
        Case("far inside", spliced('"metadata": {"a": [{"b": 1, "b": 2}]}'), ("DOCUMENT_KEY_TWICE",)),
        Case("two spellings of one", text(params={}, policy={}), ("KEY_TWICE",)),
    ],
}
JSON_TRICKS = "JSON is what a .json file and this door read; YAML has a door of its own"

GOOD_YAML = "worktrail: 1\nsegment_id: good\nsteps:\n- {step_id: a, step_type: transform, config: {expression: input}}\n"
BOMB = "x-a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"x-{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def yaml(more: str) -> bytes:
    return (GOOD_YAML + more).encode()


YAML_NUMBERS: list[Case] = [
    Case(".nan", yaml("metadata: {a: .nan}\n"), ("DOCUMENT_NUMBER",)),
    Case(".inf", yaml("metadata: {a: -.inf}\n"), ("DOCUMENT_NUMBER",)),
]
YAML_TRICKS: Cell = [
    Case("a tag that runs things", yaml("metadata: !!python/object/apply:os.system [id]\n"), ("DOCUMENT_YAML",)),
    Case("a tag", yaml("name: !!binary aGVsbG8=\n"), ("DOCUMENT_YAML",)),
    Case("a bomb of anchors", yaml(BOMB), ("DOCUMENT_TOO_LARGE",)),
    Case("an anchor inside itself", yaml("metadata: &m {a: *m}\n"), ("DOCUMENT_YAML",)),
    Case("an alias of nothing", yaml("name: *nobody\n"), ("DOCUMENT_SYNTAX",)),
    Case("a merge key is a key", yaml("x-b: &b {a: 1}\nresources:\n  <<: *b\n"), ("KEY_UNKNOWN",)),
    Case("a number as a key", yaml("metadata: {1: a}\n"), ("DOCUMENT_YAML",)),
    Case("a list as a key", yaml("metadata: {? [a] : b}\n"), ("DOCUMENT_YAML",)),
    Case("nothing as a key", yaml("metadata: {~: b}\n"), ("DOCUMENT_YAML",)),
    Case("two documents", yaml("---\nb: 1\n"), ("DOCUMENT_YAML",)),
    Case("YAML 1.1", b"%YAML 1.1\n---\n" + yaml(""), ("DOCUMENT_YAML",)),
    Case("a tag of one's own", b"%TAG ! tag:x,2000:\n---\n" + yaml(""), ("DOCUMENT_YAML",)),
    Case("tabs", b"worktrail: 1\n\tsegment_id: a\n", ("DOCUMENT_SYNTAX",)),
    Case("a control character", yaml("name: a\x01b\n"), ("DOCUMENT_SYNTAX",)),
    Case("a NUL", yaml("name: a\x00b\n"), ("DOCUMENT_SYNTAX",)),
    Case("endless blocks", ("a:\n" + "".join(" " * n + "- \n" for n in range(400))).encode(), ("DOCUMENT_TOO_DEEP",)),
    Case("yes is a text", yaml("metadata: {a: yes, b: 2020-01-01, c: 12:30:45}\n")),
]
YAML_CAP: list[Case] = [
    Case("size", yaml("#" + " " * (1024 * 1024 - len(GOOD_YAML) - 2) + "\n")),
    Case("size + 1", yaml("#" + " " * (1024 * 1024 - len(GOOD_YAML) - 1) + "\n"), ("DOCUMENT_TOO_LARGE",), place=False),
]
JSON_CAP: list[Case] = [
    Case("size", text() + b" " * (KIB4 - len(text()))),
    Case("size + 1", text() + b" " * (KIB4 + 1 - len(text())), ("DOCUMENT_TOO_LARGE",), place=False),
]
# What YAML says in its own way, or takes.
YAML_OWN: dict[str, list[Case]] = {
    "truncated": [
        Case("nothing at all", b"", ("VALUE_TYPE",)),
        Case("within a flow", yaml("metadata: {a: [1, 2\n"), ("DOCUMENT_SYNTAX",)),
        Case("within quotes", yaml('name: "abc\n'), ("DOCUMENT_SYNTAX",)),
    ],
    "NaN": YAML_NUMBERS,
    "deep": [
        *DOCUMENTS["deep"][:2],
        Case("flow lists", yaml(f"metadata: {nested(2_000)}\n"), ("DOCUMENT_TOO_DEEP",)),
        Case("blocks", "".join(" " * n + "a:\n" for n in range(400)).encode(), ("DOCUMENT_TOO_DEEP",)),
    ],
    # A plain key may have 1,024 characters in YAML: a longer one is no key any more.
    "unknown keys": [
        *(case for case in DOCUMENTS["unknown keys"] if case.name != "a long one"),
        Case("a long one", yaml("k" * 1_000 + ": 1\n"), ("KEY_UNKNOWN",)),
    ],
    "cap": [*DOCUMENTS["cap"][2:], *YAML_CAP],
}


# --- rows -----------------------------------------------------------------------------------------------------------


def cells(*values: str | bytes) -> bytes:
    return b",".join(each if isinstance(each, bytes) else each.encode() for each in values) + b"\n"


CSV: dict[str, Cell] = {
    "truncated": [
        Case("a row", cells("1"), ("ROW_CELLS",)),
        Case("within quotes", Whole(CSV_HEAD + b'1,"a\n'), ("ROW_SYNTAX",)),
        Case("no header", Whole(b""), ("INPUT_FILE",), place=False),
        Case("only a mark", Whole(b"\xef\xbb\xbf"), ("INPUT_FILE",), place=False),
    ],
    "cap": [
        Case("columns", Whole(b",".join(b"c%d" % n for n in range(20_000)) + b"\n"), ()),
        Case("columns + 1", Whole(b",".join(b"c%d" % n for n in range(20_001)) + b"\n"), ("INPUT_FILE",), place=False),
        Case("digits", cells("1" + "0" * 399, "a", "")),
        Case("digits + 1", cells("1" + "0" * 400, "a", ""), ("ROW_CELL",)),
        Case("a cell + 1", cells("1", "x" * (16 * 1024 * 1024 + 1), ""), ("ROW_SYNTAX",)),
    ],
    "deep": [
        Case("a cell that is an object", cells("1", "a", '"' + "{a:" * 5_000 + '"'), ("ROW_SYNTAX", "ROW_CELL")),
        Case("lists in a cell", cells("1", "a", nested(50_000)), ("ROW_CELL",)),
    ],
    "unknown keys": [
        Case("a column of the header", Whole(b"n,m\n1,2\n"), ("INPUT_INVALID",)),
        Case("more cells", cells("1", "a", "", "b"), ("ROW_CELLS",)),
        Case("a column without a name", Whole(b"n,,t\n1,2,3\n"), ("INPUT_FILE",), place=False),
    ],
    "cyclic": "a table cannot refer to itself",
    "invalid UTF-8": [
        Case("a cell", cells("1", b"a\xff", ""), ("ROW_SYNTAX",)),
        Case("the header", Whole(b"n,\xff\n1,2\n"), ("INPUT_FILE",), place=False),
        Case("UTF-16", Whole("n,t\n1,a\n".encode("utf-16")), ("INPUT_FILE",), place=False),
        Case("a mark at the start is none", Whole(b"\xef\xbb\xbfn,t\n1,a\n")),
    ],
    "wrong types": [
        Case("a text for a number", cells("one", "a", ""), ("ROW_CELL",)),
        Case("a fraction", cells("1.5", "a", ""), ("ROW_CELL",)),
        Case("nothing for a number", cells("", "a", ""), ("ROW_CELL",)),
        Case("a list for an object", cells("1", "a", "[]"), ("ROW_CELL",)),
        Case("quotes within a cell", cells("1", '"a"b', ""), ("ROW_SYNTAX",)),
        Case("a line break in quotes is none", cells("1", '"two\nlines"', "")),
        Case("a NUL is a sign", cells("1", "a\0b", "")),
        Case("a column inside a column", Whole(b"n,o,o.x\n1,null,2\n"), ("ROW_CELL", "INPUT_INVALID")),
    ],
    "hostile expressions": [Case("a formula is a text", cells("1", '=cmd|" /C calc"!A0'.replace('"', ""), ""))],
    "YAML tricks": "a table is no YAML",
    "NaN": [
        Case("NaN", cells("NaN", "a", ""), ("ROW_CELL",)),
        Case("Infinity", cells("-Infinity", "a", ""), ("ROW_CELL",)),
        Case("in an object", cells("1", "a", '"{""x"": NaN}"'), ("ROW_CELL",)),
    ],
    "huge numbers": [
        Case("an exponent", cells("1e999999999", "a", ""), ("ROW_CELL",)),
        Case("digits", cells(BIG, "a", ""), ("ROW_CELL",)),
    ],
    "duplicate keys": [
        Case("columns", Whole(b"n,t,n\n1,a,2\n"), ("INPUT_FILE",), place=False),
        Case("in an object", cells("1", "a", '"{""x"": 1, ""x"": 2}"'), ("ROW_CELL",)),
    ],
}

# A JSON text that is an input, wherever it comes from: as a row, in place, behind an option.
VALUES: dict[str, list[tuple[str, bytes]]] = {
    "truncated": [("an object", b'{"n": 1'), ("a text", b'{"n": 1, "t": "a'), ("a word", b'{"n": tru')],
    "deep": [
        ("lists", nested(5_000).encode()),
        ("objects", b'{"n": ' * 5_000 + b"1" + b"}" * 5_000),
        ("a level too many", nested(201).encode()),
        ("lists that never close", b'{"n": ' + b"[" * 50_000),
    ],
    "invalid UTF-8": [("half a character", b'{"n": 1, "t": "\\ud800"}'), ("half a character in a key", b'{"\\udfff": 1}')],
    "NaN": [("NaN", b'{"n": NaN}'), ("Infinity", b'{"n": -Infinity}')],
    "huge numbers": [("digits", b'{"n": ' + BIG.encode() + b"}"), ("an exponent", b'{"n": 1e99999999999999999999}')],
    "duplicate keys": [("keys", b'{"n": 1, "n": 2}'), ("far inside", b'{"n": 1, "o": {"a": [{"b": 1, "b": 1}]}}')],
}


def values(kind: str, *codes: str, place: bool = True) -> list[Case]:
    return [Case(name, raw, codes, place) for name, raw in VALUES[kind]]


JSONL: dict[str, Cell] = {
    **{kind: values(kind, "ROW_SYNTAX") for kind in VALUES},
    "cap": [
        Case("depth", b'{"n": 1, "o": {"a": ' + nested(198).encode() + b"}}"),
        Case("depth + 1", b'{"n": 1, "o": {"a": ' + nested(199).encode() + b"}}", ("ROW_SYNTAX",)),
        Case("a value", b'{"n":1,"t":"' + b"x" * (100_000 - 14) + b'"}'),
        Case("a value + 1", b'{"n":1,"t":"' + b"x" * (100_000 - 13) + b'"}', ("VALUE_TOO_LARGE",)),
        Case("a line + 1", b'{"n": 1, "t": "' + b"x" * (64 * 1024 * 1024), ("ROW_SYNTAX",)),
    ],
    "unknown keys": [
        Case("a key", b'{"n": 1, "m": 2}', ("INPUT_INVALID",)),
        Case("a long key", b'{"n": 1, "' + b"k" * 50_000 + SECRET.encode() + b'": 2}', ("INPUT_INVALID",)),
    ],
    "cyclic": "JSON cannot refer to itself",
    "invalid UTF-8": [
        *values("invalid UTF-8", "ROW_SYNTAX"),
        Case("a byte", b'{"n": 1, "t": "\xff"}', ("ROW_SYNTAX",)),
        Case("UTF-16", '{"n": 1}'.encode("utf-16-le"), ("ROW_SYNTAX",)),
    ],
    "wrong types": [
        Case("a text for a number", b'{"n": "1"}', ("INPUT_INVALID",)),
        Case("a number for an object", b"7", ("INPUT_INVALID",)),
        Case("a long text for a number", b'{"n": "' + b"x" * 50_000 + SECRET.encode() + b'"}', ("INPUT_INVALID",)),
        Case("a number for a text", b'{"n": 1, "t": 2}', ("INPUT_INVALID",)),
    ],
    "hostile expressions": [Case("an expression is a text", b'{"n": 1, "t": "=count(for x in 1..999999999 return x)"}')],
    "YAML tricks": [Case("YAML", b"{n: 1}", ("ROW_SYNTAX",)), Case("an alias", b"*a", ("ROW_SYNTAX",))],
}


# --- Python ---------------------------------------------------------------------------------------------------------


def endless() -> dict[str, Any]:
    made: dict[str, Any] = {}
    made["a"] = made
    return made


def endless_list() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


def built(**changes: Any) -> Callable[[], SegmentDefinition]:
    """Makes a segment by hand. ``config``, ``inputs`` are those of its step."""

    def make() -> SegmentDefinition:
        own = {"config": {"expression": "input"}, **{key: changes[key] for key in ("config", "inputs") if key in changes}}
        rest = {key: value for key, value in changes.items() if key not in ("config", "inputs")}
        return SegmentDefinition(**{"segment_id": "made", "steps": [StepDefinition("a", "transform", **own)], **rest})

    return make


def half_built(maker: Callable[[], SegmentDefinition], attribute: str) -> Callable[[], Any]:
    """Asks a segment that was never validated for its hash or text."""
    return lambda: getattr(maker(), attribute) if attribute == "hash" else getattr(maker(), attribute)()


PYTHON: dict[str, Cell] = {
    "truncated": [
        Case("no steps", built(steps=[]), ("NO_STEPS",)),
        Case("nothing for steps", built(steps=None), ("KEY_MISSING",)),
        Case("a step that says nothing", built(steps=[{}]), ("KEY_MISSING",)),
    ],
    "cap": [
        Case("a value", Input("x" * 99_998)),
        Case("a value + 1", Input("x" * 99_999), ("VALUE_TOO_LARGE",), place=False),
        Case("depth", Input(list_in(200))),
        Case("depth + 1", Input(list_in(201)), ("INPUT_INVALID",)),
    ],
    "deep": [
        Case("an input", Input(list_in(50_000)), ("INPUT_INVALID",)),
        Case("metadata", built(metadata={"a": list_in(50_000)}), ("DEPTH_EXCEEDED",)),
        Case("a default", built(inputs=[PortDefinition("input", default=list_in(50_000))]), ("DEPTH_EXCEEDED",)),
        Case("its hash", half_built(built(input_schema={"items": list_in(50_000)}), "hash"), ("SEGMENT_INVALID",), place=False),
    ],
    "unknown keys": [
        Case("of a step", built(steps=[{"step_id": "a", "step_type": "transform", "conf": {}}]), ("KEY_UNKNOWN",)),
        Case("a stranger's type", built(steps=[StepDefinition("a", "transfrm")]), ("TYPE_UNKNOWN",)),
        Case("a step that is not there", built(edges=[EdgeDefinition(source_step="a", target_step="b")]), ("STEP_UNKNOWN",)),
    ],
    "cyclic": [
        Case("an input", Input(endless()), ("INPUT_INVALID",)),
        Case("an input inside a list", Input([1, endless_list()]), ("INPUT_INVALID",)),
        Case("metadata", built(metadata=endless()), ("DEPTH_EXCEEDED",)),
        Case("a config", built(config={"mapping": endless()}), ("DEPTH_EXCEEDED",)),
        Case("a schema", built(input_schema={"properties": endless()}), ("DEPTH_EXCEEDED",)),
        Case("its text", half_built(built(metadata=endless()), "to_json"), ("SEGMENT_INVALID",), place=False),
        Case("its hash", half_built(built(input_schema=endless()), "hash"), ("SEGMENT_INVALID",), place=False),
        Case("edges", built(edges=[EdgeDefinition(source_step="a", target_step="a")]), ("CYCLE",)),
    ],
    "invalid UTF-8": [
        Case("half a character", Input("\ud800"), ("INPUT_INVALID",), place=False),
        Case("in a key", Input({"\udfff": 1}), ("INPUT_INVALID",), place=False),
        Case("in a name", built(name="\ud800"), ("TEXT_INVALID",)),
        Case("in an expression", built(config={"expression": '"\ud800"'}), ("TEXT_INVALID",)),
    ],
    "wrong types": [
        Case("a set", Input({"a": {1}}), ("INPUT_INVALID",)),
        Case("bytes", Input([b"x"]), ("INPUT_INVALID",)),
        Case("an object", Input({"a": object()}), ("INPUT_INVALID",)),
        Case("a number as a key", Input({"a": {1: 2}}), ("INPUT_INVALID",)),
        Case("a set in a config", built(config={"mapping": {"a": {1}}}), ("VALUE_TYPE",)),
        Case("a Decimal in a config", built(config={"mapping": {"a": Decimal(1)}}), ("VALUE_TYPE",)),
        Case("a number for an id", built(segment_id=5), ("VALUE_TYPE",)),
        Case("a list for parameters", built(parameters=["a"]), ("VALUE_TYPE",)),
        Case("its hash", half_built(built(parameters=["a"]), "hash"), ("SEGMENT_INVALID",), place=False),
        Case("a text for resources", built(resources="all"), ("VALUE_TYPE",)),
        Case("plain objects are read", built(steps=[{"step_id": "a", "step_type": "transform", "config": {"expression": "1"}}])),
        Case("nothing for edges is read", built(edges=None)),
    ],
    "hostile expressions": [
        Case("Python", built(config={"expression": "().__class__.__mro__"}), ("EXPRESSION_INVALID",)),
        Case("too deep", built(config={"expression": "[" * 5_000}), ("EXPRESSION_INVALID",)),
    ],
    "YAML tricks": "Python hands over values, not texts",
    "NaN": [
        Case("a float", Input({"a": [1, float("nan")]}), ("INPUT_INVALID",)),
        Case("a Decimal", Input({"a": Decimal("NaN")}), ("INPUT_INVALID",)),
        Case("a signal", Input(Decimal("sNaN")), ("INPUT_INVALID",)),
        Case("infinity", Input(float("inf")), ("INPUT_INVALID",)),
        Case("in a policy", built(policy=SegmentPolicy(timeout_seconds=float("nan"))), ("VALUE_RANGE",)),
        Case("in a config", built(config={"mapping": {"a": float("inf")}}), ("NUMBER_UNSAFE",)),
        Case("its text", half_built(built(metadata={"a": float("nan")}), "to_json"), ("SEGMENT_INVALID",), place=False),
    ],
    "huge numbers": [
        Case("digits", Input(10**5_000), ("INPUT_INVALID",), place=False),
        Case("in a config", built(config={"mapping": {"a": 10**5_000}}), ("NUMBER_UNSAFE",)),
        Case("exact ones are kept", Input({"a": 2**64, "b": Decimal("1E+999999")})),
    ],
    "duplicate keys": [
        Case("steps", built(steps=[StepDefinition("a", "transform")] * 2), ("STEP_TWICE",)),
        Case("ports", built(inputs=[PortDefinition("input"), PortDefinition("input")]), ("PORT_TWICE",)),
    ],
}


# --- command lines --------------------------------------------------------------------------------------------------


def in_place(kind: str, *codes: str) -> list[Case]:
    """The values of a kind as `run loose --input`, and as the context of `feel`."""
    return [
        Case(f"{what}: {name}", [*words, raw], codes, place=False)
        for name, raw in VALUES[kind]
        for what, words in (("--input", ["run", "loose", "--input"]), ("--context", ["feel", "1", "--context"]))
    ]


def feel(name: str, expression: str | bytes, *codes: str) -> Case:
    return Case(name, ["feel", expression], codes, place="FEEL_BUDGET" not in codes)


FOREVER = "count(for x in 1..100000000 return x)"
ARGUMENT: dict[str, Cell] = {
    **{kind: in_place(kind, "INPUT_FILE", "ARGUMENT_INVALID") for kind in VALUES},
    "truncated": [*in_place("truncated", "INPUT_FILE", "ARGUMENT_INVALID"), feel("an expression", "1 +", "FEEL_SYNTAX")],
    "cap": [
        feel("an expression", "1" + " " * 32_767),
        feel("an expression + 1", "1" + " " * 32_768, "FEEL_BUDGET"),
        Case("a run's id", ["run", "loose", "--run-id", "r" * 500]),
        Case("a run's id + 1", ["run", "loose", "--run-id", "r" * 501], ("ARGUMENT_INVALID",)),
        Case("a label + 1", ["run", "loose", "--label", "k=" + "v" * 501], ("ARGUMENT_INVALID",)),
        Case("input longer than a path", ["run", "loose", "--input", '{"t": "' + "x" * 60_000 + '"}']),
        Case("a list longer than a path", ["run", "loose", "--input", "[" + ",".join(['"a list of texts"'] * 300) + "]"]),
        Case("a value + 1", ["run", "loose", "--input", '{"t": "' + "x" * 100_000 + '"}'], ("VALUE_TOO_LARGE",), place=False),
        Case("concurrency", ["run", "loose", "-c", "10000"]),
        Case("concurrency + 1", ["run", "loose", "-c", "10001"], ("USAGE",), place=False),
        Case("a path", ["run", "x" * 60_000], ("SEGMENT_NOT_FOUND",), place=False),
        Case("a path of rows", ["run", "loose", "--input", "x" * 60_000 + ".csv"], ("INPUT_FILE",), place=False),
        Case("a path of a segment", ["validate", "x" * 60_000 + ".yaml"], ("DOCUMENT_FILE",), place=False),
        Case("a path of a project", ["validate", "--project", "x" * 60_000], ("PROJECT_NOT_FOUND",), place=False),
        Case("a path of a context", ["feel", "1", "--context", "x" * 60_000], ("DOCUMENT_FILE",), place=False),
        Case(
            "a path of a database",
            ["run", "loose", "--db", "x" * 60_000],
            ("STORE_PATH", "STORE_READ_ONLY", "STORE_IO"),
            place=False,
        ),
    ],
    "deep": [
        *in_place("deep", "INPUT_FILE", "ARGUMENT_INVALID"),
        feel("brackets", "(" * 3_000 + "1" + ")" * 3_000, "FEEL_BUDGET"),
        feel("calls", "{f: function(x) f(x + 1), r: f(1)}.r", "FEEL_BUDGET"),
    ],
    "unknown keys": [
        Case("a command", ["frobnicate"], ("USAGE",), place=False),
        Case("an option", ["run", "loose", "--inputs", "{}"], ("USAGE",), place=False),
        Case("a run", ["runs", "show", "nobody"], ("NOT_FOUND",), place=False),
        Case("a long run", ["trail", "x" * 60_000 + SECRET], ("NOT_FOUND",), place=False),
        Case("a task", ["tasks", "decide", "nobody", "approved"], ("TASK_NOT_FOUND",), place=False),
        Case("a segment", ["run", "lose"], ("SEGMENT_NOT_FOUND",), place=False),
        Case("a step type", ["schema", "transfrm"], ("STEP_TYPE_UNKNOWN",), place=False),
        Case("a key of an input", ["run", "plain", "--input", '{"n": 1, "m": 2}'], ("INPUT_INVALID",)),
        feel("a name", "custmer.name", "FEEL_NAME"),
    ],
    "cyclic": "a command line is texts, and JSON cannot refer to itself",
    "invalid UTF-8": [
        *in_place("invalid UTF-8", "INPUT_FILE", "ARGUMENT_INVALID"),
        Case("an input", ["run", "loose", "--input", b'{"t": "\xff"}'], ("ARGUMENT_INVALID",), place=False),
        Case("a segment", ["run", b"\xff.yaml"], ("ARGUMENT_INVALID",), place=False),
        Case("a label", ["run", "loose", "--label", b"a=\xff"], ("ARGUMENT_INVALID",), place=False),
        Case("a run", ["runs", "show", b"\xff"], ("ARGUMENT_INVALID",), place=False),
        Case("a database", ["runs", "list", "--db", b"\xff.sqlite"], ("ARGUMENT_INVALID",), place=False),
        Case("an expression", ["feel", b'"\xff"'], ("ARGUMENT_INVALID",), place=False),
    ],
    "wrong types": [
        Case("a text for a number", ["run", "plain", "--input", '{"n": "1"}'], ("INPUT_INVALID",)),
        Case("a number for an object", ["run", "plain", "--input", "[7]"], ("INPUT_INVALID",)),
        Case("a word for a limit", ["runs", "list", "--limit", "many"], ("USAGE",), place=False),
        Case("a status that is none", ["runs", "list", "--status", "done"], ("USAGE",), place=False),
        Case("a folder for rows", ["run", "loose", "--input", "segments"], ("INPUT_FILE",), place=False),
        Case("a folder for a database", ["run", "loose", "--db", "segments"], ("STORE_PATH",), place=False),
        Case("a segment for rows", ["run", "loose", "--input", "segments/loose.yaml"], ("INPUT_FILE",), place=False),
        Case("a secret place", ["run", "loose", "--input", "../../../../etc/hostname"], ("INPUT_FILE",), place=False),
        feel("a sum", '1 + "a"', "FEEL_TYPE"),
        feel("a function", "function(x) x", "FEEL_VALUE"),
        Case("a key that is no text", ["run", "loose", "--business-key", "[1]"], ("BUSINESS_KEY",), place=False),
    ],
    "hostile expressions": [
        feel("for ever", FOREVER, "FEEL_BUDGET"),
        feel("doubling", "for a in 1..300, b in 1..300, c in 1..300 return a", "FEEL_BUDGET"),
        feel("a long text", f'string join(for i in 1..2000 return "{"x" * 20_000}")', "FEEL_BUDGET"),
        feel("Python", "__import__('os').system('id')", "FEEL_SYNTAX"),
        feel("a pattern that doubles", 'matches("a", "(((a{1000}){1000}){1000})")', "FEEL_VALUE"),
        feel("a pattern that backtracks", f'matches("{"a" * 5_000}!", "(a+)+$")'),
        Case("as a key", ["run", "loose", "--business-key", f"string({FOREVER})"], ("BUSINESS_KEY",), place=False),
        Case("as a key, broken", ["run", "loose", "--business-key", "1 +"], ("FEEL_SYNTAX",)),
    ],
    "YAML tricks": [
        Case("YAML in place", ["run", "loose", "--input", "{n: 1}"], ("INPUT_FILE",), place=False),
        Case("an alias", ["feel", "1", "--context", "{a: *a}"], ("ARGUMENT_INVALID",), place=False),
    ],
    "NaN": [
        *in_place("NaN", "INPUT_FILE", "ARGUMENT_INVALID"),
        Case("for a number", ["run", "loose", "-c", "nan"], ("USAGE",), place=False),
    ],
    "huge numbers": [
        *in_place("huge numbers", "INPUT_FILE", "ARGUMENT_INVALID"),
        Case("for a number", ["run", "loose", "-c", BIG], ("USAGE",), place=False),
        Case("for a place", ["trail", "x", "--after", BIG], ("USAGE",), place=False),
        feel("a result", "10 ** 7000", "FEEL_VALUE"),
    ],
    "duplicate keys": [
        *in_place("duplicate keys", "INPUT_FILE", "ARGUMENT_INVALID"),
        Case("labels", ["run", "loose", "--label", "a=1", "--label", "a=2"], ("ARGUMENT_INVALID",), place=False),
    ],
}


def param(name: str, text: str | bytes, *codes: str, place: bool = True) -> Case:
    return Case(name, text, codes, place)


PARAM: dict[str, Cell] = {
    "truncated": [
        param("no value", "limit", "ARGUMENT_INVALID", place=False),
        param("no name", "=1", "ARGUMENT_INVALID", place=False),
        param("nothing", "", "ARGUMENT_INVALID", place=False),
        param("an empty number", "limit=", "PARAMETER_INVALID"),
        param("an object", 'rules={"a": 1', "PARAMETER_INVALID"),
    ],
    "cap": [
        param("digits", "limit=" + "1" * 400),
        param("digits + 1", "limit=" + "1" * 401, "PARAMETER_INVALID"),
        param("a value", "word=" + "x" * 99_998),
        param("a value + 1", "word=" + "x" * 99_999, "VALUE_TOO_LARGE"),
        param("a long name", "x" * 60_000 + "=1", "PARAMETER_UNKNOWN", place=False),
    ],
    "deep": [
        param("an object", "rules=" + '{"a": ' * 5_000 + "1" + "}" * 5_000, "PARAMETER_INVALID"),
        param("for anything", "any=" + nested(5_000)),
    ],
    "unknown keys": [
        param("a name", "limt=1", "PARAMETER_UNKNOWN", place=False),
        param("another's", "__class__=1", "PARAMETER_UNKNOWN", place=False),
    ],
    "cyclic": "a command line is texts, and JSON cannot refer to itself",
    "invalid UTF-8": [
        param("a value", b"word=\xff", "ARGUMENT_INVALID", place=False),
        param("a name", b"\xff=1", "ARGUMENT_INVALID", place=False),
        param("half a character", 'rules={"a": "\\ud800"}', "PARAMETER_INVALID"),
    ],
    "wrong types": [
        param("a text for a number", "limit=many", "PARAMETER_INVALID"),
        param("a fraction", "limit=1.5", "PARAMETER_INVALID"),
        param("a list for an object", "rules=[1]", "PARAMETER_INVALID"),
        param("a number below", "limit=-1", "PARAMETER_INVALID"),
    ],
    "hostile expressions": [param("an expression is a text", f"word=={FOREVER}")],
    "YAML tricks": [param("YAML", "rules={a: 1}", "PARAMETER_INVALID"), param("an alias is a text", "word=*a")],
    "NaN": [
        param("a number", "limit=NaN", "PARAMETER_INVALID"),
        param("in an object", 'rules={"a": NaN}', "PARAMETER_INVALID"),
    ],
    "huge numbers": [
        param("an exponent", "limit=1e999999999", "PARAMETER_INVALID"),
        param("digits", f"limit={BIG}", "PARAMETER_INVALID"),
    ],
    "duplicate keys": [
        param("in an object", 'rules={"a": 1, "a": 2}', "PARAMETER_INVALID"),
        param("twice", "limit=1\0limit=2", "ARGUMENT_INVALID", place=False),
    ],
}

DECISION: dict[str, Cell] = {
    **{kind: values(kind, "ARGUMENT_INVALID", place=False) for kind in VALUES},
    "cap": [
        Case("what a run may keep", b'{"n": 1, "t": "' + b"x" * 99_000 + b'"}'),
        Case("size + 1", b'{"n": 1, "t": "' + b"x" * (256 * 1024) + b'"}', ("DECISION_INVALID",)),
    ],
    "unknown keys": [
        Case("a key", b'{"n": 1, "m": 1}', ("DECISION_INVALID",)),
        Case("a long key", b'{"n": 1, "' + b"k" * 50_000 + SECRET.encode() + b'": 1}', ("DECISION_INVALID",)),
    ],
    "cyclic": "JSON cannot refer to itself",
    "invalid UTF-8": [
        *values("invalid UTF-8", "ARGUMENT_INVALID", place=False),
        Case("a byte", b'{"n": 1, "t": "\xff"}', ("ARGUMENT_INVALID",), place=False),
    ],
    "wrong types": [
        Case("a text for a number", b'{"n": "1"}', ("DECISION_INVALID",)),
        Case("a list for an object", b"[]", ("DECISION_INVALID",)),
        Case("null is nothing", b"null", ("DECISION_INVALID",)),
        Case("a file that is not there", b"@nowhere.json", ("DOCUMENT_FILE",), place=False),
        Case("a folder", b"@segments", ("DOCUMENT_FILE",), place=False),
    ],
    "hostile expressions": [Case("an expression is a text", b'{"n": "=1"}', ("DECISION_INVALID",))],
    "YAML tricks": [Case("YAML", b"{n: 1}", ("ARGUMENT_INVALID",), place=False)],
}

REPAIR: dict[str, Cell] = {
    **{kind: values(kind, "ARGUMENT_INVALID", place=False) for kind in VALUES},
    "cap": [
        Case("size", json.dumps({"output": "x" * 99_998}).encode()),
        Case("size + 1", json.dumps({"output": "x" * 99_999}).encode(), ("VALUE_TOO_LARGE",), place=False),
    ],
    "unknown keys": [Case("a port", b'{"outpt": 1}', ("INCIDENT_ACTION",), place=False)],
    "cyclic": "JSON cannot refer to itself",
    "invalid UTF-8": [
        *values("invalid UTF-8", "ARGUMENT_INVALID", place=False),
        Case("a byte", b'{"output": "\xff"}', ("ARGUMENT_INVALID",), place=False),
    ],
    "wrong types": [
        Case("a list", b"[1]", ("USAGE",), place=False),
        Case("no port", b"{}", ("INCIDENT_ACTION",), place=False),
        Case("a file that is not there", b"@nowhere.json", ("DOCUMENT_FILE",), place=False),
    ],
    "hostile expressions": [Case("an expression is a text", f'{{"output": "={FOREVER}"}}'.encode())],
    "YAML tricks": [Case("YAML", b"{output: 1}", ("ARGUMENT_INVALID",), place=False)],
}

CELLS: dict[tuple[str, str], Cell] = {}
for _kind in KINDS:
    _documents = DOCUMENTS.get(_kind, JSON_TRICKS)
    _cap = JSON_CAP if _kind == "cap" else []
    CELLS["json", _kind] = [*_documents, *_cap] if isinstance(_documents, list) else _documents
    CELLS["file", _kind] = CELLS["json", _kind]
    CELLS["yaml", _kind] = YAML_TRICKS if _kind == "YAML tricks" else YAML_OWN.get(_kind, _documents)
    for _door, _table in (
        ("csv", CSV),
        ("jsonl", JSONL),
        ("python", PYTHON),
        ("argument", ARGUMENT),
        ("param", PARAM),
        ("decision", DECISION),
        ("repair", REPAIR),
    ):
        if _kind in _table:
            CELLS[_door, _kind] = _table[_kind]
