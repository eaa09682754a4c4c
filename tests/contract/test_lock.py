"""The lock: specimens, policies, ports, what is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.contract.reading import CASES, cases, catalog, segment
from worktrail.app import load_document
from worktrail.contract import (
    CanvasError,
    Lock,
    PortSpec,
    SegmentDefinition,
    SegmentValidationError,
    StepCategory,
    StepTypeMetadata,
    lock_bytes,
    lock_hash,
    make_lock,
    read_lock,
)

SPECIMENS = sorted((CASES / "locks").glob("*.yaml"))


def lock_of(short: dict[str, Any], **children: tuple[str, str]) -> Lock:
    return make_lock(segment(short), catalog(), children=children)


@pytest.mark.parametrize("path", SPECIMENS, ids=lambda path: path.stem)
def test_a_specimen_is_locked_as_it_always_was(path: Any) -> None:
    """Engine and stored runs depend on these bytes: a difference needs a new LOCK_VERSION."""
    case = load_document(path.read_bytes(), "yaml")
    children = {name: tuple(pair) for name, pair in case.get("children", {}).items()}
    made = make_lock(segment(case["segment"]), catalog(), children=children)
    assert msgspec.json.decode(lock_bytes(made)) == case["lock"]
    assert lock_hash(made) == case["hash"]
    assert read_lock(lock_bytes(made)) == made


def test_there_are_specimens() -> None:
    assert len(SPECIMENS) >= 3


def test_the_same_segment_gives_the_same_bytes() -> None:
    for case in cases("problems").values():
        if not case.get("others") and case.get("checker", True) and case["good"]["steps"]:
            assert lock_bytes(lock_of(case["good"])) == lock_bytes(lock_of(case["good"]))


def turned(value: Any) -> Any:
    """`value` with the keys of every object in the opposite order."""
    if isinstance(value, dict):
        return {key: turned(value[key]) for key in reversed(value)}
    return [turned(each) for each in value] if isinstance(value, list) else value


def test_the_order_of_keys_does_not_show() -> None:
    for path in SPECIMENS:
        short = load_document(path.read_bytes(), "yaml")["segment"]
        made, other = segment(short), SegmentDefinition.from_dict(turned(segment(short).to_dict()))
        children = {"score": ("sha256:aaaa", "sha256:bbbb")}
        assert lock_hash(make_lock(made, catalog(), children=children)) == lock_hash(
            make_lock(other, catalog(), children=children)
        )


# --- policies: step > segment > type ---------------------------------------------------------------------------------

GET = {"url": "https://example.org"}
RETRIES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    # name: (segment policy, step, expected in the lock)
    "nothing said": ({}, {"step_type": "work"}, {"max_attempts": 1, "delay_s": 1.0, "backoff": 2.0, "max_delay_s": 60.0}),
    "by the type": ({}, {"step_type": "http_action", "config": GET}, {"max_attempts": 4}),
    "a request that changes something": (
        {},
        {"step_type": "http_action", "config": {**GET, "method": "POST"}},
        {"max_attempts": 1},
    ),
    "a body makes it a POST": ({}, {"step_type": "http_action", "config": {**GET, "body": 1}}, {"max_attempts": 1}),
    "by the segment": ({"max_retries": 2, "retry_delay": 5}, {"step_type": "work"}, {"max_attempts": 3, "delay_s": 5.0}),
    "none by the segment": ({"max_retries": 0}, {"step_type": "http_action", "config": GET}, {"max_attempts": 1}),
    "by the step": (
        {"max_retries": 2, "retry_delay": 5},
        {"step_type": "work", "policy": {"retry": {"max_attempts": 7}}},
        {"max_attempts": 7, "delay_s": 5.0, "retry_set": True},
    ),
    "the older key": ({"max_retries": 9}, {"step_type": "http_action", "config": {**GET, "retry_count": 1}}, {"max_attempts": 2}),
    "once takes no other's": (
        {"max_retries": 2, "retry_delay": 5},
        {"step_type": "http_action", "config": GET, "policy": {"effect": "once"}},
        {"max_attempts": 1, "delay_s": 1.0, "effect": "once", "retry_set": False},
    ),
    "once with its own": (
        {"max_retries": 2},
        {"step_type": "work", "policy": {"effect": "once", "retry": {"max_attempts": 2, "on": ["E1"]}}},
        {"max_attempts": 2, "on": ("E1",), "retry_set": True},
    ),
    "only handlers take the segment's": (
        {"max_retries": 2, "step_timeout": 9},
        {"step_type": "transform", "config": {"expression": "input"}},
        {"max_attempts": 1, "timeout_s": None},
    ),
    "the segment's time-out": ({"step_timeout": 9}, {"step_type": "work"}, {"timeout_s": 9}),
    "the step's time-out": ({"step_timeout": 9}, {"step_type": "work", "policy": {"timeout_s": 3}}, {"timeout_s": 3}),
    "deadline": ({}, {"step_type": "work", "policy": {"deadline_s": 30}}, {"deadline_s": 30}),
    "skip": ({}, {"step_type": "work", "policy": {"on_error": "skip"}}, {"on_error": "skip"}),
    "a literal": (
        {},
        {"step_type": "work", "policy": {"on_error": {"continue_with": {"a": 1}}}},
        {"on_error": "continue", "continue_with": {"a": 1}, "continue_expression": False},
    ),
    "an expression inside": (
        {},
        {"step_type": "work", "policy": {"on_error": {"continue_with": {"a": "=error.error_code"}}}},
        {"on_error": "continue", "continue_with": {"a": "=error.error_code"}, "continue_expression": True},
    ),
}


@pytest.mark.parametrize("name", RETRIES)
def test_policies_are_merged(name: str) -> None:
    policy, step, expected = RETRIES[name]
    made = lock_of({"policy": policy, "steps": [{"step_id": "a", **step}]}).graph.steps[0].policy
    assert {key: getattr(made, key) for key in expected} == expected


def test_on_failure_is_inherited_and_may_be_set_inside() -> None:
    inner = {
        "step_id": "n",
        "step_type": "map",
        "config": {"body": {"policy": {"on_failure": "incident"}, "steps": [{"w": "work"}]}},
    }
    outer = {"step_id": "m", "step_type": "map", "config": {"body": {"steps": [inner]}}}
    made = lock_of({"policy": {"on_failure": "finish_rest", "allow_empty": True, "parallel": False}, "steps": [outer]}).graph
    assert (made.policy.on_failure, made.policy.allow_empty, made.policy.parallel) == ("finish_rest", True, False)
    body = made.steps[0].body
    assert body is not None
    assert (body.policy.on_failure, body.policy.allow_empty, body.policy.parallel) == ("finish_rest", False, True)
    innermost = body.steps[0].body
    assert innermost is not None
    assert innermost.policy.on_failure == "incident"


# --- ports ----------------------------------------------------------------------------------------------------------

OUTS: dict[str, tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    "of the type": ({"step_type": "http_action", "config": GET}, ("response", "status"), ()),
    "declared": ({"step_type": "http_action", "config": GET, "outputs": ["x"]}, ("x",), ()),
    "error is never listed": ({"step_type": "work", "outputs": ["x", "error"]}, ("x",), ()),
    "cases, default last": (
        {"step_type": "switch", "config": {"cases": [{"port": "b", "when": "1"}, {"port": "a", "when": "2"}]}},
        ("b", "a", "default"),
        ("default",),
    ),
    "branches": ({"step_type": "parallel_split", "config": {"branches": 3}}, ("branch_1", "branch_2", "branch_3"), ()),
    "branches by the older key": ({"step_type": "parallel_split", "config": {"branch_count": 2}}, ("branch_1", "branch_2"), ()),
    "collected errors": (
        {"step_type": "map", "config": {"body": {"steps": [{"w": "work"}]}, "on_item_failure": "collect"}},
        ("results", "errors"),
        (),
    ),
    "no collected errors": ({"step_type": "map", "config": {"body": {"steps": [{"w": "work"}]}}}, ("results",), ()),
    "a person's": (
        {"step_type": "human_task"},
        ("approved", "rejected", "modified", "expired"),
        ("rejected", "modified", "expired"),
    ),
    "a person's, some described": (
        {"step_type": "human_task", "outputs": ["modified", "approved"]},
        ("approved", "rejected", "modified", "expired"),
        ("rejected", "modified", "expired"),
    ),
}


@pytest.mark.parametrize("name", OUTS)
def test_output_ports(name: str) -> None:
    step, outs, outcomes = OUTS[name]
    made = lock_of({"steps": [{"step_id": "a", **step}]}).graph.steps[0]
    assert (made.outs, made.outcomes) == (outs, outcomes)


def test_outcomes_of_a_users_type_stay_behind_declared_ports() -> None:
    made = catalog()
    ports = (PortSpec("out"), PortSpec("late"))
    made.register_type(StepTypeMetadata("ask", StepCategory.HUMAN, "Ask", output_ports=ports, outcomes=("late",)))
    step = make_lock(segment({"steps": [{"step_id": "a", "step_type": "ask", "outputs": ["x", "y"]}]}), made).graph.steps[0]
    assert (step.outs, step.outcomes) == (("x", "y", "late"), ("late",))


def test_a_declared_input_keeps_what_the_type_says_where_it_is_silent() -> None:
    step = {"step_id": "t", "step_type": "transform", "config": {"expression": "input"}, "inputs": [{"port_id": "input"}]}
    join = {"step_id": "j", "step_type": "parallel_join", "inputs": ["input"]}
    made = lock_of({"steps": [step, {"a": "work"}, join], "edges": ["t -> j", "a -> j"]}).graph
    assert made.steps[0].ins[0].required
    assert made.steps[2].ins[0].many
    inputs = [{"port_id": "input", "required": False, "default": None, "schema": False}]
    (port,) = lock_of({"steps": [{**step, "inputs": inputs}]}).graph.steps[0].ins
    assert (port.required, port.has_default, port.default, port.schema) == (False, True, None, {"not": {}})


# --- joins, edges, children, results --------------------------------------------------------------------------------

JOINS = {
    "all": ("all", "list"),
    "any": ("any", "first"),
    "first": ("all_live", "first"),
}


@pytest.mark.parametrize("older", JOINS)
@pytest.mark.parametrize("key", ["join_type", "merge_strategy"])
def test_older_joins(older: str, key: str) -> None:
    join = {"step_id": "j", "step_type": "parallel_join", "config": {key: older}}
    made = lock_of({"steps": [{"a": "work"}, {"b": "work"}, join], "edges": ["a -> j", "b -> j"]}).graph.steps[2]
    assert made.join is not None
    assert (made.join.mode, made.join.merge) == JOINS[older]
    assert key not in made.config


def test_a_fallback_becomes_an_edge_behind_the_written_ones() -> None:
    steps = [{"step_id": "a", "step_type": "work", "policy": {"on_error": {"fallback_step": "c"}}}, {"b": "work"}, {"c": "work"}]
    made = lock_of({"steps": steps, "edges": ["a -> b"]}).graph
    assert [(edge.source, edge.port, edge.target, edge.to) for edge in made.edges] == [
        (0, "output", 1, "input"),
        (0, "error", 2, "input"),
    ]
    assert made.steps[0].policy.on_error == "fail"


def test_what_expressions_read_travels_in_the_lock() -> None:
    steps = [
        {"a": "work"},
        {"b": "work"},
        {"step_id": "t", "step_type": "transform", "config": {"mapping": {"x": ["=steps.a.output"]}}},
    ]
    made = lock_of(
        {"steps": steps, "edges": ["a -> b ? value = steps.a.output", "b -> t ? steps.b.output > steps.a.output"]}
    ).graph
    assert [edge.steps for edge in made.edges] == [("a",), ("a", "b")]
    assert [step.reads for step in made.steps] == [(), (), ("a",)]


def test_children_are_pinned_by_hash() -> None:
    short = {
        "resources": {"segments": {"sub": {"segment_id": "other"}}},
        "steps": [{"step_id": "s", "step_type": "subsegment", "config": {"segment": "sub"}}],
    }
    made = lock_of(short, sub=("sha256:c", "sha256:l"))
    assert made.graph.steps[0].child == "sha256:c"
    assert made.children == {"sha256:c": "sha256:l"}
    with pytest.raises(CanvasError) as caught:
        lock_of(short)
    assert (caught.value.code, caught.value.pointer) == ("LOCK_CHILD", "/steps/0/config/segment")


def test_only_a_segment_without_errors_gets_a_lock() -> None:
    with pytest.raises(SegmentValidationError) as caught:
        lock_of({"steps": [{"a": "work"}], "edges": ["a -> a"]})
    assert caught.value.problems[0].code == "CYCLE"


ENDS: dict[str, tuple[dict[str, Any], list[str], bool]] = {
    "one": ({"steps": [{"a": "work"}, {"b": "work"}], "edges": ["a -> b"]}, ["b"], True),
    "an error edge is no way on": ({"steps": [{"a": "work"}, {"b": "work"}], "edges": ["a.error -> b"]}, ["a", "b"], False),
    "nor is an outcome": ({"steps": [{"h": "human_task"}, {"b": "work"}], "edges": ["h.rejected -> b"]}, ["h", "b"], False),
    "a data port is": ({"steps": [{"h": "human_task"}, {"b": "work"}], "edges": ["h.approved -> b"]}, ["b"], True),
}


@pytest.mark.parametrize("name", ENDS)
def test_ends(name: str) -> None:
    short, ends, one = ENDS[name]
    made = lock_of(short).graph
    assert ([step.id for step in made.steps if step.end], made.one_end) == (ends, one)


def test_outputs_are_numbers_and_ports() -> None:
    made = lock_of({"outputs": {"r": "b.output"}, "steps": [{"a": "work"}, {"b": "work"}], "edges": ["a -> b"]}).graph
    assert made.outputs == {"r": (1, "output")}
