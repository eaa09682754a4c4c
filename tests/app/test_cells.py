"""Cells: what a text means under a schema, as a table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from worktrail.app.batch.cells import OMIT, CellError, columns_of, header_remarks

READ: list[tuple[Any, str, Any]] = [
    # schema of the property, text, value (an exception's fragment where it is refused)
    (None, "12", "12"),
    ({}, "12", "12"),
    ({"type": "string"}, "12", "12"),
    ({"type": "string"}, "", ""),
    ({"type": "integer"}, "12", 12),
    ({"type": "integer"}, " -12 ", -12),
    ({"type": "integer"}, "123456789012345678901234567890", 123456789012345678901234567890),
    ({"type": "integer"}, "12.0", CellError),
    ({"type": "integer"}, "1e3", CellError),
    ({"type": "integer"}, "x", CellError),
    ({"type": "integer"}, "", CellError),
    ({"type": "integer"}, "٣", CellError),
    ({"type": "number"}, "9.990", Decimal("9.990")),
    ({"type": "number"}, "0.1", Decimal("0.1")),
    ({"type": "number"}, "7", 7),
    ({"type": "number"}, "1e-3", Decimal("0.001")),
    ({"type": "number"}, "1,5", CellError),
    ({"type": "number"}, "nan", CellError),
    ({"type": "number"}, "Infinity", CellError),
    ({"type": "number"}, "9" * 500, CellError),
    ({"type": "boolean"}, "true", True),
    ({"type": "boolean"}, "No", False),
    ({"type": "boolean"}, "1", True),
    ({"type": "boolean"}, "maybe", CellError),
    ({"type": ["boolean", "integer"]}, "1", 1),
    ({"type": ["integer", "null"]}, "", None),
    ({"type": ["integer", "null"]}, "null", None),
    ({"type": ["integer", "null"]}, "5", 5),
    ({"type": ["string", "null"]}, "null", "null"),
    ({"type": ["string", "null"]}, "", None),
    ({"type": ["integer", "string"]}, "5", 5),
    ({"type": ["integer", "string"]}, "5a", "5a"),
    ({"type": "array"}, "[1, 2.50]", [1, Decimal("2.50")]),
    ({"type": "array"}, '{"a": 1}', CellError),
    ({"type": "object"}, '{"a": 1}', {"a": 1}),
    ({"type": "object"}, "{a: 1}", CellError),
    ({"enum": ["a", 1, True]}, "a", "a"),
    ({"enum": ["a", 1, True]}, "1", 1),
    ({"enum": ["a", 1, True]}, "true", True),
    ({"enum": ["a", 1]}, "b", CellError),
    ({"type": "string", "enum": ["", "a"]}, "", ""),
    ({"const": 5}, "5", 5),
    ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "", None),
    ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "4", 4),
    ({"$ref": "#/$defs/amount"}, "1.10", Decimal("1.10")),
    ({"$ref": "#/$defs/nowhere"}, "1.10", "1.10"),
    ({"$ref": "#/$defs/loop"}, "1.10", "1.10"),
]
DEFS = {"amount": {"type": "number"}, "loop": {"$ref": "#/$defs/loop"}}


@pytest.mark.parametrize(("schema", "text", "value"), READ)
def test_a_required_cell(schema: Any, text: str, value: Any) -> None:
    whole = {"type": "object", "properties": {"c": schema}, "required": ["c"], "$defs": DEFS} if schema is not None else None
    column = columns_of(["c"], whole)[0]
    if value is CellError:
        with pytest.raises(CellError, match="'c'"):
            column.read(text)
        return
    read = column.read(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("kind", ["integer", "number", "boolean", "array", "string"])
def test_an_empty_cell_of_an_optional_property_is_left_out(kind: str) -> None:
    column = columns_of(["c"], {"properties": {"c": {"type": kind}}})[0]
    assert column.read("") is OMIT


def test_dotted_names_go_into_nested_objects_only_where_the_schema_has_them() -> None:
    inner = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
    schema = {"properties": {"customer": inner, "a.b": {"type": "integer"}}, "required": ["customer"]}
    columns = columns_of(["customer.id", "a.b", "x.y"], schema)
    assert [column.path for column in columns] == [("customer", "id"), ("a.b",), ("x.y",)]
    assert [column.required for column in columns] == [True, False, False]


def test_properties_are_found_through_references_and_all_of() -> None:
    schema = {"$ref": "#/$defs/row", "$defs": {"row": {"allOf": [{"properties": {"n": {"type": "integer"}}, "required": ["n"]}]}}}
    column = columns_of(["n"], schema)[0]
    assert (column.read("3"), column.required) == (3, True)


OPEN = {"required": ["customer", "total"], "properties": {"customer": {}, "total": {}, "place": {"properties": {"city": {}}}}}
CLOSED = {**OPEN, "additionalProperties": False}
HEADERS: list[tuple[Any, str, list[str]]] = [
    (None, "a,b", []),
    ({}, "a,b", []),
    (CLOSED, "customer,total", []),
    (CLOSED, "customer,total,place.city", []),
    (OPEN, "customer,total,more", []),
    (CLOSED, "custmer,total", ["the required column 'customer' is not there; 'custmer' may be meant"]),
    (OPEN, "custmer,total", ["the required column 'customer' is not there; 'custmer' may be meant"]),
    (CLOSED, "customer,total,plce", ["the column 'plce' is not known; did you mean 'place'?"]),
    (CLOSED, "customer,x", ["the required column 'total' is not there", "the column 'x' is not known"]),
    ({"allOf": [OPEN]}, "customer", ["the required column 'total' is not there"]),
    ({"$ref": "#/$defs/row", "$defs": {"row": CLOSED}}, "total", ["the required column 'customer' is not there"]),
    ({**CLOSED, "patternProperties": {"^x": {}}}, "customer,total,x", []),
]


@pytest.mark.parametrize(("schema", "header", "remarks"), HEADERS)
def test_what_a_header_makes_bad_in_every_row(schema: Any, header: str, remarks: list[str]) -> None:
    assert header_remarks(header.split(","), schema) == remarks
