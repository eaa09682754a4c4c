"""Reads the golden cases: folders of a segment, the commands from outside, and the trail they must leave.

Rule: this file knows the format of ``README.md`` and nothing of the engine, so that the cases can judge it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

__all__ = ["CASES", "Case", "Edge", "all_cases", "edges_of", "load_case", "scope_of", "step_of"]

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One golden case. ``script`` holds ``(command, arguments)`` pairs; ``trail`` the expected lines in order.

    ``refused`` is the error code where the run is refused at the door: then script and trail are empty.
    """

    name: str  # group/case
    rule: str
    claim: str
    side: str
    input: Any
    refused: str | None
    script: tuple[tuple[str, dict[str, Any]], ...]
    segment: dict[str, Any]
    trail: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Edge:
    """An edge by step ids, its number being its place in the scope's list."""

    source: str
    source_port: str
    target: str
    target_port: str


def _yaml(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def load_case(folder: Path) -> Case:
    """The case in ``folder``; KeyError where one of its required keys is missing."""
    meta = _yaml(folder / "commands.yaml")
    script = []
    for command in meta["script"]:
        ((verb, arguments),) = command.items()
        script.append((verb, dict(arguments)))
    return Case(
        name=f"{folder.parent.name}/{folder.name}",
        rule=meta["rule"],
        claim=meta["claim"],
        side=meta["side"],
        input=meta["input"],
        refused=meta.get("refused"),
        script=tuple(script),
        segment=_yaml(folder / "segment.yaml"),
        trail=tuple((folder / "trail.txt").read_text(encoding="utf-8").splitlines()),
    )


def all_cases() -> list[Case]:
    """Every case, in the order of group and name."""
    return [load_case(path.parent) for path in sorted(CASES.glob("*/*/segment.yaml"))]


def edges_of(graph: dict[str, Any]) -> list[Edge]:
    """The edges of a segment or body: the written ones, then one for each `fallback_step` in step order (R8)."""
    edges = [
        Edge(source=e["source_step"], source_port=e["source_port"], target=e["target_step"], target_port=e["target_port"])
        for e in graph.get("edges", [])
    ]
    steps = {step["step_id"]: step for step in graph["steps"]}
    for step in graph["steps"]:
        on_error = step.get("policy", {}).get("on_error")
        if isinstance(on_error, dict) and "fallback_step" in on_error:
            target = on_error["fallback_step"]
            ports = [port["port_id"] for port in steps[target].get("inputs", [{"port_id": "input"}])]
            port = "input" if "input" in ports else ports[0]
            edges.append(Edge(source=step["step_id"], source_port="error", target=target, target_port=port))
    return edges


def scope_of(segment: dict[str, Any], visit: str) -> dict[str, Any]:
    """The graph (segment or body) in which ``visit`` (``a``, ``m#2/a``) takes place; KeyError where there is none."""
    graph = segment
    for container in visit.split("/")[:-1]:
        step = container.partition("#")[0]
        graph = next((s for s in graph["steps"] if s["step_id"] == step), {})["config"]["body"]
    return graph


def step_of(segment: dict[str, Any], visit: str) -> dict[str, Any]:
    """The step that ``visit`` activates; KeyError where there is none."""
    name = visit.rpartition("/")[2]
    for step in scope_of(segment, visit)["steps"]:
        if step["step_id"] == name:
            found: dict[str, Any] = step
            return found
    raise KeyError(visit)
