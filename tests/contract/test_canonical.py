"""The hash: independent of what does not run, dependent on what does."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import msgspec
import pytest

from tests.contract.reading import cases, segment
from worktrail.contract import CanvasError, SegmentDefinition, StepDefinition, canonical_bytes, segment_hash

BASE: dict[str, Any] = {
    "parameters": {"limit": {"schema": {"type": "number"}, "default": 1}},
    "policy": {"max_retries": 2},
    "steps": [
        {"step_id": "a", "step_type": "work", "config": {"k": [1, {"z": 1, "b": 2}]}, "inputs": ["x"]},
        {"b": "work"},
        {"step_id": "m", "step_type": "map", "config": {"body": {"steps": [{"i": "work"}, {"j": "work"}], "edges": ["i -> j"]}}},
    ],
    "edges": ["a -> b", "b -> m"],
}


def changed(path: str, value: Any) -> SegmentDefinition:
    """BASE with one value set, by a dotted path; numbers count in lists."""
    made = segment(BASE).to_dict()
    *way, last = path.split(".")
    here: Any = made
    for part in way:
        here = here[int(part)] if isinstance(here, list) else here.setdefault(part, {})
    if isinstance(here, list):
        here[int(last)] = value
    else:
        here[last] = value
    return SegmentDefinition.from_dict(made)


NO_EFFECT = {
    "name": "Other",
    "description": "Other",
    "metadata": {"by": "me"},
    "ui_metadata": {"viewport": 1},
    "x-own": 1,
    "parameters.limit.description": "how much",
    "steps.0.name": "First",
    "steps.0.description": "First",
    "steps.0.ui_metadata": {"position": {"x": 1, "y": 2}},
    "steps.0.x-own": 1,
    "steps.0.config.x-own": 1,
    "steps.0.inputs.0.description": "what",
    "edges.0.label": "then",
    "edges.0.edge_id": "e1",
    "edges.0.x-own": 1,
    "steps.2.config.body.steps.0.ui_metadata": {"color": "red"},
    "steps.2.config.body.edges.0.edge_id": "inner",
    "policy.parallel": True,
    "steps.0.inputs.0.data_type": "any",
}
EFFECT = {
    "segment_id": "other",
    "version": "2.0.0",
    "parameters.limit.default": 2,
    "input_schema": {"type": "object"},
    "output_schema": {"type": "object"},
    "outputs": {"r": "a.output"},
    "resources": {"llms": ["main"]},
    "policy.max_retries": 3,
    "steps.0.config.k": [1, {"z": 1, "b": 3}],
    "steps.0.type_version": "1",
    "steps.0.policy": {"effect": "once"},
    "steps.0.inputs.0.required": True,
    "steps.0.inputs.0.default": None,
    "edges.0.condition": "true",
    "edges.0.target_port": "x",
    "steps.2.config.body.steps.0.step_id": "k",
    "steps.2.config.body.policy": {"allow_empty": True},
}


@pytest.mark.parametrize("path", NO_EFFECT)
def test_what_does_not_run_is_not_hashed(path: str) -> None:
    assert changed(path, NO_EFFECT[path]).hash == segment(BASE).hash


@pytest.mark.parametrize("path", EFFECT)
def test_what_runs_is_hashed(path: str) -> None:
    assert changed(path, EFFECT[path]).hash != segment(BASE).hash


def test_order_counts_where_rules_count_it() -> None:
    made = segment(BASE)
    for key in ("steps", "edges"):
        turned = msgspec.structs.replace(made, **{key: list(reversed(getattr(made, key)))})
        assert turned.hash != made.hash


def test_the_order_of_keys_and_the_writing_of_numbers_do_not_count() -> None:
    one = SegmentDefinition.from_json(
        '{"segment_id":"s","policy":{"timeout_seconds":300},"steps":[{"step_id":"a","step_type":"w"}]}'
    )
    other = SegmentDefinition.from_json(
        '{"steps":[{"step_type":"w","step_id":"a"}],"policy":{"timeout_seconds":3.0e2},"segment_id":"s"}'
    )
    assert one.hash == other.hash


def test_the_older_spelling_has_the_hash_of_what_is_written_for_it() -> None:
    for case in cases("older").values():
        assert SegmentDefinition.from_dict(case["older"]).hash == SegmentDefinition.from_dict(case["written"]).hash


def test_a_body_made_in_python_is_hashed_as_it_is_read() -> None:
    made = segment(BASE)
    older = {
        "steps": [{"step_id": "i", "type": "work", "name": "I"}, {"step_id": "j", "type": "work"}],
        "edges": [{"from": "i", "to": "j"}],
    }
    steps = [*made.steps[:2], msgspec.structs.replace(made.steps[2], config={"body": older})]
    assert msgspec.structs.replace(made, steps=steps).hash == made.hash


def test_the_form_and_the_hash_are_pinned() -> None:
    """A change of this specimen changes every hash ever stored."""
    made = segment({"steps": [{"step_id": "a", "step_type": "work", "name": "A"}], "policy": {"retry_delay": 0.5}})
    form = (
        b'{"edges":[],"policy":{"retry_delay":0.5},"segment_id":"case",'
        b'"steps":[{"step_id":"a","step_type":"work"}],"version":"1.0.0","worktrail":1}'
    )
    assert canonical_bytes(made) == form
    assert segment_hash(made) == "sha256:" + hashlib.sha256(form).hexdigest()
    assert re.fullmatch("sha256:[0-9a-f]{64}", made.hash)


@pytest.mark.parametrize("value", [2**60, float("nan"), "\ud800", {"\ud800": 1}, object()])
def test_what_cannot_be_kept_exactly_has_no_hash(value: Any) -> None:
    made = SegmentDefinition("s", steps=[StepDefinition("a", "work", config={"v": value})])
    with pytest.raises(CanvasError) as caught:
        segment_hash(made)
    assert caught.value.code == "SEGMENT_INVALID"
