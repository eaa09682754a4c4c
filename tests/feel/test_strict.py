"""Strict mode: what FEEL would turn into null is an error at its place; dmn mode answers null. Tables in `cases/strict.yaml`."""

from __future__ import annotations

import pytest

from tests.feel.tables import error, run, table
from worktrail.errors import CODES, AuthorError
from worktrail.feel import compile_expression

TABLE = table("strict.yaml")
SCOPE = TABLE["scope"]


@pytest.mark.parametrize(("text", "code", "words", "place"), TABLE["cases"], ids=[row[0] for row in TABLE["cases"]])
def test_an_error_names_its_place(text: str, code: str, words: str, place: str) -> None:
    problem = error(text, SCOPE)
    assert problem.code == code
    assert problem.code in CODES
    assert words in f"{problem.message} {problem.hint}"
    assert problem.hint
    details = problem.details or {}
    assert details["text"] == place
    assert details["offset"] == text.index(place) or text[details["offset"] :].startswith(place)
    assert details["line"] == 1
    assert details["column"] == details["offset"] + 1


@pytest.mark.parametrize("text", [row[0] for row in TABLE["cases"]])
def test_the_same_never_raises_in_dmn_mode(text: str) -> None:
    found = run(text, SCOPE, strict=False)
    assert found is None or text in {"order.lines.qty", "order.lines[qty > 1]", "amount or true", "amount = None"}


@pytest.mark.parametrize("text", [row[0] for row in TABLE["cases"] if row[1] != "FEEL_SYNTAX" and row[0][0] != "@"])
def test_the_same_is_fine_behind_a_guard(text: str) -> None:
    assert run(f'get or else({text}, "default")', SCOPE) in ("default", True, [None, 3], [{"sku": "b", "qty": 3}])


@pytest.mark.parametrize("strict", [True, False], ids=["strict", "dmn"])
@pytest.mark.parametrize(("text", "hint", "place"), TABLE["foreign"], ids=[row[0] for row in TABLE["foreign"]])
def test_what_other_languages_write_gets_a_hint(text: str, hint: str, place: str, strict: bool) -> None:
    problem = error(text, SCOPE, strict=strict)
    assert problem.code == "FEEL_SYNTAX"
    assert hint in problem.hint
    assert (problem.details or {})["text"] == place


@pytest.mark.parametrize(("text", "words", "place"), TABLE["broken"], ids=[repr(row[0]) for row in TABLE["broken"]])
def test_broken_texts(text: str, words: str, place: str) -> None:
    problem = error(text, SCOPE)
    assert problem.code == "FEEL_SYNTAX"
    assert words in problem.message
    assert (problem.details or {})["text"] == place


def test_lines_and_columns() -> None:
    problem = error("{\n  a: 1,\n  b: amount + text\n}", SCOPE)
    assert (problem.details or {}) == {"line": 3, "column": 6, "offset": 15, "text": "amount + text"}


def test_unknown_names_are_found_when_the_text_is_compiled() -> None:
    with pytest.raises(AuthorError) as caught:
        compile_expression("if false then amuont else 1", names=["amount", "country"])
    assert caught.value.code == "FEEL_NAME"
    assert "amount" in caught.value.hint
    compile_expression("get or else(amuont, 1)", names=["amount"])
    compile_expression("is defined(amuont)", names=["amount"])
    compile_expression("amuont", names=["amount"], strict=False)
    compile_expression("items[price > 1]", names=["items"])
    compile_expression("for x in items return x", names=["items"])


def test_a_declared_name_without_a_value_is_missing() -> None:
    assert error("amount + 1", {}, names=["amount"]).code == "FEEL_MISSING"
    assert run("get or else(amount, 3)", {}, names=["amount"]) == 3


def test_a_condition_stops_at_the_first_answer() -> None:
    assert run("order.n != null and order.n > 5", SCOPE) is False
    assert run("order.n = null or order.n > 5", SCOPE) is True


def test_guards_do_not_hide_budgets() -> None:
    assert error("get or else(for i in 1..300000 return i, [])").code == "FEEL_BUDGET"


def test_a_condition_must_be_a_boolean() -> None:
    for text in ("if nothing then 1 else 2", "if amount then 1 else 2", "if false then 1 else if text then 2 else 3"):
        problem = error(text, SCOPE)
        assert problem.code == "FEEL_TYPE"
        assert "must be a boolean" in problem.message
        assert run(text, SCOPE, strict=False) == (3 if "3" in text else 2)
