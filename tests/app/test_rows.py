"""Rows: files as streams, bad rows with their line, files that are none."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from worktrail.app import BadRow, Row, inline_rows, open_rows
from worktrail.errors import CallerError

SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}, "t": {"type": "string"}}}
NESTED = {"properties": {"c": {"type": "object", "properties": {"id": {"type": "integer"}, "ok": {"type": "boolean"}}}}}


def bad(number: int, line: int, code: str) -> tuple[Any, ...]:
    return (number, line, code)


# file name, bytes, schema → rows; a bad one as (number, line, code)
FILES: list[tuple[str, bytes, Any, list[Any]]] = [
    ("a.json", b'{"n": 1}', SCHEMA, [Row(1, 1, {"n": 1})]),
    ("a.json", b'[{"n": 1}, 2]', SCHEMA, [Row(1, 1, {"n": 1}), Row(2, 2, 2)]),
    ("a.json", b"[1, 2.50]", {"type": "array"}, [Row(1, 1, [1, Decimal("2.50")])]),
    ("a.json", b"\xef\xbb\xbf5", None, [Row(1, 1, 5)]),
    ("a.jsonl", b'{"n": 1}\n\n{"n": 2.10}\n', SCHEMA, [Row(1, 1, {"n": 1}), Row(2, 3, {"n": Decimal("2.10")})]),
    ("a.jsonl", b'1\n{"n":\n3', None, [Row(1, 1, 1), bad(2, 2, "ROW_SYNTAX"), Row(3, 3, 3)]),
    (
        "a.jsonl",
        b'\xef\xbb\xbf1\n"\xff"\nNaN\n2',
        None,
        [Row(1, 1, 1), bad(2, 2, "ROW_SYNTAX"), bad(3, 3, "ROW_SYNTAX"), Row(4, 4, 2)],
    ),
    ("a.ndjson", b"", None, []),
    ("a.csv", b"n,t\n1,a\n2,b\n", SCHEMA, [Row(1, 2, {"n": 1, "t": "a"}), Row(2, 3, {"n": 2, "t": "b"})]),
    ("a.csv", b"\xef\xbb\xbfn;t\r\n1;a,b\r\n", SCHEMA, [Row(1, 2, {"n": 1, "t": "a,b"})]),
    ("a.csv", b"n\tt\n1\t\n", SCHEMA, [Row(1, 2, {"n": 1})]),
    ("a.tsv", b"n\tt\n1\ta,b;c\n", SCHEMA, [Row(1, 2, {"n": 1, "t": "a,b;c"})]),
    ("a.csv", b'n,t\n1,"two\nlines"\n\n3,c\n', SCHEMA, [Row(1, 2, {"n": 1, "t": "two\nlines"}), Row(2, 5, {"n": 3, "t": "c"})]),
    ("a.csv", b"n,t\nx,a\n2,b\n", SCHEMA, [bad(1, 2, "ROW_CELL"), Row(2, 3, {"n": 2, "t": "b"})]),
    ("a.csv", b"n,t\n1\n2,b,c\n3,d\n", SCHEMA, [bad(1, 2, "ROW_CELLS"), bad(2, 3, "ROW_CELLS"), Row(3, 4, {"n": 3, "t": "d"})]),
    ("a.csv", b"n,t\n1,\xff\n2,b\n", SCHEMA, [bad(1, 2, "ROW_SYNTAX"), Row(2, 3, {"n": 2, "t": "b"})]),
    ("a.csv", b'n,t\n1,"a"b\n2,b\n', SCHEMA, [bad(1, 2, "ROW_SYNTAX"), Row(2, 3, {"n": 2, "t": "b"})]),
    ("a.csv", b"c.id,c.ok\n1,yes\n", NESTED, [Row(1, 2, {"c": {"id": 1, "ok": True}})]),
    ("a.csv", b"n,t\n", SCHEMA, []),
    ("a.csv", b"any,thing\n1,x\n", None, [Row(1, 2, {"any": "1", "thing": "x"})]),
]


@pytest.mark.parametrize(("name", "raw", "schema", "rows"), FILES)
def test_a_file(name: str, raw: bytes, schema: Any, rows: list[Any], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    found = open_rows(path, schema)
    seen = [each if isinstance(each, Row) else (each.number, each.line, each.code) for each in found]
    assert seen == rows
    assert list(found) == list(open_rows(path, schema))
    assert found.many is (name != "a.json" or len(rows) == 2)
    assert open_rows(path, schema).digest == found.digest


REFUSED: list[tuple[str, bytes, str]] = [
    ("a.json", b"{", "not JSON"),
    ("a.json", b"", "not JSON"),
    ("a.json", b"\xff", "not JSON"),
    ("a.txt", b"", "the ending .txt is not known"),
    ("a", b"", r"the ending \(none\) is not known"),
    ("a.csv", b"", "no header row"),
    ("a.csv", b"a,b,a\n", "'a' stands twice"),
    ("a.csv", b"a,,b\n", "a column has no name"),
    ("a.csv", b"\xff,b\n1,2\n", "the header is not UTF-8"),
]


@pytest.mark.parametrize(("name", "raw", "said"), REFUSED)
def test_a_file_that_is_none(name: str, raw: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(CallerError, match=said) as caught:
        list(open_rows(path, None))
    assert caught.value.code == "INPUT_FILE"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for name in ("a.csv", "a.json", "a.jsonl"):
        with pytest.raises(CallerError, match="there is no such file") as caught:
            open_rows(tmp_path / name, None)
        assert caught.value.code == "INPUT_NOT_FOUND"


def test_json_in_place() -> None:
    assert list(inline_rows('{"a": 1.10}', None)) == [Row(1, 1, {"a": Decimal("1.10")})]
    assert inline_rows("[1]", None).many
    assert not inline_rows("[1]", {"type": ["array", "null"]}).many


def test_a_bad_row_says_why(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("n,t\n1,a,b\nx,y\n", encoding="utf-8")
    rows = [each for each in open_rows(path, SCHEMA) if isinstance(each, BadRow)]
    assert [each.message for each in rows] == ["3 cells, but the header has 2", "column 'n': 'x' is no integer"]
