"""Port fit: fits, needs a transform, cannot."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worktrail.app import JsonSchemaChecker
from worktrail.contract import Fit, PortSpec, port_fit

TYPES: list[tuple[str, str, Fit]] = [
    ("any", "string", Fit.fits),
    ("object", "any", Fit.fits),
    ("integer", "number", Fit.fits),
    ("number", "integer", Fit.transform),
    ("object", "string", Fit.transform),
    ("object", "number", Fit.cannot),
    ("array", "object", Fit.cannot),
    ("secret", "secret", Fit.fits),
    ("secret", "any", Fit.cannot),
    ("secret", "string", Fit.cannot),
    ("string", "secret", Fit.cannot),
    ("any", "secret", Fit.transform),
    ("file", "file", Fit.fits),
    ("file", "any", Fit.fits),
    ("any", "file", Fit.fits),
    ("file", "string", Fit.cannot),
    ("string", "file", Fit.cannot),
    ("money", "number", Fit.fits),
]


@pytest.mark.parametrize(("source", "target", "fit"), TYPES)
def test_data_types(source: str, target: str, fit: Fit) -> None:
    assert port_fit(PortSpec("a", source), PortSpec("b", target))[0] is fit


def test_a_many_port_takes_anything() -> None:
    assert port_fit(PortSpec("a", "object"), PortSpec("b", "number", many=True))[0] is Fit.fits


SCHEMAS: list[tuple[Any, Any, Fit]] = [
    (True, {"type": "string"}, Fit.fits),
    (False, {"type": "string"}, Fit.fits),
    ({"type": "string"}, False, Fit.cannot),
    ({"type": "string"}, {"type": "number"}, Fit.cannot),
    ({"type": ["string", "null"]}, {"type": "string"}, Fit.transform),
    ({"type": "integer"}, {"type": "number"}, Fit.fits),
    ({"type": "number"}, {"type": "integer"}, Fit.transform),
    ({"enum": ["a", "b"]}, {"type": "string"}, Fit.fits),
    ({"enum": ["a", 1]}, {"type": "string"}, Fit.transform),
    ({"const": 2.0}, {"type": "integer"}, Fit.fits),
    ({"enum": ["a"]}, {"enum": ["a", "b"]}, Fit.fits),
    ({"enum": ["a", "c"]}, {"enum": ["a", "b"]}, Fit.transform),
    ({"const": "c"}, {"enum": ["a", "b"]}, Fit.cannot),
    ({"type": "string"}, {"enum": ["a"]}, Fit.transform),
    ({"minimum": 5, "type": "number"}, {"minimum": 1, "type": "number"}, Fit.fits),
    ({"minimum": 1, "type": "number"}, {"minimum": 5, "type": "number"}, Fit.transform),
    ({"maximum": 1, "type": "number"}, {"minimum": 5, "type": "number"}, Fit.cannot),
    ({"type": "object", "required": ["a"]}, {"type": "object", "required": ["a"]}, Fit.fits),
    ({"type": "object"}, {"type": "object", "required": ["a"]}, Fit.transform),
    ({"type": "object", "additionalProperties": False}, {"type": "object", "required": ["a"]}, Fit.cannot),
    (
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
        {"type": "object", "properties": {"a": {"type": "number"}}},
        Fit.cannot,
    ),
    (
        {"type": "object", "properties": {"a": {"type": "string"}}},
        {"type": "object", "properties": {"a": {"type": "number"}}},
        Fit.transform,
    ),
    ({"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "string"}}, Fit.fits),
    ({"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "number"}}, Fit.transform),
    ({"anyOf": [{"type": "string"}]}, {"type": "number"}, Fit.fits),
]


@pytest.mark.parametrize(("source", "target", "fit"), SCHEMAS)
def test_schemas(source: Any, target: Any, fit: Fit) -> None:
    answer, why = port_fit(PortSpec("a", schema=source), PortSpec("b", schema=target))
    assert answer is fit
    assert bool(why) == (fit is not Fit.fits)


LEAVES = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer"},
        {"type": "number", "minimum": 2},
        {"enum": ["a", 1]},
        {"const": None},
        {"type": "boolean"},
    ]
)
SMALL: st.SearchStrategy[dict[str, Any]] = st.recursive(
    LEAVES,
    lambda inner: (
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2)},
            optional={"required": st.lists(st.sampled_from("ab"), unique=True), "additionalProperties": st.just(value=False)},
        )
        | st.fixed_dictionaries({"type": st.just("array"), "items": inner})
    ),
    max_leaves=4,
)
VALUES = st.recursive(
    st.sampled_from([None, True, 1, 2, 2.5, "a", "b"]),
    lambda inner: st.dictionaries(st.sampled_from("ab"), inner, max_size=2) | st.lists(inner, max_size=2),
    max_leaves=4,
)
CHECKER = JsonSchemaChecker()


@given(SMALL, SMALL, VALUES)
def test_the_answers_mean_what_they_say(source: dict[str, Any], target: dict[str, Any], value: Any) -> None:
    """Of the schemas that are fully looked at: a value that leaves arrives where it *fits*, and never where it *cannot*."""
    if CHECKER.problems(source, value):
        return
    fit, _ = port_fit(PortSpec("a", schema=source), PortSpec("b", schema=target))
    arrives = not CHECKER.problems(target, value)
    assert not (arrives and fit is Fit.cannot)
