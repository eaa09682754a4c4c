"""A naive walk over a segment: enough to hear what its expressions say, with answers made up for the steps that are not inline.

No rules, no journal, no retries: a step runs when all its sources are done and one of its edges delivers. Values go through
JSON between steps, as they do in a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from worktrail.contract import EdgeDefinition, SegmentDefinition, StepDefinition
from worktrail.feel import compile_expression, compile_unary_tests, to_json

Values = dict[str, Any]
# (step id, config with its expressions evaluated, inputs) → {port: value}
Answer = Callable[[str, Any, Values], Values]

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def plain(value: Any) -> Any:
    """The value after a trip through JSON; numbers with a point are Decimals."""
    return _decode(_encode(value))


def evaluate(value: Any, names: Mapping[str, Any]) -> Any:
    """A config value with its `=` texts evaluated."""
    if isinstance(value, str) and value.startswith("="):
        return plain(to_json(compile_expression(value[1:]).evaluate(names)))
    if isinstance(value, dict):
        return {key: evaluate(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [evaluate(one, names) for one in value]
    return value


def parameters_of(segment: SegmentDefinition) -> Values:
    """The defaults of a segment's parameters."""
    return {name: plain(each["default"]) for name, each in segment.parameters.items()}


def walk(segment: SegmentDefinition, value: Any, answer: Answer) -> dict[str, Values]:
    """What every step of a segment delivered for an input."""
    steps, edges = segment.steps, segment.edges
    return _graph(steps, edges, {"parameters": parameters_of(segment)}, plain(value), answer)


def _graph(
    steps: list[StepDefinition], edges: list[EdgeDefinition], around: Values, value: Any, answer: Answer
) -> dict[str, Values]:
    done: dict[str, Values] = {}
    waiting = list(steps)
    while waiting:
        step = next(one for one in waiting if all(edge.source_step in done for edge in edges if edge.target_step == one.step_id))
        waiting.remove(step)
        entering = [edge for edge in edges if edge.target_step == step.step_id]
        arrived = [
            (edge, done[edge.source_step][edge.source_port]) for edge in entering if edge.source_port in done[edge.source_step]
        ]
        if entering and not arrived:
            done[step.step_id] = {}
            continue
        inputs = _inputs(step, arrived) if entering else {"input": value}
        names = {**around, "inputs": inputs, "input": next(iter(inputs.values())), "steps": done}
        done[step.step_id] = _step(step, inputs, names, answer)
    return done


def _inputs(step: StepDefinition, arrived: list[tuple[EdgeDefinition, Any]]) -> Values:
    if step.step_type == "parallel_join":
        return {"input": {edge.source_step: value for edge, value in arrived}}
    if any(port.many for port in step.inputs):
        return {"input": [value for _, value in arrived]}
    assert len(arrived) == 1, f"{step.step_id}: {len(arrived)} values for one port"
    return {arrived[0][0].target_port: arrived[0][1]}


def _step(step: StepDefinition, inputs: Values, names: Values, answer: Answer) -> Values:
    config, value = step.config, next(iter(inputs.values()))
    match step.step_type:
        case "transform":
            text = config.get("expression")
            return {"output": evaluate(config["mapping"] if text is None else f"={text}", names)}
        case "condition":
            return {"true" if evaluate(f"={config['expression']}", names) else "false": value}
        case "switch":
            looked_at = evaluate(config.get("value", "=input"), names)
            hits = (case["port"] for case in config["cases"] if compile_unary_tests(case["when"]).test(looked_at, names))
            return {next(hits, "default"): value}
        case "parallel_split":
            return {f"branch_{k + 1}": value for k in range(config["branches"])}
        case "parallel_join":
            return {"output": value}
        case "emit":
            evaluate(config["payload"], names)
            return {"output": value}
        case "map":
            return {"results": [_item(step, item, k, {**names, "outer": inputs}, answer) for k, item in _numbered(step, names)]}
    return answer(step.step_id, evaluate(config, names), inputs)


def _numbered(step: StepDefinition, names: Values) -> list[tuple[int, Any]]:
    return list(enumerate(evaluate(step.config.get("items", "=input"), names), start=1))


def _item(step: StepDefinition, item: Any, index: int, around: Values, answer: Answer) -> Values:
    names = {"parameters": around["parameters"], "outer": around["outer"], "item": item, "index": index}
    body = step.config["body"]
    steps = [StepDefinition(one["step_id"], one["step_type"], one.get("config", {}), _ports(one)) for one in body["steps"]]
    edges = [EdgeDefinition(**edge) for edge in body.get("edges", [])]
    done = _graph(steps, edges, names, item, answer)
    return {name: done[place.split(".")[0]][place.split(".")[1]] for name, place in body["outputs"].items()}


def _ports(step: Values) -> list[Any]:
    return msgspec.convert(step.get("inputs", []), list[_Port])


class _Port(msgspec.Struct):
    """As much of a port as a walk needs."""

    port_id: str
    many: bool = False
    required: bool = False
