"""Unary tests: cases of a switch, cells of a table."""

from __future__ import annotations

from typing import Any

import pytest

from worktrail.errors import AuthorError
from worktrail.feel import compile_unary_tests

ROWS: list[tuple[str, Any, bool]] = [
    ("-", 5, True),
    ("5", 5, True),
    ("5", 6, False),
    ('"a", "b"', "b", True),
    ('not("a", "b")', "c", True),
    ('not("a", "b")', "a", False),
    ("< 5", 4, True),
    (">= 5, < 0", 5, True),
    (">= 5, < 0", 3, False),
    ("[1..5]", 5, True),
    ("(1..5)", 5, False),
    ("]1..5[", 3, True),
    ("? > 3 and ? < 5", 4, True),
    ("? > 3 and ? < 5", 5, False),
    ('starts with(?, "ab")', "abc", True),
    ("limit", 10, True),
    ("> limit", 11, True),
    ("allowed", "x", True),
    ("allowed", "z", False),
    ("true", True, True),
    ("not(true)", False, True),
    ("null", None, True),
    ("!= 5", 4, True),
    ('@"2024-01-01"', "2024-01-01", False),
]
SCOPE = {"limit": 10, "allowed": ["x", "y"]}


@pytest.mark.parametrize(("text", "value", "expected"), ROWS)
def test_rows(text: str, value: Any, expected: bool) -> None:
    strict = not text.startswith("@")
    found = compile_unary_tests(text, names=SCOPE, strict=strict).test(value, SCOPE)
    assert (found is True) == expected
    assert isinstance(found, bool) or not strict


def test_a_value_of_another_kind_is_an_error_in_strict_mode() -> None:
    with pytest.raises(AuthorError) as caught:
        compile_unary_tests("< 5, > 10").test("a", {})
    assert caught.value.code == "FEEL_TYPE"
    assert compile_unary_tests("< 5, > 10", strict=False).test("a", {}) is None
    assert compile_unary_tests('5, "a"').test("a", {}) is True


def test_the_type_of_tests_is_boolean() -> None:
    assert compile_unary_tests("1, 2").type == "boolean"
