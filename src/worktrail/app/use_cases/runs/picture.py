"""The segment that a run runs, ready to draw: from its lock, with names, labels and places where they are known.

Rule: the lock says what runs; names and places are no part of it and come from the project's own definition where its hash is
the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from worktrail.app.caller import Caller, allowed
from worktrail.contract import GraphLock, SegmentDefinition
from worktrail.engine import GraphPlan

__all__ = ["graph_of", "show_graph"]


@allowed
def show_graph(caller: Caller, run_id: str) -> dict[str, Any]:
    """``{segment_id, name, version, segment_hash, steps, edges}`` of the run's lock."""
    row = caller.run(run_id)
    plan = caller.shelf.plans.plan(row.lock_hash)
    lock = plan.lock
    drawn = caller.shelf.drawn(lock.segment_id, lock.segment_hash)
    return {
        "segment_id": lock.segment_id,
        "name": None if drawn is None else drawn.name or None,
        "version": lock.segment_version or None,
        "segment_hash": lock.segment_hash,
        **graph_of(plan.root, drawn),
    }


def graph_of(root: GraphPlan, drawn: SegmentDefinition | None) -> dict[str, Any]:
    """``{steps, edges}`` of a graph and of the bodies in it."""
    graphs = list(_graphs(root, {} if drawn is None else drawn.to_dict(), None))
    return {
        "steps": [step for graph, own, container in graphs for step in _steps(graph.lock, own, container)],
        "edges": [edge for graph, own, container in graphs for edge in _edges(graph.lock, own, container)],
    }


def _graphs(graph: GraphPlan, drawn: dict[str, Any], container: str | None) -> Iterator[tuple[GraphPlan, Any, str | None]]:
    """The graph and the bodies in it, each with its document and the path of the container it stands in (``map/loop``)."""
    yield graph, drawn, container
    own = _by_id(drawn)
    for step in graph.steps:
        if step.body is not None:
            body = own.get(step.id, {}).get("config", {}).get("body", {})
            yield from _graphs(step.body, body, step.id if container is None else f"{container}/{step.id}")


def _by_id(drawn: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {step["step_id"]: step for step in drawn.get("steps", ())}


def _steps(lock: GraphLock, drawn: dict[str, Any], container: str | None) -> Iterator[dict[str, Any]]:
    own = _by_id(drawn)
    for step in lock.steps:
        seen = own.get(step.id, {})
        place = (seen.get("ui_metadata") or {}).get("position") or {}
        yield {
            "step_id": step.id,
            "step_type": step.type,
            "kind": step.kind,
            "name": seen.get("name"),
            "container": container,
            "description": seen.get("description"),
            "effect": step.policy.effect,
            "policy": msgspec.to_builtins(step.policy),
            "config": {key: value for key, value in step.config.items() if key != "body"},
            "x": place.get("x"),
            "y": place.get("y"),
            "outputs": list(step.outs),
        }


def _edges(lock: GraphLock, drawn: dict[str, Any], container: str | None) -> Iterator[dict[str, Any]]:
    edges = drawn.get("edges", ())
    labels = [edge.get("label") for edge in edges] if len(edges) == len(lock.edges) else [None] * len(lock.edges)
    left: dict[int, int] = {}
    for number, edge in enumerate(lock.edges):
        leaves = left.get(edge.source, 0)
        left[edge.source] = leaves + 1
        yield {
            "number": number,
            "leaves": leaves,
            "source_step": lock.steps[edge.source].id,
            "source_port": edge.port,
            "target_step": lock.steps[edge.target].id,
            "target_port": edge.to,
            "container": container,
            "condition": edge.condition,
            "label": labels[number],
        }
