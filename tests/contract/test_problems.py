"""Every code of the table has a case where it stands and one where it does not; the documents name the same codes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.contract.reading import cases, catalog, codes, document, problems_of, segment
from worktrail.contract import (
    MAX_EDGES,
    MAX_FAN_OUT,
    MAX_NESTING,
    MAX_STEPS,
    PROBLEMS,
    EdgeDefinition,
    Problem,
    SegmentDefinition,
    SegmentValidationError,
    StepDefinition,
    read_segment,
)

CASES: dict[str, dict[str, Any]] = cases("problems")
DOCS = Path(__file__).parents[2] / "docs" / "contract.md"


def looked_at(case: dict[str, Any], which: str) -> list[Problem]:
    return problems_of(case[which], others=case.get("others", ()), checker=case.get("checker", True))


@pytest.mark.parametrize("code", CASES)
def test_a_bad_segment_has_the_problem(code: str) -> None:
    found = [each for each in looked_at(CASES[code], "bad") if each.code == code]
    assert [each.pointer for each in found] == [CASES[code]["at"]]
    assert found[0].severity == PROBLEMS[code].severity
    assert found[0].message
    assert found[0].hint


@pytest.mark.parametrize("code", CASES)
def test_a_good_segment_does_not(code: str) -> None:
    found = looked_at(CASES[code], "good")
    assert code not in codes(found)
    assert not [str(each) for each in found if each.severity == "error" and each.code != "NO_STEPS"]


def works(count: int) -> list[StepDefinition]:
    return [StepDefinition(f"s{number}", "work") for number in range(count)]


def chain(count: int) -> list[EdgeDefinition]:
    return [EdgeDefinition(f"s{number}", target_step=f"s{number + 1}") for number in range(count - 1)]


def nested(depth: int) -> SegmentDefinition:
    """A segment with `depth` bodies inside one another."""
    inner: dict[str, Any] = {"step_id": "w", "step_type": "work"}
    for _ in range(depth):
        inner = {"step_id": "m", "step_type": "map", "config": {"body": {"steps": [inner]}}}
    return segment({"steps": [inner]})


def deep(levels: int) -> dict[str, Any]:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return {"steps": [{"step_id": "a", "step_type": "work", "config": {"v": value}}]}


def fan(count: int) -> SegmentDefinition:
    edges = [EdgeDefinition("s0", target_step=f"s{number}") for number in range(1, count + 1)]
    return SegmentDefinition("fan", steps=works(count + 1), edges=edges)


def of(made: SegmentDefinition) -> set[str]:
    return codes(made.validate(catalog()))


GENERATED: dict[str, tuple[set[str], set[str]]] = {
    "SIZE_EXCEEDED": (
        of(SegmentDefinition("long", steps=works(MAX_STEPS + 1), edges=chain(MAX_STEPS + 1))),
        of(SegmentDefinition("long", steps=works(MAX_STEPS), edges=chain(MAX_STEPS))),
    ),
    "NESTING_EXCEEDED": (of(nested(MAX_NESTING + 1)), of(nested(MAX_NESTING))),
    "FAN_OUT_EXCEEDED": (of(fan(MAX_FAN_OUT + 1)), of(fan(MAX_FAN_OUT))),
    "DEPTH_EXCEEDED": (codes(read_segment(document(deep(130)))[1]), codes(read_segment(document(deep(100)))[1])),
    "TEXT_INVALID": (codes(problems_of({"name": "\ud800", "steps": []})), codes(problems_of({"name": "😀", "steps": []}))),
}


@pytest.mark.parametrize("code", GENERATED)
def test_a_large_or_broken_document(code: str) -> None:
    bad, good = GENERATED[code]
    assert code in bad
    assert code not in good


def test_too_many_edges() -> None:
    made = SegmentDefinition("dense", steps=works(3), edges=[EdgeDefinition("s0", target_step="s1")] * (MAX_EDGES + 1))
    found = [each for each in made.validate(catalog()) if each.code == "SIZE_EXCEEDED"]
    assert [each.pointer for each in found] == ["/edges"]


def test_every_code_has_a_case() -> None:
    assert set(CASES) | set(GENERATED) == set(PROBLEMS)
    assert not set(CASES) & set(GENERATED)


def test_the_documents_list_every_code_as_it_is() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\w+) \| (.+?) \| (.+?) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert {code: (severity, meaning, action) for code, severity, meaning, action in rows} == {
        code: tuple(info) for code, info in PROBLEMS.items()
    }


def test_a_problem_has_one_json_shape() -> None:
    (found,) = problems_of({"stepz": 1, "steps": [{"a": "work"}]})
    assert found.to_dict() == {
        "code": "KEY_UNKNOWN",
        "pointer": "/stepz",
        "message": "the document has no key 'stepz'",
        "hint": "Did you mean `steps`? Own data goes under a key that begins with `x-`.",
        "severity": "error",
        "details": {"nearest": "steps"},
    }
    assert str(found).startswith("error KEY_UNKNOWN at /stepz: ")


def test_the_strict_form_raises_with_all_problems() -> None:
    made = segment({"steps": [{"a": "wrok"}, {"a": "work"}]})
    with pytest.raises(SegmentValidationError) as caught:
        made.validate(catalog(), strict=True)
    assert codes(list(caught.value.problems)) == {"TYPE_UNKNOWN", "STEP_TWICE", "ENDS_MANY", "STEP_UNCONNECTED"}
    shape = caught.value.to_dict()
    assert shape["code"] == "SEGMENT_INVALID"
    assert shape["details"]["problems"][0]["code"] == "TYPE_UNKNOWN"
    with pytest.raises(SegmentValidationError):
        made.check(catalog())
    assert segment({"steps": [{"a": "work"}]}).check(catalog()) == []


def test_a_segment_made_in_python_with_wrong_types_is_told_so() -> None:
    made = SegmentDefinition("x", steps=[StepDefinition("a", "work", config=[1])])  # type: ignore[arg-type]
    assert [(each.code, each.pointer) for each in made.validate(catalog())] == [("VALUE_TYPE", "/steps/0/config")]


def test_plain_objects_where_parts_are_meant_are_read() -> None:
    steps: Any = [{"step_id": "a", "type": "work"}, {"step_id": "b", "type": "work"}]
    edges: Any = [{"from": "a", "to": "b"}]
    assert SegmentDefinition("x", steps=steps, edges=edges).validate(catalog()) == []


@pytest.mark.parametrize("wrong", [None, 7, [7], [None], "steps"])
def test_steps_that_are_none(wrong: Any) -> None:
    assert codes(SegmentDefinition("x", steps=wrong).validate(catalog())) <= {"VALUE_TYPE", "KEY_MISSING"}
    assert SegmentDefinition("x", steps=wrong).validate(catalog())
