"""Laws: arithmetic agrees with decimals, JSON survives a round trip, no text breaks anything but by a typed error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import ROUND_HALF_EVEN, Context, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.feel.tables import code_of, rows, run, table
from worktrail.errors import AuthorError
from worktrail.feel import BUILTINS, compile_expression, compile_unary_tests, from_json, to_json

CONTEXT = Context(prec=34, rounding=ROUND_HALF_EVEN)
ints = st.integers(min_value=-(10**20), max_value=10**20)
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6)
numbers = st.one_of(ints, decimals)
leaves = st.one_of(st.none(), st.booleans(), ints, decimals, st.text(max_size=8))
values = st.recursive(
    leaves, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4))
)


@given(numbers, numbers, st.sampled_from(["+", "-", "*"]))
def test_arithmetic_is_that_of_decimals(a: Any, b: Any, sign: str) -> None:
    operations = {"+": CONTEXT.add, "-": CONTEXT.subtract, "*": CONTEXT.multiply}
    found = compile_expression(f"a {sign} b").evaluate({"a": a, "b": b})
    assert found == operations[sign](Decimal(a), Decimal(b))
    assert len(Decimal(found).as_tuple().digits) <= 34


@given(numbers, numbers)
def test_division_is_that_of_decimals(a: Any, b: Any) -> None:
    found = run("get or else(a / b, null)", {"a": a, "b": b})
    assert found == (None if b == 0 else CONTEXT.divide(Decimal(a), Decimal(b)))


@given(numbers, numbers)
def test_order_is_total(a: Any, b: Any) -> None:
    scope = {"a": a, "b": b}
    signs = {"<": a < b, "<=": a <= b, "=": a == b, "!=": a != b, ">": a > b, ">=": a >= b}
    assert {sign: run(f"a {sign} b", scope) for sign in signs} == signs
    assert run("a in [b..b]", scope) is (a == b)


@given(ints, st.integers(min_value=1, max_value=10**6))
def test_modulo_has_the_sign_of_the_divisor(a: int, b: int) -> None:
    assert run("modulo(a, b)", {"a": a, "b": b}) == a % b
    assert run("modulo(a, b)", {"a": a, "b": -b}) == a % -b


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_the_decimal_of_its_digits(value: float) -> None:
    assert run("x", {"x": value}) == Decimal(repr(value))
    assert from_json([value]) == [Decimal(repr(value))]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity"), object(), {1, 2}])
def test_what_is_no_json_value_is_refused(value: Any) -> None:
    for attempt in (lambda: to_json({"a": [value]}), lambda: from_json(value), lambda: run("x + 1", {"x": value})):
        with pytest.raises(AuthorError) as caught:
            attempt()
        assert caught.value.code == "FEEL_VALUE"


def test_functions_and_ranges_do_not_leave() -> None:
    for text in ("function(x) x", "[1..2]", "[count]", "{a: (> 5)}"):
        with pytest.raises(AuthorError) as caught:
            run(text)
        assert caught.value.code == "FEEL_VALUE"


@given(values)
def test_json_survives(value: Any) -> None:
    assert to_json(from_json(value)) == value
    assert run("x", {"x": value}) == value
    assert run("{k: [x]}.k[1]" if value is not None else "x", {"x": value}) == value


@pytest.mark.slow
@given(values, values)
def test_equality_is_that_of_json(a: Any, b: Any) -> None:
    same_kind = type(a) is type(b) or {type(a), type(b)} <= {int, Decimal}
    if same_kind and a is not None:
        assert run("[a] = [b]", {"a": a, "b": b}) == (_tagged(a) == _tagged(b))
    assert run("[a] = [a]", {"a": a}) is True


def _tagged(value: Any) -> Any:
    """True is not 1."""
    if isinstance(value, list):
        return [_tagged(item) for item in value]
    if isinstance(value, dict):
        return {key: _tagged(item) for key, item in value.items()}
    return (isinstance(value, bool), value)


PIECES = [
    *BUILTINS, "1", "2.5", '"a"', '@"2024-01-01"', '@"P1D"', "x", "xs", "y.z", "null", "true", "(", ")", "[", "]", "{", "}", ",",
    "..", "+", "-", "*", "/", "**", "=", "!=", "<", ">=", "and", "or", "in", "between", "if", "then", "else", "for", "return",
    "some", "every", "satisfies", "function", "instance of", "number", "list<", ">", ":", ".", "?", "'", "&&", "item", "partial",
]  # fmt: skip
CODES = {"", "FEEL_SYNTAX", "FEEL_NAME", "FEEL_TYPE", "FEEL_MISSING", "FEEL_VALUE", "FEEL_BUDGET"}
HOSTILE = {"x": 5, "xs": [1, 2, 3], "y": {"z": "t"}}


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join), st.booleans())
def test_any_pieces_end_in_a_value_or_a_typed_error(text: str, strict: bool) -> None:
    assert code_of(lambda: compile_expression(text, strict=strict).evaluate(HOSTILE)) in CODES
    assert code_of(lambda: compile_unary_tests(text, strict=strict).test(5, HOSTILE)) in CODES


@given(st.text(max_size=40), st.booleans())
def test_any_text_ends_in_a_value_or_a_typed_error(text: str, strict: bool) -> None:
    assert code_of(lambda: compile_expression(text, strict=strict).evaluate(HOSTILE)) in CODES


@given(st.sampled_from(sorted(BUILTINS)), st.lists(st.one_of(values, st.floats()), max_size=4))
def test_built_ins_take_any_arguments(name: str, arguments: list[Any]) -> None:
    scope = {f"a{index}": value for index, value in enumerate(arguments)}
    text = f"{name}({', '.join(scope)})"
    assert code_of(lambda: compile_expression(text).evaluate(scope)) in CODES
    assert code_of(lambda: compile_expression(text, strict=False).evaluate(scope)) in {"", "FEEL_BUDGET"}


HOSTILE_TEXTS = ["x.__class__", "__import__", "x.__init__.__globals__", "y.keys()", "xs.append(1)", "().x", "y.get"]


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_pythons_attributes_are_out_of_reach(text: str) -> None:
    with pytest.raises(AuthorError):
        compile_expression(text).evaluate(HOSTILE)


PROBE = """
import json, sys
from worktrail.feel import compile_expression, to_json
rows, scope = json.load(sys.stdin)
found = []
for text in rows:
    expression = compile_expression(text, names=["c", "a", "b", "xs", "the long name"])
    found.append([json.dumps(to_json(expression.evaluate(scope)), default=str), sorted(expression.paths)])
