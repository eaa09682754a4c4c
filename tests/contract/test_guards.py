"""What is said to be exclusive never happens together: random graphs, played with random choices."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.reading import catalog, codes, problems_of, segment
from worktrail.contract.expand import expand_segment
from worktrail.contract.validation.context import View
from worktrail.contract.validation.guards import Guards

KINDS: list[dict[str, Any]] = [
    {"step_type": "work"},
    {"step_type": "work", "outputs": ["output", "more"]},
    {"step_type": "work", "inputs": ["input", {"port_id": "must", "required": True}]},
    {"step_type": "condition", "config": {"expression": "true"}},
    {"step_type": "switch", "config": {"cases": [{"port": "one", "when": "1"}, {"port": "two", "when": "2"}]}},
    {"step_type": "parallel_join", "config": {"join": "all"}},
    {"step_type": "parallel_join", "config": {"join": "all_live"}},
    {"step_type": "parallel_join", "config": {"join": "any"}},
]


@st.composite
def views(draw: st.DrawFn) -> View:
    size = draw(st.integers(2, 8))
    steps = [{"step_id": f"s{at}", **draw(st.sampled_from(KINDS))} for at in range(size)]
    made, _ = expand_segment(segment({"steps": steps}), catalog(checker=False))
    edges = []
    for target in range(1, size):
        for _ in range(draw(st.integers(0, 3))):
            source = draw(st.integers(0, target - 1))
            port = draw(st.sampled_from([*made.steps[source].outs, "error"]))
            to = draw(st.sampled_from(list(made.steps[target].ins)))
            edges.append({"source_step": f"s{source}", "source_port": port, "target_step": f"s{target}", "target_port": to})
    scope, problems = expand_segment(segment({"steps": steps, "edges": edges}), catalog(checker=False))
    assert problems == []
    return View(scope, "cancel_rest", None)


def played(view: View, data: st.DataObject) -> set[int]:
    """The numbers of the edges that are delivered in one run (R1 to R6, R9); every choice is drawn."""
    delivered: set[int] = set()
    for step in view.scope.steps:  # their order leads forward
        numbers = view.graph.entering[step.number]
        came = [number for number in numbers if number in delivered]
        ports: set[str] = set()
        if step.type.kind == "join":
            enough = {"all": len(numbers), "all_live": 1, "any": 1}[step.config["join"]]
            ports = {"output"} if len(came) >= enough and numbers else {"unmet"} if data.draw(st.booleans()) else set()
        elif not numbers or came:
            fed = {view.scope.edges[number].to for number in came}
            if not numbers or all(port in fed for port, spec in step.ins.items() if spec.required):
                ports = {*step.outs, "error"}
        if step.type.exclusive and ports:
            ports = {data.draw(st.sampled_from(sorted(ports)))}
        elif ports:
            ports = {"error"} if data.draw(st.booleans()) else ports - {"error"}
        delivered |= {number for number in view.graph.leaving[step.number] if view.scope.edges[number].port in ports}
    return delivered


@pytest.mark.slow
@settings(max_examples=300)
@given(views(), st.data())
def test_exclusive_edges_are_never_delivered_together(view: View, data: st.DataObject) -> None:
    guards = Guards(view)
    delivered = [view.scope.edges[number] for number in sorted(played(view, data))]
    for at, one in enumerate(delivered):
        for other in delivered[at + 1 :]:
            assert not guards.exclude(one, other), f"{one} and {other} were both delivered"


PROVEN: dict[str, dict[str, Any]] = {
    "ports of a condition, some steps further": {
        "steps": [
            {"step_id": "k", "step_type": "condition", "config": {"expression": "true"}},
            *({name: "work"} for name in "abcd"),
        ],
        "edges": ["k.true -> a", "a -> b", "k.false -> c", "b -> d", "c -> d"],
    },
    "success and error of one step": {
        "steps": [{"a": "work"}, {"b": "work"}, {"c": "work"}],
        "edges": ["a -> c", "a.error -> b", "b -> c"],
    },
    "outcomes of a person": {
        "steps": [{"h": "human_task"}, {"a": "work"}],
        "edges": ["h.approved -> a", "h.modified -> a", "h.rejected -> a", "h.expired -> a"],
    },
    "a condition and its opposite": {
        "steps": [{"a": "work"}, {"b": "work"}, {"c": "work"}, {"d": "work"}],
        "edges": ["a -> b ? value > 1", "a -> c ? not(value > 1)", "a -> d ? value > 2", "a -> d ? not( value > 2 )"],
    },
}


@pytest.mark.parametrize("name", PROVEN)
def test_what_can_be_proven_is_not_warned_about(name: str) -> None:
    assert "PORT_CONFLICT" not in codes(problems_of(PROVEN[name]))


UNPROVEN: dict[str, dict[str, Any]] = {
    "two conditions": {"steps": [{"a": "work"}, {"b": "work"}], "edges": ["a -> b ? value > 1", "a -> b ? value < 1"]},
    "two ports of a handler": {
        "steps": [{"step_id": "a", "step_type": "work", "outputs": ["x", "y"]}, {"b": "work"}],
        "edges": ["a.x -> b", "a.y -> b"],
    },
    "branches of a split": {
        "steps": [{"s": "parallel_split"}, {"b": "work"}],
        "edges": ["s.branch_1 -> b", "s.branch_2 -> b"],
    },
    "the same choice twice": {
        "steps": [{"step_id": "k", "step_type": "condition", "config": {"expression": "true"}}, {"a": "work"}, {"b": "work"}],
        "edges": ["k.true -> a", "a -> b", "k.true -> b"],
    },
}


@pytest.mark.parametrize("name", UNPROVEN)
def test_what_cannot_be_proven_is_warned_about_once(name: str) -> None:
    found = [each for each in problems_of(UNPROVEN[name]) if each.code == "PORT_CONFLICT"]
    assert len(found) == 1


def test_a_many_port_takes_any_number() -> None:
    steps = [{"a": "work"}, {"b": "work"}, {"step_id": "c", "step_type": "work", "inputs": [{"port_id": "input", "many": True}]}]
    assert "PORT_CONFLICT" not in codes(problems_of({"steps": steps, "edges": ["a -> c", "b -> c"]}))
