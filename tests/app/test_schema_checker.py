"""The JSON Schema checker: what it says, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from worktrail.app import JsonSchemaChecker
from worktrail.contract import SchemaChecker, SchemaProblem


def test_it_is_the_checker_that_the_contract_asks_for() -> None:
    checker: SchemaChecker = JsonSchemaChecker()
    assert checker.problems({"type": "number"}, 1) == []


def test_problems_point_into_the_value() -> None:
    schema = {"properties": {"a/b": {"items": {"type": "number"}}}, "required": ["c"]}
    found = JsonSchemaChecker().problems(schema, {"a/b": [1, "x"]})
    assert sorted(each.pointer for each in found) == ["", "/a~1b/1"]
    assert all(each.message for each in found)


def test_problems_are_bounded() -> None:
    assert len(JsonSchemaChecker().problems({"items": {"type": "number"}}, ["x"] * 1000)) == 20


BAD_SCHEMAS: dict[str, Any] = {
    "a type that is none": {"type": "objekt"},
    "a reference to another document": {"$ref": "https://example.org/schema.json"},
    "a file": {"$ref": "file:///etc/passwd"},
    "a reference to nothing": {"$ref": "#/$defs/nothing"},
    "a pattern that needs backtracking": {"pattern": "(a)\\1"},
    "a pattern that looks ahead": {"pattern": "(?=a)b"},
}


@pytest.mark.parametrize("name", BAD_SCHEMAS)
def test_schemas_that_are_refused(name: str) -> None:
    checker = JsonSchemaChecker()
    (found,) = checker.schema_problems(BAD_SCHEMAS[name])
    assert found.message
    assert checker.problems(BAD_SCHEMAS[name], "b") == [SchemaProblem("", found.message)]


def test_patterns_take_linear_time() -> None:
    """With backtracking this would take longer than the universe has."""
    assert JsonSchemaChecker().problems({"pattern": "^(a+)+$"}, "a" * 5000 + "b")


def test_only_the_newest_draft_is_spoken() -> None:
    schema = {"prefixItems": [{"type": "number"}], "items": False}
    assert JsonSchemaChecker().problems(schema, [1]) == []
    assert JsonSchemaChecker().problems(schema, [1, 2])


def test_many_schemas_push_the_oldest_out() -> None:
    checker = JsonSchemaChecker()
    first = {"const": 0}
    kept = [first, *({"const": number} for number in range(1, 1500))]
    assert all(checker.problems(schema, schema["const"]) == [] for schema in kept)
    assert checker.problems(first, 1)
