"""What expressions may name, place by place."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.reading import problems_of
from worktrail.contract import template_parts
from worktrail.contract.reading import TemplatePart


def body_of(kind: str, step: dict[str, Any], **config: Any) -> dict[str, Any]:
    return {"step_id": "m", "step_type": kind, "config": {"body": {"steps": [step]}, **config}}


def transform(text: str) -> dict[str, Any]:
    return {"step_id": "t", "step_type": "transform", "config": {"expression": text}}


def in_map(text: str) -> dict[str, Any]:
    return {"steps": [body_of("map", transform(text))]}


def in_loop(text: str) -> dict[str, Any]:
    return {"steps": [body_of("loop", transform(text), until="true", max=2)]}


def until(text: str) -> dict[str, Any]:
    return {"steps": [body_of("loop", {"w": "work"}, until=text, max=2)]}  # type: ignore[dict-item]


def alone(text: str) -> dict[str, Any]:
    return {"steps": [transform(text)]}


def on_edge(text: str, port: str = "output") -> dict[str, Any]:
    steps = [{"step_id": "a", "step_type": "work", "inputs": ["x", "y"]}, {"b": "work"}]
    return {"steps": steps, "edges": [f"a.{port} -> b ? {text}"]}


def behind_join(text: str) -> dict[str, Any]:
    return {
        "steps": [{"a": "work"}, {"c": "work"}, {"j": "parallel_join"}, {"b": "work"}],
        "edges": ["a -> j", "c -> j", f"j -> b ? {text}"],
    }


def continuing(value: Any) -> dict[str, Any]:
    return {"steps": [{"step_id": "a", "step_type": "work", "policy": {"on_error": {"continue_with": value}}}]}


def config(step_type: str, **keys: Any) -> dict[str, Any]:
    return {"steps": [{"step_id": "a", "step_type": step_type, "config": keys}]}


PLACES: dict[str, tuple[dict[str, Any], str | None]] = {
    # name: (segment, the code of its only error or None)
    "input, inputs and output of a transform": (alone("[input, inputs.input, output]"), None),
    "run": (alone("[run.id, run.business_key, run.labels.team, run.started_at]"), None),
    "a leading = where it is always FEEL": (alone("=input"), None),
    "no value inside a step": (alone("value"), "EXPRESSION_INVALID"),
    "no item outside": (alone("item"), "EXPRESSION_INVALID"),
    "no such port": (alone("inputs.x"), "PORT_UNKNOWN"),
    "not itself": (alone("steps.t.output"), "STEP_NOT_ANCESTOR"),
    "no such step": (alone("steps.x.output"), "STEP_UNKNOWN"),
    "in a map": (in_map("[item, index, last, outer.input]"), None),
    "in a map, a port the map has not": (in_map("outer.x"), "PORT_UNKNOWN"),
    "in a map, not the steps outside": (in_map("steps.m.results"), "STEP_UNKNOWN"),
    "in a loop": (in_loop("[item, index, outer.input]"), None),
    "in a loop, no last": (in_loop("last"), "EXPRESSION_INVALID"),
    "until": (until("result.ok = true and index > 1 and outer.input = run.id"), None),
    "until, no input": (until("input = 1"), "EXPRESSION_INVALID"),
    "until must be boolean": (until('"done"'), "EXPRESSION_TYPE"),
    "on an edge": (on_edge("value = steps.a.output and inputs.x = 1"), None),
    "on an edge, no input where there are two": (on_edge("input = 1"), "EXPRESSION_INVALID"),
    "on an edge, no output": (on_edge("output = 1"), "EXPRESSION_INVALID"),
    "on an edge, not its target": (on_edge("steps.b.output = 1"), "STEP_NOT_ANCESTOR"),
    "on an edge, a port of its source": (on_edge("steps.a.other = 1"), "PORT_UNKNOWN"),
    "on an error edge": (on_edge('value.error_code = "X"', "error"), None),
    "on an edge, a number": (on_edge("1 + 1"), "EXPRESSION_TYPE"),
    "behind a join": (behind_join("value = steps.a.output and steps.j.output = 1"), None),
    "behind a join, no input": (behind_join("input = 1"), "EXPRESSION_INVALID"),
    "continue_with": (continuing("={code: error.error_code, was: inputs.input}"), None),
    "continue_with, inside": (continuing({"a": ["=steps"]}), "EXPRESSION_INVALID"),
    "continue_with, a literal": (continuing("steps"), None),
    "any config text with =": (config("work", deep=[{"x": "=input ="}]), "EXPRESSION_INVALID"),
    "any config text without": (config("work", deep=[{"x": "input ="}]), None),
    "own keys are left alone": (config("work", **{"x-note": "= see below"}), None),
    "a schema of a form is left alone": (config("human_task", task_type="input", input_schema={"const": "=("}), None),
    "an event's name is left alone": (config("emit", event="=("), None),
    "cases": (config("switch", cases=[{"port": "a", "when": '"x", "y"'}]), None),
    "cases, wrong": (config("switch", cases=[{"port": "a", "when": "<"}]), "EXPRESSION_INVALID"),
    "a template": (config("llm_agent", prompt="Dear {{ input.name }}, {{ {a: {b: 1}}.a.b }}"), None),
    "a template, wrong": (config("llm_agent", prompt="Dear {{ input. }}"), "EXPRESSION_INVALID"),
    "a template, not closed": (config("llm_agent", prompt="Dear {{ input"), "EXPRESSION_INVALID"),
    "items must be a list": (config("map", items="1 + 1", body={"steps": [{"w": "work"}]}), "EXPRESSION_TYPE"),
    "FEEL says the FEEL way": (alone("input && true"), "EXPRESSION_INVALID"),
}


@pytest.mark.parametrize("name", PLACES)
def test_places(name: str) -> None:
    short, code = PLACES[name]
    found = [each for each in problems_of(short) if each.severity == "error"]
    assert [each.code for each in found] == ([] if code is None else [code]), [str(each) for each in found]


def test_a_mistake_says_where_and_what() -> None:
    (found,) = [each for each in problems_of(alone("input.a == 1")) if each.severity == "error"]
    assert found.pointer == "/steps/0/config/expression"
    assert found.details["cause"] == "FEEL_SYNTAX"
    assert found.details["column"] == 9
    assert "a = b" in found.hint


TEMPLATES: dict[str, list[TemplatePart]] = {
    "": [],
    "plain } }} {": [TemplatePart("plain } }} {", expression=False, offset=0)],
    "a{{ b }}c": [
        TemplatePart("a", expression=False, offset=0),
        TemplatePart("b", expression=True, offset=1),
        TemplatePart("c", expression=False, offset=8),
    ],
    '{{ "}}" }}': [TemplatePart('"}}"', expression=True, offset=0)],
    '{{ "\\"}}" }}': [TemplatePart('"\\"}}"', expression=True, offset=0)],
    "{{{a: 1}}}": [TemplatePart("{a: 1}", expression=True, offset=0)],
    "{{x}}{{y}}": [TemplatePart("x", expression=True, offset=0), TemplatePart("y", expression=True, offset=5)],
}


@pytest.mark.parametrize("text", TEMPLATES)
def test_templates(text: str) -> None:
    assert template_parts(text) == TEMPLATES[text]


@pytest.mark.parametrize("text", ["{{", "{{ a }", "{{ a } }", '{{ "a }}', "{{ {a }}"])
def test_templates_that_are_not_closed(text: str) -> None:
    with pytest.raises(ValueError, match="not closed"):
        template_parts(text)
