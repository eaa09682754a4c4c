"""JSON texts: what is refused, with its code and place."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worktrail.contract import MAX_DOCUMENT_BYTES, CanvasError, SegmentDefinition, parse_json, render_json

REFUSED: dict[str, tuple[bytes, str, Any]] = {
    "not UTF-8": (b'{"a":\n"\xff"}', "DOCUMENT_ENCODING", {"byte": 7, "line": 2}),
    "cut off": (b'{"a":\n [1,', "DOCUMENT_SYNTAX", {"line": 2, "column": 5}),
    "nothing": (b"", "DOCUMENT_SYNTAX", {"line": 1, "column": 1}),
    "two values": (b"1 2", "DOCUMENT_SYNTAX", {"line": 1, "column": 3}),
    "a comment": (b"{} // x", "DOCUMENT_SYNTAX", {"line": 1, "column": 4}),
    "a bare control sign": (b'"a\nb"', "DOCUMENT_SYNTAX", {"line": 1, "column": 3}),
    "NaN": (b"[NaN]", "DOCUMENT_NUMBER", None),
    "Infinity": (b"[-Infinity]", "DOCUMENT_NUMBER", None),
    "too large for a double": (b"[1e999]", "DOCUMENT_NUMBER", None),
    "a number of a thousand digits": (b"9" * 1000, "DOCUMENT_NUMBER", None),
    "too deep": (b"[" * 200 + b"]" * 200, "DOCUMENT_TOO_DEEP", None),
    "far too deep": (b"[" * 100_000, "DOCUMENT_TOO_DEEP", None),
    "too large": (
        b" " * (MAX_DOCUMENT_BYTES + 1),
        "DOCUMENT_TOO_LARGE",
        {"bytes": MAX_DOCUMENT_BYTES + 1, "allowed": MAX_DOCUMENT_BYTES},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    raw, code, details = REFUSED[name]
    with pytest.raises(CanvasError) as caught:
        parse_json(raw)
    assert caught.value.code == code
    assert caught.value.hint
    if details is not None:
        assert caught.value.details == details


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ('{"a": 1, "a": 2}', "/a"),
        ('{"x": [0, {"a/b": 1, "a/b": 1}]}', "/x/1/a~1b"),
        ('{"x": {"a": 1, "a": 2}, "x": 3}', "/x"),
        ('{"a": {"b": 1}, "c": {"b": 1, "b": 1}}', "/c/b"),
    ],
)
def test_a_key_twice_is_refused_with_its_place(text: str, pointer: str) -> None:
    with pytest.raises(CanvasError) as caught:
        parse_json(text)
    assert (caught.value.code, caught.value.pointer) == ("DOCUMENT_KEY_TWICE", pointer)


def test_what_is_read() -> None:
    assert parse_json(b'\xef\xbb\xbf{"a": [1, 2.5, true, null, "\\u00e9"]}') == {"a": [1, 2.5, True, None, "é"]}
    assert parse_json("\ufeff1") == 1
    assert parse_json("123456789012345678901234567890") == 123456789012345678901234567890


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert parse_json(render_json(value)) == value
    assert parse_json(render_json(value, indent=None)) == value


@given(st.text(alphabet='{}[]",:0123456789.eE+-truefalsn \\u\n', max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(CanvasError):
        assert render_json(parse_json(text))


def test_a_segment_of_a_text_that_is_none() -> None:
    with pytest.raises(CanvasError):
        SegmentDefinition.from_json("{")
