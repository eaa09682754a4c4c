"""The helper of the contract's tests: segments from short data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from worktrail.app import JsonSchemaChecker, load_document
from worktrail.contract import Problem, SegmentDefinition, StepCatalog, StepTypeMetadata, read_segment

CASES = Path(__file__).parent / "cases"
EDGE = re.compile(r"([\w-]+)(?:\.([\w-]+))? -> ([\w-]+)(?:\.([\w-]+))?(?: \? (.*))?")


def cases(name: str) -> Any:
    """The document `cases/<name>.yaml`."""
    return load_document((CASES / f"{name}.yaml").read_bytes(), "yaml")


def catalog(*, checker: bool = True) -> StepCatalog:
    """The built-in types, and `work` (a handler) and `quiet` (a silent one)."""
    made = StepCatalog(checker=JsonSchemaChecker() if checker else None)
    made.register_type(StepTypeMetadata("work", "utility", "Work"))
    made.register_type(StepTypeMetadata("quiet", "utility", "Quiet", silent=True))
    return made


def written_out(short: Any) -> Any:
    """A document with its short steps and edges written out, also inside bodies."""
    if isinstance(short, list):
        return [written_out(each) for each in short]
    if not isinstance(short, dict):
        return short
    found = {key: written_out(value) for key, value in short.items()}
    if isinstance(found.get("steps"), list):
        found["steps"] = [_step(each) for each in found["steps"]]
        found["edges"] = [_edge(each) if isinstance(each, str) else each for each in found.get("edges", [])]
    return found


def _step(short: Any) -> Any:
    if isinstance(short, dict) and len(short) == 1:
        ((step_id, step_type),) = short.items()
        if step_id != "step_id":
            return {"step_id": step_id, "step_type": step_type}
    return short


def _edge(short: str) -> dict[str, Any]:
    found = EDGE.fullmatch(short)
    assert found is not None, f"not an edge: {short}"
    source, port, target, to, condition = found.groups()
    edge = {"source_step": source, "source_port": port or "output", "target_step": target, "target_port": to or "input"}
    return edge if condition is None else {**edge, "condition": condition}


def document(short: dict[str, Any]) -> dict[str, Any]:
    """A whole document from a short one; its id is `case` unless it says another."""
    return {"segment_id": "case", **written_out(short)}


def segment(short: dict[str, Any]) -> SegmentDefinition:
    """The segment of a short document."""
    return SegmentDefinition.from_dict(document(short))


def problems_of(short: dict[str, Any], *, others: Any = (), checker: bool = True) -> list[Problem]:
    """Everything that reading and validation say of a short document."""
    found, problems = read_segment(document(short))
    if found is None or any(each.severity == "error" for each in problems):
        return problems
    known = {each.segment_id: each for each in map(segment, others)}
    known[found.segment_id] = found
    lookup = (lambda segment_id, version, digest: known.get(segment_id)) if others else None
    return problems + found.validate(catalog(checker=checker), segments=lookup)


def codes(problems: list[Problem]) -> set[str]:
    """The codes of problems."""
    return {each.code for each in problems}
