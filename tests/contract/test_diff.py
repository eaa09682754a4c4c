"""What changed between two segments."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from tests.contract.reading import segment
from tests.contract.test_segment import SEGMENTS
from worktrail.contract import SegmentDefinition, diff

BASE: dict[str, Any] = {
    "steps": [
        {"step_id": "a", "step_type": "work", "config": {"k": {"x": 1}}, "inputs": ["p", "q"]},
        {"b": "work"},
        {"step_id": "m", "step_type": "map", "config": {"body": {"steps": [{"i": "work"}, {"j": "work"}], "edges": ["i -> j"]}}},
    ],
    "edges": ["a -> b", "b -> m"],
}


def base(**changes: Any) -> SegmentDefinition:
    return segment({**BASE, **changes})


def steps(**changes: dict[str, Any]) -> list[Any]:
    """The steps of BASE, some with other keys."""
    made = base().to_dict()["steps"]
    return [{**step, **changes.get(step["step_id"], {})} for step in made]


CASES: dict[str, tuple[SegmentDefinition, list[dict[str, Any]]]] = {
    "nothing": (base(), []),
    "the layout": (
        base(ui_metadata={"zoom": 2}, steps=steps(a={"ui_metadata": {"position": {"x": 9, "y": 9}}, "name": ""})),
        [],
    ),
    "a value deep in a config": (
        base(steps=steps(a={"config": {"k": {"x": 2}}})),
        [{"op": "changed", "pointer": "/steps/0/config/k/x", "step": "a", "before": 1, "after": 2, "effect": True}],
    ),
    "true is not 1": (
        base(steps=steps(a={"config": {"k": {"x": True}}})),
        [{"op": "changed", "pointer": "/steps/0/config/k/x", "step": "a", "before": 1, "after": True, "effect": True}],
    ),
    "1.0 is 1": (base(steps=steps(a={"config": {"k": {"x": 1.0}}})), []),
    "a name": (
        base(steps=steps(b={"name": "B"})),
        [{"op": "added", "pointer": "/steps/1/name", "step": "b", "after": "B", "effect": False}],
    ),
    "an own key": (base(**{"x-own": 1}), [{"op": "added", "pointer": "/x-own", "after": 1, "effect": False}]),
    "metadata": (base(metadata={"by": "me"}), [{"op": "added", "pointer": "/metadata", "after": {"by": "me"}, "effect": False}]),
    "the version": (
        base(version="2"),
        [{"op": "changed", "pointer": "/version", "before": "1.0.0", "after": "2", "effect": True}],
    ),
    "a policy": (
        base(policy={"max_retries": 2}),
        [{"op": "added", "pointer": "/policy", "after": {"max_retries": 2}, "effect": True}],
    ),
    "a step more": (
        base(steps=[*steps(), {"step_id": "z", "step_type": "work"}]),
        [{"op": "added", "pointer": "/steps/3", "step": "z", "after": {"step_id": "z", "step_type": "work"}, "effect": True}],
    ),
    "a step less, and its edges": (
        base(steps=steps()[:2], edges=["a -> b"]),
        [
            {"op": "removed", "pointer": "/steps/2", "step": "m", "before": steps()[2], "effect": True},
            {"op": "removed", "pointer": "/edges/1", "before": {"source_step": "b", "target_step": "m"}, "effect": True},
        ],
    ),
    "a condition": (
        base(edges=["a -> b ? value > 1", "b -> m"]),
        [{"op": "added", "pointer": "/edges/0/condition", "after": "value > 1", "effect": True}],
    ),
    "the order of edges": (
        base(edges=["b -> m", "a -> b"]),
        [
            {
                "op": "moved",
                "pointer": "/edges",
                "before": ["a.output → b.input", "b.output → m.input"],
                "after": ["b.output → m.input", "a.output → b.input"],
                "effect": True,
            }
        ],
    ),
    "a port": (
        base(steps=steps(a={"inputs": [{"port_id": "q", "required": True}]})),
        [
            {"op": "added", "pointer": "/steps/0/inputs/0/required", "step": "a", "after": True, "effect": True},
            {"op": "removed", "pointer": "/steps/0/inputs/0", "step": "a", "before": {"port_id": "p"}, "effect": True},
        ],
    ),
    "inside a body": (
        base(steps=steps(m={"config": {"body": {"steps": [{"step_id": "i", "step_type": "work"}]}}})),
        [
            {
                "op": "removed",
                "pointer": "/steps/2/config/body/steps/1",
                "step": "j",
                "before": {"step_id": "j", "step_type": "work"},
                "effect": True,
            },
            {
                "op": "removed",
                "pointer": "/steps/2/config/body/edges/0",
                "step": "m",
                "before": {"source_step": "i", "target_step": "j"},
                "effect": True,
            },
        ],
    ),
    "outputs": (
        base(outputs={"r": "b.output"}),
        [{"op": "added", "pointer": "/outputs", "after": {"r": "b.output"}, "effect": True}],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_changes(name: str) -> None:
    newer, expected = CASES[name]
    assert [each.to_dict() for each in diff(base(), newer)] == expected


@pytest.mark.slow
@settings(max_examples=40)
@given(SEGMENTS, SEGMENTS)
def test_a_difference_of_hash_is_a_change_with_effect_and_the_other_way_round(
    one: SegmentDefinition, other: SegmentDefinition
) -> None:
    assert diff(one, one) == []
    if one.hash != other.hash:
        assert any(each.effect for each in diff(one, other))
    named = msgspec.structs.replace(one, name=one.name + "!", description="other", metadata={"a": 1}, ui_metadata={"z": 1})
    assert not any(each.effect for each in diff(one, named))
