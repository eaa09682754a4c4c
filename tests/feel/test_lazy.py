"""Values from outside are read where they are needed and never converted as a whole."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.feel.tables import error, run
from worktrail.errors import AuthorError
from worktrail.feel import Function, LazyContext, compile_expression


class Ports:
    """A context that remembers what was asked."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        self.asked: list[str] = []

    def feel_get(self, name: str) -> Any:
        self.asked.append(name)
        return self.values[name]

    def feel_all(self) -> dict[str, Any]:
        self.asked.append("*")
        return self.values


class Explosive(dict[str, Any]):
    """A context that may not be walked."""

    def __iter__(self) -> Any:
        raise AssertionError("the whole context was walked")

    keys = values = items = __iter__  # type: ignore[assignment]


def test_a_lazy_context_is_asked_for_the_paths_alone() -> None:
    ports = Ports({"output": {"score": 0.5, "big": [1] * 1000}, "other": 1})
    assert isinstance(ports, LazyContext)
    scope = {"steps": {"check": ports}}
    assert run("steps.check.output.score > 0.4", scope) is True
    assert ports.asked == ["output"]
    assert run("get or else(steps.check.missing, 1)", scope) == 1
    assert error("steps.check.missing", scope).code == "FEEL_MISSING"
    assert "*" not in ports.asked
    assert run("count(get entries(steps.check))", scope) == 2
    assert "*" in ports.asked


def test_a_whole_context_is_not_walked_for_one_path() -> None:
    value = Explosive(a=Explosive(b=7), c=1.5)
    assert run("v.a.b + v.c", {"v": value}) == Decimal("8.5")


def test_a_scope_may_make_its_values_when_asked() -> None:
    class Names(dict[str, Any]):
        def __missing__(self, name: str) -> Any:
            if name != "late":
                raise KeyError(name)
            return 5

    assert run("late + 1", Names()) == 6
    assert error("later + 1", Names()).code == "FEEL_NAME"


def test_pythons_dates_are_feels() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    scope = {
        "d": dt.date(2024, 2, 29),
        "m": dt.datetime(2024, 2, 29, 10, 30, tzinfo=zone),
        "t": dt.time(10, 30, tzinfo=zone),
        "p": dt.timedelta(days=1, microseconds=500_000),
    }
    texts = {"d": "2024-02-29", "m": "2024-02-29T10:30:00+02:00", "t": "10:30:00+02:00", "p": "P1DT0.5S"}
    assert {name: run(name, scope) for name in scope} == texts
    assert run('d + @"P1D" = @"2024-03-01"', scope) is True


def test_the_time_is_an_argument() -> None:
    with pytest.raises(AuthorError) as caught:
        compile_expression("today()").evaluate({})
    assert caught.value.code == "FEEL_VALUE"
    moment = dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC)
    assert str(compile_expression("now()").evaluate({}, now=moment)) == "2024-05-06T07:08:09Z"


def test_functions_of_the_caller() -> None:
    double = Function("double", ("x",), lambda _run, values: values[0] * 2)
    assert run("double(4) + double(x: 1)", {"double": double}) == 10
    assert run("for x in [1, 2] return double(x)", {"double": double}, names=["double"]) == [2, 4]
    assert error("double(4, 5)", {"double": Function("double", ("x",), _one)}).code == "FEEL_TYPE"


def _one(_run: Any, values: list[Any]) -> Any:
    if len(values) != 1:
        raise AuthorError("FEEL_TYPE", "`double` takes one argument.")
    return values[0]


def test_an_expression_is_used_again_with_other_values() -> None:
    expression = compile_expression("for x in xs return x + y")
    assert [expression.evaluate({"xs": [n], "y": 1}) for n in range(3)] == [[1], [2], [3]]
    growing = compile_expression("{a: [1], b: append(a, x)}.b")
    assert [growing.evaluate({"x": n}) for n in (2, 3)] == [[1, 2], [1, 3]]


def test_inputs_are_never_changed() -> None:
    scope = {"xs": [3, 1, 2], "c": {"a": {"b": 1}}}
    for text in ("sort(xs)", "append(xs, 9)", "reverse(xs)", 'context put(c, ["a", "b"], 5)', "context merge([c, {z: 1}])"):
        run(text, scope)
    assert scope == {"xs": [3, 1, 2], "c": {"a": {"b": 1}}}
