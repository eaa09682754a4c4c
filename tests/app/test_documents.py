"""Segments as files: YAML rubbish is refused with line and column, and nothing is lost on the way out and in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worktrail.app import (
    Format,
    dump_document,
    dump_segment_text,
    format_of,
    load_document,
    load_segment_file,
    load_segment_text,
    read_segment_text,
)
from worktrail.contract import CanvasError, SegmentDefinition, SegmentValidationError, StepDefinition
from worktrail.errors import CallerError

if TYPE_CHECKING:
    from pathlib import Path

READ: dict[str, tuple[str, Any]] = {
    "words of older YAML stay texts": (
        "a: yes\nb: no\nc: on\nd: off\ne: y",
        {"a": "yes", "b": "no", "c": "on", "d": "off", "e": "y"},
    ),
    "keys too": ("on: 1\nyes: 2", {"on": 1, "yes": 2}),
    "dates stay texts": ("a: 2030-01-31\nb: 2030-01-31T09:00:00Z", {"a": "2030-01-31", "b": "2030-01-31T09:00:00Z"}),
    "sexagesimals and underscores too": ("a: 12:30:45\nb: 1_000", {"a": "12:30:45", "b": "1_000"}),
    "numbers": ("[1, -2, 0o17, 0xFf, 010, 1.5, .5, 1e3, 1.]", [1, -2, 15, 255, 10, 1.5, 0.5, 1000.0, 1.0]),
    "booleans and null": ("[true, False, null, ~, ]", [True, False, None, None]),
    "quoted, all are texts": ("['1', \"true\", '~']", ["1", "true", "~"]),
    "an explicit text": ("! '1'", "1"),
    "nothing": ("", None),
    "a byte order mark": ("\ufeffa: 1", {"a": 1}),
    "an alias is a copy": ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
    "a merge key is a key": ("<<: 1", {"<<": 1}),
    "version 1.2 may be said": ("%YAML 1.2\n---\na: 1", {"a": 1}),
}


@pytest.mark.parametrize("name", READ)
def test_read(name: str) -> None:
    text, value = READ[name]
    found = load_document(text, "yaml")
    assert found == value
    assert str(found) == str(value)


def test_an_alias_is_not_the_same_object() -> None:
    found = load_document("a: &x [1]\nb: *x", "yaml")
    found["a"].append(2)
    assert found["b"] == [1]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join(['*' + before] * 10)}]\n" for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)

REFUSED: dict[str, tuple[str | bytes, str, tuple[int, int] | None]] = {
    "a key twice": ("a: 1\nb:\n  c: 1\n  c: 2", "DOCUMENT_KEY_TWICE", (4, 3)),
    "a tag of a program": ("a: !!python/object/apply:os.system [ls]", "DOCUMENT_YAML", (1, 4)),
    "a tag of its own": ("a: !mine 1", "DOCUMENT_YAML", (1, 4)),
    "a tag of the core": ("a: !!str 1", "DOCUMENT_YAML", (1, 4)),
    "a tag on a list": ("a: !!set [1]", "DOCUMENT_YAML", (1, 4)),
    "a number as a key": ("a:\n  1: x", "DOCUMENT_YAML", (2, 3)),
    "a list as a key": ("? [1]\n: x", "DOCUMENT_YAML", (1, 3)),
    "an alias as a key": ("a: &x b\n*x : 1", "DOCUMENT_YAML", (2, 1)),
    "not a number": ("a: .nan", "DOCUMENT_NUMBER", (1, 4)),
    "infinity": ("a: -.INF", "DOCUMENT_NUMBER", (1, 4)),
    "too large for a double": ("a: 1e999", "DOCUMENT_NUMBER", (1, 4)),
    "two documents": ("a: 1\n---\nb: 1", "DOCUMENT_YAML", (3, 1)),
    "another version": ("%YAML 1.1\n---\na: 1", "DOCUMENT_YAML", (2, 1)),
    "a directive of tags": ("%TAG ! tag:x,2000:\n---\na: 1", "DOCUMENT_YAML", (2, 1)),
    "an alias inside itself": ("a: &a [*a]", "DOCUMENT_YAML", (1, 8)),
    "an alias of nothing": ("a: *b", "DOCUMENT_SYNTAX", (1, 4)),
    "a tab as indentation": ("a:\n\tb: 1", "DOCUMENT_SYNTAX", (2, 1)),
    "a quote not closed": ("a: 'b", "DOCUMENT_SYNTAX", (1, 6)),
    "a list not closed": ("a: [1", "DOCUMENT_SYNTAX", (1, 6)),
    "too deep": ("[" * 140 + "]" * 140, "DOCUMENT_TOO_DEEP", (1, 130)),
    "a bomb of aliases": (BOMB, "DOCUMENT_TOO_LARGE", (6, 8)),
    "a sign that may not stand": ("a: \x00", "DOCUMENT_SYNTAX", None),
    "not UTF-8": (b"a: \xff", "DOCUMENT_ENCODING", None),
    "too large": ("a: " + "x" * (1024 * 1024), "DOCUMENT_TOO_LARGE", None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    text, code, place = REFUSED[name]
    with pytest.raises(CanvasError) as caught:
        load_document(text, "yaml")
    assert caught.value.code == code
    assert caught.value.hint
    if place is not None:
        assert caught.value.details is not None
        assert (caught.value.details["line"], caught.value.details["column"]) == place


SIGNS = "a \n\t#:-'\"|>0.e~%@`!&*{}[],?\\\x85\u2028\ufeff\x07é😀"
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8)
    | st.text(alphabet=SIGNS, max_size=10)
    | st.sampled_from(
        ["yes", "No", "1", "0x1", "1.5", ".inf", "null", "2030-01-01", "=", "<<", "---", "...", "a: b", "|", "# x"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet=SIGNS, max_size=6), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["json", "yaml"])
@given(value=VALUES)
def test_any_value_comes_back(form: Format, value: Any) -> None:
    found = load_document(dump_document(value, form), form)
    assert found == value
    assert repr(found) == repr(value)


@given(st.text(alphabet="ab:- \n[]{},&*!|>'\"#%?0.~\t", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value = load_document(text, "yaml")
    except CanvasError:
        return
    assert load_document(dump_document(value, "yaml"), "yaml") == value


def test_texts_are_written_for_people() -> None:
    value = {"prompt": "Dear {{ input.name }},\nhello.\n", "answer": "yes", "day": "2030-01-01"}
    assert dump_document(value, "yaml") == ("prompt: |\n  Dear {{ input.name }},\n  hello.\nanswer: 'yes'\nday: '2030-01-01'\n")


# --- segments -------------------------------------------------------------------------------------------------------

YAML = """\
worktrail: 1
segment_id: s
steps:
  - step_id: a
    step_type: work
    confg: {}
  - step_type: work
