"""The published schema against the tables that read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.reading import CASES, cases, catalog, document
from worktrail.app import JsonSchemaChecker, load_document
from worktrail.contract import SCHEMA_ID, SegmentDefinition, read_segment, segment_json_schema
from worktrail.contract.models import Body, EdgeDefinition, PortDefinition, RetryPolicy, SegmentPolicy, StepDefinition, StepPolicy
from worktrail.contract.reading import parts, whole

CHECKER = JsonSchemaChecker()
SCHEMA = segment_json_schema()
FULL = segment_json_schema(catalog())
DEFS: dict[str, Any] = SCHEMA["$defs"]


def test_it_is_a_json_schema() -> None:
    assert CHECKER.schema_problems(SCHEMA) == []
    assert CHECKER.schema_problems(FULL) == []
    assert SegmentDefinition.json_schema() == SCHEMA
    assert SCHEMA["$id"] == SCHEMA_ID


OBJECTS: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "segment": (SCHEMA, whole.SEGMENT, SegmentDefinition),
    "step": (DEFS["step"], parts.STEP, StepDefinition),
    "edge": (DEFS["edge"], parts.EDGE, EdgeDefinition),
    "port": (DEFS["port"]["anyOf"][1], parts.PORT, PortDefinition),
    "body": (DEFS["body"], parts.BODY, Body),
    "segment policy": (DEFS["segment_policy"], parts.SEGMENT_POLICY, SegmentPolicy),
    "step policy": (DEFS["step_policy"], parts.STEP_POLICY, StepPolicy),
    "retry": (DEFS["step_policy"]["properties"]["retry"], parts.RETRY, RetryPolicy),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_schema_tables_and_models_know_the_same_keys(name: str) -> None:
    schema, table, model = OBJECTS[name]
    written = set(schema["properties"]) - {"worktrail"}
    assert written == set(model.__struct_fields__) - {"extensions"}
    assert set(table) >= written
    assert {row.attribute for row in table.values()} - {"worktrail", "entrypoint", "position", "ui", ""} == written


@pytest.mark.parametrize("code", cases("problems"))
def test_good_segments_fit(code: str) -> None:
    made, problems = read_segment(document(cases("problems")[code]["good"]))
    assert made is not None
    assert not problems
    if made.steps:
        assert CHECKER.problems(FULL, made.to_dict()) == []


DOCUMENT_CODES = (
    "KEY_UNKNOWN",
    "KEY_MISSING",
    "VALUE_TYPE",
    "VALUE_RANGE",
    "ID_INVALID",
    "SCHEMA_VERSION",
    "NO_STEPS",
    "TYPE_UNKNOWN",
    "CONFIG_INVALID",
)


@pytest.mark.parametrize("code", DOCUMENT_CODES)
def test_what_a_schema_can_say_it_says(code: str) -> None:
    assert CHECKER.problems(FULL, document(cases("problems")[code]["bad"]))


def test_configs_and_bodies_are_described_too() -> None:
    def with_body(**step: Any) -> dict[str, Any]:
        return document(
            {"steps": [{"step_id": "m", "step_type": "map", "config": {"body": {"steps": [{"step_id": "i", **step}]}}}]}
        )

    assert CHECKER.problems(FULL, with_body(step_type="work")) == []
    assert CHECKER.problems(FULL, with_body(step_type="wrok"))
    assert CHECKER.problems(FULL, with_body(step_type="llm_agent", config={"temperature": 9}))


@pytest.mark.parametrize("path", sorted((CASES / "locks").glob("*.yaml")), ids=lambda path: path.stem)
def test_specimens_fit(path: Any) -> None:
    case = load_document(path.read_bytes(), "yaml")
    assert CHECKER.problems(FULL, SegmentDefinition.from_dict(document(case["segment"])).to_dict()) == []
