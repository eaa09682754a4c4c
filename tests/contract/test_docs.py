"""`docs/contract.md` names the step types, ports, keys and bounds that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from worktrail.contract import BUILTIN_TYPES, MAX_EDGES, MAX_FAN_OUT, MAX_NESTING, MAX_STEPS, StepTypeMetadata
from worktrail.contract.models import (
    BodyPolicy,
    EdgeDefinition,
    PortDefinition,
    RetryPolicy,
    SegmentPolicy,
    StepDefinition,
    StepPolicy,
)
from worktrail.contract.validation.expressions import RUN_KEYS

PAGE = (Path(__file__).parents[2] / "docs" / "contract.md").read_text(encoding="utf-8")
DERIVED = {"switch": "one a case, default!", "parallel_split": "branch_1 … branch_n", "map": "results, errors (with `collect`)"}


def test_the_page_lists_the_builtin_types_and_no_others() -> None:
    assert re.findall(r"^\| `(\w+)` \| \w+ \| \w+ \| ", PAGE, re.MULTILINE) == [kind.type_id for kind in BUILTIN_TYPES]


@pytest.mark.parametrize("kind", BUILTIN_TYPES, ids=lambda kind: kind.type_id)
def test_a_type_has_the_kind_the_ports_and_the_keys_that_the_page_says(kind: StepTypeMetadata) -> None:
    hit = re.search(rf"^\| `{kind.type_id}` \| (\w+) \| (\w+) \| (.*?) \| (.*?) \| (.*) \|$", PAGE, re.MULTILINE)
    assert hit is not None
    category, said_kind, ins, outs, config = hit.groups()
    assert (category, said_kind) == (kind.category.value, kind.kind)
    marks = [p.port_id + " (required)" * p.required + " (many)" * p.many for p in kind.input_ports]
    assert ins == ", ".join(marks)
    assert outs == DERIVED.get(kind.type_id, ", ".join(p.port_id + "!" * (p.port_id in kind.outcomes) for p in kind.output_ports))
    for key, rule in kind.config_schema["properties"].items():
        named = re.search(rf"\b{key}\b", config) is not None
        assert named != bool(rule.get("deprecated")), key
    assert re.findall(r"\*\*(\w+)\*\*", config) == kind.config_schema.get("required", [])


@pytest.mark.parametrize(
    "model", [StepDefinition, PortDefinition, EdgeDefinition, SegmentPolicy, BodyPolicy, StepPolicy, RetryPolicy]
)
def test_every_key_is_named(model: type) -> None:
    for key in set(model.__struct_fields__) - {"extensions"}:  # type: ignore[attr-defined]
        assert re.search(rf"\b{key}\b", PAGE), key


def test_bounds_and_keys_are_those_of_the_code() -> None:
    assert f"At most {MAX_STEPS:,} steps and {MAX_EDGES:,} edges (bodies included), {MAX_FAN_OUT} edges" in PAGE
    assert f"{MAX_NESTING} bodies and sub-segments inside one" in PAGE
    assert " ".join(f"`run` has {', '.join(RUN_KEYS[:-1])} and {RUN_KEYS[-1]}".split()) in " ".join(PAGE.split())