"""


def test_problems_of_a_yaml_text_say_line_and_column() -> None:
    _, problems = read_segment_text(YAML, "yaml")
    assert [(each.code, each.details["line"], each.details["column"]) for each in problems] == [
        ("KEY_UNKNOWN", 6, 5),
        ("KEY_MISSING", 7, 5),
    ]
    with pytest.raises(SegmentValidationError) as caught:
        load_segment_text(YAML, "yaml")
    assert caught.value.problems == tuple(problems)


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".yml", ".JSON"])
def test_a_file_is_read_by_its_ending(tmp_path: Path, suffix: str) -> None:
    made = SegmentDefinition("s", steps=[StepDefinition("a", "work", config={"on": "yes"})])
    path = tmp_path / f"segment{suffix}"
    path.write_text(dump_segment_text(made, format_of(path)), encoding="utf-8")
    assert load_segment_file(path) == made


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CanvasError) as caught:
        load_segment_file(tmp_path / "segment.toml")
    assert caught.value.code == "DOCUMENT_FORMAT"
    with pytest.raises(CallerError) as missing:
        load_segment_file(tmp_path / "nothing.yaml")
    assert missing.value.code == "DOCUMENT_FILE"


def test_an_empty_file_is_no_segment() -> None:
    with pytest.raises(SegmentValidationError):
        load_segment_text("", "yaml")
