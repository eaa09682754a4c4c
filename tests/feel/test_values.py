"""What expressions are worth, in both modes: tables in `cases/`."""

from __future__ import annotations

import pytest

from tests.feel.tables import rows, run, table
from worktrail.feel import compile_expression, from_json


@pytest.mark.parametrize("strict", [True, False], ids=["strict", "dmn"])
@pytest.mark.parametrize("name", ["values.yaml", "builtins.yaml"])
def test_the_tables(name: str, strict: bool) -> None:
    scope = table(name)["scope"]
    wrong = []
    for group, text, expected in rows(name):
        found = run(text, scope, strict=strict)
        if found != from_json(expected) or isinstance(found, bool) != isinstance(expected, bool):
            wrong.append((group, text, found, expected))
    assert wrong == []


def test_three_valued_logic_of_dmn() -> None:
    values = {"true": True, "false": False, "null": None}
    for a, left in values.items():
        for b, right in values.items():
            both = False if left is False or right is False else None if left is None or right is None else True
            either = True if left is True or right is True else None if left is None or right is None else False
            assert run(f"{a} and {b}", strict=False) is both
            assert run(f"{a} or {b}", strict=False) is either


def test_names_with_blanks_signs_and_keywords() -> None:
    scope = {"Loan Amount": 5, "a-b": 7, "a": 1, "b": 2, "date and time of order": 3, "rate+": 4, "größe": 9, "🐎": 8}
    known = {"names": scope}
    assert run("Loan Amount + 1", scope, **known) == 6
    assert run("Loan  Amount", scope, **known) == 5
    assert run("a-b", scope, **known) == 7
    assert run("(a)-b", scope, **known) == -1
    assert run("date and time of order * 2", scope, **known) == 6
    assert run("größe + 🐎", scope, **known) == 17
    assert run("{a b: 1, r: a b c + a b}.r", {"a b c": 10}, names=["a b c"]) == 11
    assert run("{a b c: 1, r: a b c + a b}.r", {"a b": 10}, names=["a b"]) == 11
    assert run('date and time("2024-01-01T00:00:00Z").year', scope, **known) == 2024


def test_a_name_in_scope_hides_a_built_in_value_but_not_its_call() -> None:
    assert run("count + 1", {"count": 4}, names=["count"]) == 5
    assert run("count([1, 2]) + count", {"count": 4}, names=["count"]) == 6


def test_members_and_types_of_the_caller() -> None:
    scope = {"order": {"net value": 5}}
    assert run("order.net value > 4", scope, names=["order"], members=["net value"]) is True
    assert run("orders[net value > 4].net value", {"orders": [scope["order"]]}, names=["orders"], members=["net value"]) == [5]
    types = {"tLine": "context<sku: string>", "tLines": "list<tLine>"}
    assert run('[{sku: "a"}] instance of tLines', types=types) is True
    assert run("[{sku: 1}] instance of tLines", types=types) is False


def test_static_types() -> None:
    kinds = {
        "1 + 2": "number", '"a" + "b"': "string", "a > 1": "boolean", "a and b": "boolean", "[1]": "list", "{a: 1}": "context",
        "for x in y return x": "list", 'date("2024-01-01")': "date", "count(x)": "number", "a": None, "a + b": None,
        "if a then 1 else 2": "number", 'if a then 1 else "x"': None, "some x in y satisfies x": "boolean", "null": "Null",
    }  # fmt: skip
    assert {text: compile_expression(text).type for text in kinds} == kinds


def test_paths_that_are_read() -> None:
    paths = {
        "amount > 5": {("amount",)},
        "steps.check.output.score > limit": {("steps", "check", "output", "score"), ("limit",)},
        "for x in items return x.price * rate": {("items",), ("rate",)},
        "items[price > 5].name": {("items",), ("price",)},
        "is defined(a.b) and get or else(c.d, e) > 1": {("a", "b"), ("c", "d"), ("e",)},
        "{a: 1, b: a + z}": {("z",)},
        "(function(x) x + y)(w.v)": {("y",), ("w", "v")},
        "count(xs) + now().year": {("xs",)},
    }
    assert {text: compile_expression(text, names=NAMES).paths for text in paths} == paths


NAMES = ["amount", "steps", "limit", "items", "price", "rate", "a", "c", "e", "z", "y", "w", "xs"]
