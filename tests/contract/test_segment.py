"""Segments as values: made in Python, read in both spellings, written and read again without loss."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.reading import cases, catalog, codes, document, segment
from worktrail.app import JsonSchemaChecker, dump_segment_text, load_segment_text
from worktrail.contract import (
    EdgeDefinition,
    PortDefinition,
    Resources,
    RetryPolicy,
    SegmentDefinition,
    SegmentParams,
    SegmentPolicy,
    SegmentValidationError,
    StepCatalog,
    StepDefinition,
    StepPolicy,
    StepPosition,
    StepUIMetadata,
    errors_of,
    make_lock,
    read_segment,
    segment_json_schema,
)

CHECKER = JsonSchemaChecker()
SCHEMA = segment_json_schema()


def two_steps() -> SegmentDefinition:
    return SegmentDefinition(
        segment_id="fetch_and_ask",
        name="Fetch and ask",
        version="1.0.0",
        steps=[
            StepDefinition(
                step_id="fetch",
                step_type="http_action",
                config={"url": "https://example.org/data"},
                outputs=[PortDefinition(port_id="response", data_type="object")],
            ),
            StepDefinition(
                step_id="ask",
                step_type="llm_agent",
                config={"model": "gpt-4"},
                inputs=[PortDefinition(port_id="context", data_type="object")],
                outputs=[PortDefinition(port_id="answer", data_type="string")],
            ),
        ],
        edges=[EdgeDefinition(source_step="fetch", source_port="response", target_step="ask", target_port="context")],
    )


def test_a_segment_made_by_keywords_validates_and_survives_json() -> None:
    made = two_steps()
    assert made.validate(catalog()) == []
    assert SegmentDefinition.from_json(made.to_json()) == made
    assert made.get_step("ask") is made.steps[1]
    assert made.get_step("nobody") is None
    assert made.get_next_steps("fetch") == [made.steps[1]]
    assert made.get_entry_steps() == [made.steps[0]]


def test_three_steps_without_ports_version_or_entry_point() -> None:
    made = SegmentDefinition(
        segment_id="canvas",
        name="Canvas",
        steps=[
            StepDefinition(step_id="first", step_type="transform", config={"expression": "input"}),
            StepDefinition(step_id="ask", step_type="llm_agent", config={"model": "gpt-4"}),
            StepDefinition(step_id="last", step_type="transform", config={"expression": "output"}),
        ],
        edges=[
            EdgeDefinition(source_step="first", source_port="output", target_step="ask", target_port="input"),
            EdgeDefinition(source_step="ask", source_port="output", target_step="last", target_port="input"),
        ],
    )
    assert errors_of(made.validate()) == []
    assert make_lock(made, StepCatalog.get_instance()).graph.one_end


def test_positions_and_defaults_of_edges() -> None:
    assert EdgeDefinition("a", "x", "b", "y") == EdgeDefinition(
        source_step="a", source_port="x", target_step="b", target_port="y"
    )
    assert EdgeDefinition("a", target_step="b").target_port == "input"
    with pytest.raises(TypeError, match="target_step"):
        EdgeDefinition("a")
    assert SegmentParams is SegmentPolicy


def test_entry_steps_are_those_that_nothing_leads_to() -> None:
    made = segment(
        {
            "steps": [
                {"step_id": "a", "step_type": "work", "policy": {"on_error": {"fallback_step": "c"}}},
                {"b": "work"},
                {"c": "work"},
                {"d": "work"},
            ],
            "edges": ["a -> b"],
        }
    )
    assert [step.step_id for step in made.get_entry_steps()] == ["a", "d"]


# --- the older spelling ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", cases("older"))
def test_the_older_spelling_is_replaced(name: str) -> None:
    case = cases("older")[name]
    assert SegmentDefinition.from_dict(case["older"]).to_dict() == case["written"]
    assert SegmentDefinition.from_dict(case["written"]).to_dict() == case["written"]


def test_null_says_left_out() -> None:
    made = segment({"description": None, "steps": [{"step_id": "a", "step_type": "work", "ui": None}], "x-null": None})
    assert made.description == ""
    assert made.to_dict()["x-null"] is None
    assert codes(read_segment({"segment_id": None, "steps": []})[1]) == {"KEY_MISSING"}


def test_a_default_may_be_null() -> None:
    step = {"step_id": "a", "step_type": "work", "inputs": [{"port_id": "x", "default": None}, "y"]}
    made = segment({"steps": [step]})
    assert made.steps[0].inputs[0].default is None
    assert made.steps[0].inputs[1].default is msgspec.UNSET
    assert made.to_dict()["steps"][0]["inputs"] == [{"port_id": "x", "default": None}, {"port_id": "y"}]


def test_what_is_not_an_object_is_refused() -> None:
    for value in (None, 1, "x", [], [{}]):
        with pytest.raises(SegmentValidationError):
            SegmentDefinition.from_dict(value)


def test_reading_finds_every_mistake_at_once() -> None:
    wrong = {"segment_id": "1", "versoin": "2", "steps": [{"step_id": "a"}, 7], "edges": {}, "policy": {"on_failure": "stop"}}
    _, problems = read_segment(wrong)
    assert [(each.code, each.pointer) for each in problems] == [
        ("ID_INVALID", "/segment_id"),
        ("KEY_UNKNOWN", "/versoin"),
        ("KEY_MISSING", "/steps/0"),
        ("VALUE_TYPE", "/steps/1"),
        ("VALUE_TYPE", "/edges"),
        ("VALUE_RANGE", "/policy/on_failure"),
    ]


# --- round trips ----------------------------------------------------------------------------------------------------

IDS = st.from_regex(r"\A[A-Za-z][A-Za-z0-9_-]{0,5}\Z")
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=3)
EXTENSIONS = st.dictionaries(TEXTS.map("x-{}".format), VALUES, max_size=2)
POSITIVE = st.floats(0.001, 1e6)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


PORTS = st.builds(
    PortDefinition,
    IDS,
    data_type=st.sampled_from(["any", "string", "object", "secret"]),
    required=maybe(st.booleans()),
    description=TEXTS,
    schema=maybe(st.booleans() | OBJECTS),
    default=st.just(msgspec.UNSET) | VALUES,
    many=st.booleans(),
    extensions=EXTENSIONS,
)
LOOKS = st.builds(
    StepUIMetadata,
    position=maybe(st.builds(StepPosition, NUMBERS.filter(lambda n: abs(n) < 2**53), st.integers(-9, 9))),
    color=maybe(TEXTS),
    icon=maybe(TEXTS),
    collapsed=st.booleans(),
    more=st.dictionaries(st.sampled_from(["note", "x-own"]), VALUES, max_size=2),
)
STEP_POLICIES = st.builds(
    StepPolicy,
    retry=maybe(
        st.builds(RetryPolicy, max_attempts=maybe(st.integers(1, 9)), delay_s=maybe(POSITIVE), on=st.lists(TEXTS, max_size=2))
    ),
    timeout_s=maybe(POSITIVE),
    effect=maybe(st.sampled_from(["once", "verify"])),
    on_error=st.sampled_from([None, "fail", "skip"]) | VALUES.map(lambda value: {"continue_with": value}),
)
STEPS = st.builds(
    StepDefinition,
    IDS,
    IDS,
    config=OBJECTS,
    inputs=st.lists(PORTS, max_size=2),
    outputs=st.lists(PORTS, max_size=2),
    type_version=maybe(TEXTS),
    policy=STEP_POLICIES,
    name=TEXTS,
    description=TEXTS,
    ui_metadata=maybe(LOOKS),
    extensions=EXTENSIONS,
)
EDGES = st.builds(
    EdgeDefinition, IDS, IDS, IDS, IDS, condition=maybe(TEXTS), label=TEXTS, edge_id=maybe(IDS), extensions=EXTENSIONS
)
SEGMENTS = st.builds(
    SegmentDefinition,
    IDS,
    name=TEXTS,
    version=TEXTS,
    steps=st.lists(STEPS, min_size=1, max_size=3),
    edges=st.lists(EDGES, max_size=3),
    description=TEXTS,
    parameters=st.dictionaries(IDS, st.fixed_dictionaries({}, optional={"schema": OBJECTS, "default": VALUES}), max_size=2),
    input_schema=maybe(st.booleans() | OBJECTS),
    outputs=maybe(st.dictionaries(IDS, st.tuples(IDS, IDS).map(".".join), max_size=2)),
    resources=st.builds(Resources, llms=st.dictionaries(IDS, VALUES, max_size=2)),
    policy=st.builds(
        SegmentPolicy, timeout_seconds=maybe(POSITIVE), max_retries=maybe(st.integers(0, 9)), parallel=st.booleans()
    ),
    metadata=OBJECTS,
    ui_metadata=OBJECTS,
    extensions=EXTENSIONS,
)


@pytest.mark.slow
@settings(max_examples=30)
@given(SEGMENTS)
def test_nothing_is_lost_through_json_or_yaml(made: SegmentDefinition) -> None:
    assert SegmentDefinition.from_dict(made.to_dict()) == made
    assert SegmentDefinition.from_json(made.to_json()) == made
    assert load_segment_text(dump_segment_text(made, "yaml"), "yaml") == made
    assert SegmentDefinition.from_dict(made.to_dict()).hash == made.hash


@pytest.mark.slow
@settings(max_examples=30)
@given(SEGMENTS)
def test_what_is_written_fits_the_published_schema(made: SegmentDefinition) -> None:
    assert CHECKER.problems(SCHEMA, made.to_dict()) == []


@given(st.recursive(VALUES, lambda inner: st.fixed_dictionaries({"steps": st.lists(inner, max_size=3)}), max_leaves=4))
def test_any_json_value_is_answered_with_problems_not_exceptions(value: Any) -> None:
    made, problems = read_segment({"segment_id": "x", "steps": [value], "edges": [value], "policy": value, "outputs": value})
    assert made is None or problems or isinstance(made, SegmentDefinition)
    if made is not None:
        made.validate(catalog())


@pytest.mark.parametrize("key", ["steps", "edges", "outputs", "parameters", "policy", "resources", "ui_metadata"])
def test_the_published_schema_refuses_what_reading_refuses(key: str) -> None:
    wrong = {**document({"steps": [{"a": "work"}]}), key: 7}
    assert CHECKER.problems(SCHEMA, wrong)
    assert errors_of(read_segment(wrong)[1])
