"""Why somebody is asked, and what each answer leads to: read from the run that asks.

Rule: the path is every delivered edge backwards from the task's visit, told in the order in which things happened; a decision
on it says what it chose and on which value. What an answer leads to is static: the edges that leave the outcome's port.
"""

from __future__ import annotations

from typing import Any, Final

from worktrail.app.caller import Caller
from worktrail.app.use_cases.runs.rows import iso
from worktrail.app.use_cases.runs.values import Cutter, find_visit, run_at_visit
from worktrail.engine import Run, Visit, resolved_inputs

__all__ = ["leads_to", "way_to"]

LONGEST: Final = 20
_CHOICES: Final = frozenset(("choose_bool", "choose_case"))


def way_to(caller: Caller, run_id: str, visit: str) -> list[dict[str, Any]]:
    """``[{visit, step_type, sentence, at, value}]``, oldest first; the nearest `LONGEST` where the path is longer."""
    run = run_at_visit(caller, run_id, visit, None)
    found = find_visit(run, visit)
    if found is None:
        return []
    seen: dict[str, tuple[Visit, str]] = {}
    ahead = [found]
    while ahead:
        here = ahead.pop()
        scope = here.scope
        for number in here.step.in_edges:
            edge = scope.graph.edges[number]
            source = scope.visits[edge.source]
            if scope.ends[number] == "D" and source is not None and source.id not in seen:
                seen[source.id] = (source, edge.port)
                ahead.append(source)
    cutter = Cutter(caller, run)
    way = sorted(seen.values(), key=lambda each: (each[0].scheduled_us, each[0].step.index))[-LONGEST:]
    return [_told(run, cutter, one, port) for one, port in way]


def _told(run: Run, cutter: Cutter, visit: Visit, port: str) -> dict[str, Any]:
    step = visit.step
    told = {"visit": visit.id, "step_type": step.lock.type, "at": iso(visit.scheduled_us)}
    if step.lock.op in _CHOICES:
        inputs = resolved_inputs(run, visit)
        first = next(iter(inputs.values()), None)
        asked = step.lock.config.get("expression") or step.lock.config.get("condition") or ""
        what = f" of {asked}" if isinstance(asked, str) and asked else ""
        return {**told, "sentence": f"chose '{port}'{what}", "value": cutter.read(first, "inputs", visit=visit.id)}
    value = None if visit.outputs is None else visit.outputs.get(port)
    said = "completed" if port in {"output", "result"} else f"ended in '{port}'"
    return {**told, "sentence": said, "value": cutter.read(value, "outputs", visit=visit.id, pointer=f"/{port}")}


def leads_to(caller: Caller, run_id: str, visit: str, outcomes: list[str]) -> list[dict[str, Any]]:
    """``[{outcome, target, step_type, effect}]``: the steps behind each outcome; ``target`` null where the run just ends."""
    run = run_at_visit(caller, run_id, visit, None)
    found = find_visit(run, visit)
    if found is None:
        return []
    scope, step = found.scope, found.step
    told = []
    for outcome in (*outcomes, "expired"):
        ahead = [scope.graph.steps[edge.target] for _, edge in step.edges_out if edge.port == outcome]
        told += [
            {"outcome": outcome, "target": one.id, "step_type": one.lock.type, "effect": one.policy.effect} for one in ahead
        ] or [{"outcome": outcome, "target": None, "step_type": None, "effect": None}]
    return told