try:
    compile_expression("unknwn", names=["c", "a", "b", "unknown"])
except Exception as error:
    found.append(str(error))
print(json.dumps(found))
"""


def test_the_hash_seed_changes_nothing() -> None:
    texts = [
        "{z: 1, y: 2, x: {b: a, a: b}}", "distinct values([3, 1, 3, 2])", 'get entries({q: 1, p: 2})', "the long name + 1",
        "context merge([{b: 1, a: 2}, {c: 3}])", 'c in ("x", "y", "z")', "union(xs, [9, 8])", "mode([3, 3, 1, 1])",
        "string({k: a})",
    ]  # fmt: skip
    scope = {"a": 1, "b": [2], "c": "z", "xs": [5, 4], "the long name": 1}
    source = str(Path(__file__).resolve().parents[2] / "src")
    sent = json.dumps([texts, scope])
    answers = set()
    for seed in ("0", "1", "4711"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": source, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-c", PROBE],
            input=sent,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        answers.add(done.stdout)
    assert len(answers) == 1


def test_the_tables_hold_every_built_in() -> None:
    texts = " ".join(text for name in ("builtins.yaml", "values.yaml") for _, text, _ in rows(name))
    assert [name for name in BUILTINS if f"{name}(" not in texts] == []
    assert table("builtins.yaml")["scope"] == {"xs": [3, 1, 2]}
