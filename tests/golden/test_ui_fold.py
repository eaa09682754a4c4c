"""What the web application folds is what the engine folds: all golden cases as events, with the states that follow from them.

``ui/src/run/golden.json`` holds, a case a line: the graph, the public events, after each event the status of the visit that it
names, at the end the letters of all edges by scope, and the status of the run. The tests of the web application fold the events
and compare; this test holds the file equal to what the engine says now. ``python -m tests.golden.test_ui_fold`` writes it again.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.golden.play import play
from tests.golden.reader import Case, all_cases
from tests.house.tree import ROOT
from worktrail import engine as e
from worktrail.contract import GraphLock
from worktrail.events import Append, public_events

FILE = ROOT / "ui" / "src" / "run" / "golden.json"
LEFT_OUT = ("outputs", "input", "form", "result", "payload", "items", "entry", "lock_hash", "segment_hash", "seed")


def graph(lock: GraphLock, container: str = "") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Steps and edges of a graph and, by their path, of the bodies in it, as the API's ``Graph`` has them."""
    steps: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    within = {"container": container} if container else {}
    leaving = [0] * len(lock.steps)
    for number, edge in enumerate(lock.edges):
        source, target = lock.steps[edge.source].id, lock.steps[edge.target].id
        ends = {"source_step": source, "source_port": edge.port, "target_step": target, "target_port": edge.to}
        edges.append({"number": number, "leaves": leaving[edge.source], **ends, **within})
        leaving[edge.source] += 1
    for step in lock.steps:
        steps.append({"step_id": step.id, "step_type": step.type, "kind": step.kind, **within})
        if step.body is not None:
            inner = graph(step.body, f"{container}/{step.id}" if container else step.id)
            steps += inner[0]
            edges += inner[1]
    return steps, edges


def event_of(public: Any) -> dict[str, Any]:
    """An event as the API gives it, without what no fold looks at."""
    shape = public.to_dict()
    payload = {key: value for key, value in shape["payload"].items() if key not in LEFT_OUT}
    if "outputs" in shape["payload"] and shape["event_type"] == "step.completed":
        payload["outputs"] = dict.fromkeys(shape["payload"]["outputs"], 0)
    kept = {key: shape[key] for key in ("event_type", "timestamp", "visit", "attempt", "reason") if shape[key] is not None}
    error = shape["error"] and {key: shape["error"][key] for key in ("error_code", "error_type", "error_message", "recoverable")}
    event = {"event_id": shape["event_id"], "seq": shape["stream_seq"], **kept}
    return event | ({"payload": payload} if payload else {}) | ({"error": error} if error else {})


def recorded(case: Case) -> dict[str, Any]:
    """One line of the file."""
    stage = play(case)
    run = e.Run(stage.run.id, stage.plan)
    states: list[str | None] = []
    edges: dict[str, list[str]] = {}
    events = []
    for seq, (at_us, event) in enumerate(stage.events, 1):
        events += [event_of(one) for one in public_events(Append(at_us, None, [event], seq), "run:r", {"run_id": "r"})]
        named = getattr(event, "visit", None)
        before = run.open.get(named) if named else None
        e.apply(run, event, at_us)
        edges |= {key: list(scope.ends) for key, scope in run.scopes.items() if any(scope.ends)}
        states.append(_status(run, named, before))
    steps, lines = graph(stage.plan.lock.graph)
    ended = {"run": run.status, "open": sorted(run.open), "incidents": sorted(run.incidents), "edges": edges}
    return {
        "case": case.name,
        "graph": {"segment_id": "s", "steps": steps, "edges": lines},
        "events": events,
        "states": states,
    } | ended


def _status(run: e.Run, named: str | None, before: e.Visit | None) -> str | None:
    """The status of the visit that an event names; a scope that the event ended is gone, its visit is not."""
    if named is None:
        return None
    if before is not None:
        return before.status
    key, _, step = named.rpartition("/")
    scope = run.scopes.get(key)
    visit = scope and scope.visits[scope.graph.numbers[step]]
    return visit.status if visit else None


def fixture() -> str:
    """The file as it has to be."""
    cases = [recorded(case) for case in all_cases() if case.refused is None]
    return "[\n" + ",\n".join(json.dumps(case, separators=(",", ":"), ensure_ascii=False) for case in cases) + "\n]\n"


@pytest.mark.slow
def test_the_web_application_is_compared_with_this_engine() -> None:
    assert FILE.read_text(encoding="utf-8") == fixture(), "python -m tests.golden.test_ui_fold writes it again"


if __name__ == "__main__":
    FILE.write_text(fixture(), encoding="utf-8")
