"""Cases of the checks beyond one for and one against each code."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.contract.reading import problems_of, segment
from worktrail.contract import MAX_NESTING, SegmentDefinition, StepCatalog

W: dict[str, Any] = {"w": "work"}


def step(kind: str, **keys: Any) -> dict[str, Any]:
    return {"steps": [{"step_id": "a", "step_type": kind, "config": keys}]}


def joined(**config: Any) -> dict[str, Any]:
    join = {"step_id": "j", "step_type": "parallel_join", "config": config}
    return {"steps": [{"a": "work"}, {"b": "work"}, join], "edges": ["a -> j", "b -> j"]}


def asked(edges: list[str], **more: Any) -> dict[str, Any]:
    return {"steps": [{"h": "human_task"}, {"a": "work"}, {"b": "work"}], "edges": edges, **more}


CASES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    # a segment, a code, where it stands
    "two unknown ends": ({"steps": [W], "edges": ["x -> y"]}, "STEP_UNKNOWN", ["/edges/0/source_step", "/edges/0/target_step"]),
    "a step that leads to itself": ({"steps": [W], "edges": ["w -> w"]}, "CYCLE", ["/edges/0"]),
    "a fallback that leads back": (
        {
            "steps": [W, {"step_id": "x", "step_type": "work", "policy": {"on_error": {"fallback_step": "w"}}}],
            "edges": ["w -> x"],
        },
        "CYCLE",
        ["/steps/1/policy/on_error/fallback_step"],
    ),
    "a cycle in a body": (
        step("map", body={"steps": [W], "edges": ["w -> w"]}),
        "CYCLE",
        ["/steps/0/config/body/edges/0"],
    ),
    "an output of a body": (
        step("map", body={"steps": [W], "outputs": {"r": "w.nothing"}}),
        "PORT_UNKNOWN",
        ["/steps/0/config/body/outputs/r"],
    ),
    "an output names no error": ({"outputs": {"e": "w.error"}, "steps": [W]}, "PORT_UNKNOWN", ["/outputs/e"]),
    "an empty body": (step("map", body={"steps": []}), "NO_STEPS", ["/steps/0/config/body/steps"]),
    "an unknown type is said once": ({"steps": [{"a": "wrok"}, W], "edges": ["a.x -> w"]}, "PORT_UNKNOWN", []),
    # configs beyond their schemas
    "a case cannot be default": (
        step("switch", cases=[{"port": "default", "when": "1"}]),
        "CONFIG_INVALID",
        ["/steps/0/config/cases/0/port"],
    ),
    "two cases with one port": (
        step("switch", cases=[{"port": "x", "when": "1"}, {"port": "x", "when": "2"}]),
        "CONFIG_INVALID",
        ["/steps/0/config/cases/1/port"],
    ),
    "branches in both spellings": (
        step("parallel_split", branches=2, branch_count=3),
        "CONFIG_INVALID",
        ["/steps/0/config/branch_count"],
    ),
    "a duration": (step("wait", duration="PT"), "CONFIG_INVALID", ["/steps/0/config/duration"]),
    "a good duration": (step("wait", duration="P1DT2H0.5S"), "CONFIG_INVALID", []),
    "a moment without offset": (step("wait", until="2030-01-01T00:00:00"), "CONFIG_INVALID", ["/steps/0/config/until"]),
    "a good moment": (step("wait", until="2030-01-01T00:00:00Z"), "CONFIG_INVALID", []),
    "a choice without options": (step("human_task", task_type="choice"), "CONFIG_INVALID", ["/steps/0/config"]),
    "a join in both spellings": (joined(join="all", join_type="any"), "CONFIG_INVALID", ["/steps/2/config/join_type"]),
    "n for a join that does not count": (joined(join="any", n=1), "JOIN_IGNORED", ["/steps/2/config/n"]),
    "n of none": (joined(join="n_of_m"), "JOIN_ARITY", ["/steps/2/config/n"]),
    "a client beside others": (
        {"resources": {"clients": ["crm"]}, **step("http_action", client_ref="erp", path="/")},
        "RESOURCE_UNDECLARED",
        ["/steps/0/config/client_ref"],
    ),
    "a sub-segment must always be listed": (
        step("subsegment", segment="sub"),
        "RESOURCE_UNDECLARED",
        ["/steps/0/config/segment"],
    ),
    # R6
    "no edge at all: the result tells": (asked(["a -> b"]), "OUTCOME_UNHANDLED", []),
    "only an error edge: the result tells": (asked(["h.error -> a", "a -> b"]), "OUTCOME_UNHANDLED", []),
    "outputs tell some": (asked(["a -> b"], outputs={"r": "h.rejected"}), "OUTCOME_UNHANDLED", ["/steps/0"]),
    "some have no edge, one only with a condition": (
        asked(["h.approved -> a", "h.rejected -> b ? value != null"]),
        "OUTCOME_UNHANDLED",
        ["/steps/0", "/steps/0"],
    ),
    "all_live is never unmet": (
        {**joined(), "steps": [*joined()["steps"], W], "edges": [*joined()["edges"], "j -> w"]},
        "OUTCOME_UNHANDLED",
        [],
    ),
    # policies
    "a fallback beside an error edge is fine": (
        {
            "steps": [{"step_id": "a", "step_type": "work", "policy": {"on_error": {"fallback_step": "w"}}}, {"b": "work"}, W],
            "edges": ["a.error -> b"],
        },
        "ON_ERROR_CONFLICT",
        [],
    ),
    "one data port takes any value": (
        {
            "steps": [
                {
                    "step_id": "a",
                    "step_type": "http_action",
                    "config": {"url": "u"},
                    "outputs": ["r"],
                    "policy": {"on_error": {"continue_with": 1}},
                }
            ]
        },
        "CONTINUE_PORTS",
        [],
    ),
    "two data ports do not": (
        {
            "steps": [
                {"step_id": "a", "step_type": "http_action", "config": {"url": "u"}, "policy": {"on_error": {"continue_with": 1}}}
            ]
        },
        "CONTINUE_PORTS",
        ["/steps/0/policy/on_error/continue_with"],
    ),
    "an effect on a decision": (
        {"steps": [{"step_id": "a", "step_type": "condition", "config": {"expression": "true"}, "policy": {"effect": "once"}}]},
        "POLICY_IGNORED",
        ["/steps/0/policy/effect"],
    ),
    # joins
    "what lies before all branches is none of them": (
        {
            "steps": [
                W,
                {"s": "parallel_split"},
                {"step_id": "t", "step_type": "wait", "config": {"duration": "PT1S"}},
                {"step_id": "j", "step_type": "parallel_join", "config": {"join": "any"}},
            ],
            "edges": ["w -> s", "s.branch_1 -> t", "s.branch_2 -> j", "t -> j"],
        },
        "JOIN_BRANCH_FAILS",
        [],
    ),
    # entries
    "an entry of a run may require a port": (
        {"steps": [{"step_id": "a", "step_type": "work", "inputs": [{"port_id": "x", "required": True}]}]},
        "PORT_UNFED",
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_checks(name: str) -> None:
    short, code, pointers = CASES[name]
    assert [each.pointer for each in problems_of(short) if each.code == code] == pointers


# --- sub-segments ---------------------------------------------------------------------------------------------------


def calling(name: str, *others: str) -> SegmentDefinition:
    steps = [{"step_id": f"s{at}", "step_type": "subsegment", "config": {"segment": other}} for at, other in enumerate(others)]
    return segment({"segment_id": name, "resources": {"segments": list(others)}, "steps": steps or [W]})


def look_up(*known: SegmentDefinition) -> Any:
    table = {each.segment_id: each for each in known}
    return lambda segment_id, version, digest: table.get(segment_id)


def found_in(first: SegmentDefinition, *others: SegmentDefinition) -> list[tuple[str, str]]:
    problems = first.validate(StepCatalog(), segments=look_up(first, *others) if others else None)
    return [(each.code, each.pointer) for each in problems if each.severity == "error"]


def test_a_segment_that_names_itself_is_found_without_a_look_up() -> None:
    assert found_in(calling("a", "a")) == [("SEGMENT_CYCLE", "/steps/0/config/segment")]
    assert found_in(calling("a", "b")) == []


def test_another_version_of_itself_may_be_called() -> None:
    older = segment({"segment_id": "a", "version": "0.9", "steps": [{"t": "emit"}]})
    raw = calling("a", "a").to_dict()
    raw["resources"] = {"segments": {"a": {"segment_id": "a", "version": "0.9"}}}
    made = SegmentDefinition.from_dict(raw)
    problems = made.validate(StepCatalog(), segments=lambda segment_id, version, digest: older if version == "0.9" else made)
    assert "SEGMENT_CYCLE" not in {each.code for each in problems}


def test_a_circle_is_shown_with_its_way() -> None:
    first = calling("a", "b")
    problems = first.validate(StepCatalog(), segments=look_up(first, calling("b", "c"), calling("c", "b")))
    (found,) = [each for each in problems if each.code == "SEGMENT_CYCLE"]
    assert found.message.endswith("b → c → b")


def test_a_segment_used_by_two_ways_is_no_circle() -> None:
    assert (
        found_in(calling("a", "b", "c"), calling("b", "d"), calling("c", "d"), segment({"segment_id": "d", "steps": [W]})) == []
    )


def test_sub_segments_and_bodies_nest_together() -> None:
    names = [f"n{at}" for at in range(MAX_NESTING + 2)]
    chain = [calling(name, after) for name, after in pairwise(names)] + [calling(names[-1])]
    assert found_in(*chain) == [("NESTING_EXCEEDED", "/steps/0/config/segment")]
    assert found_in(*chain[1:]) == []
    inner = {"step_id": "s", "step_type": "subsegment", "config": {"segment": names[2]}}
    outer = {"step_id": "m", "step_type": "map", "config": {"body": {"steps": [inner]}}}
    mapped = segment({"segment_id": "top", "resources": {"segments": [names[2]]}, "steps": [outer]})
    assert found_in(mapped, *chain) == [("NESTING_EXCEEDED", "/steps/0/config/body/steps/0/config/segment")]


def test_many_ways_through_the_same_segments_stay_quick() -> None:
    """A ladder of twos has 2^7 ways down and only 14 segments."""
    rungs = [calling(f"{side}{at}", f"l{at + 1}", f"r{at + 1}") for at in range(6) for side in "lr"]
    last = [calling(f"{side}6") for side in "lr"]
    asked_for: list[str] = []
    known = {each.segment_id: each for each in [*rungs, *last]}

    def look(segment_id: str, version: str | None, digest: str | None) -> SegmentDefinition | None:
        asked_for.append(segment_id)
        return known.get(segment_id)

    known["l0"].validate(StepCatalog(), segments=look)
    assert len(asked_for) < 80
