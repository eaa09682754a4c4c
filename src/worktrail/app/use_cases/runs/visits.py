"""One visit, whole: what the inspector shows, and why it ran or did not.

Rule: times and attempts are read from the visit's own events, values and fates of edges from the state. The reason is the rule
that the deciding event carries, in the words of the rule table, with the edges it was decided on.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.runs.rows import iso, with_hint
from worktrail.app.use_cases.runs.showing import open_incident
from worktrail.app.use_cases.runs.values import Cutter, find_visit, run_at_visit
from worktrail.engine import TABLES, Run, Scope, Status, StepPlan, Visit, resolved_inputs
from worktrail.errors import CallerError
from worktrail.events import (
    Event,
    ScopeEnded,
    StepCancelled,
    StepCompleted,
    StepFailed,
    StepInterrupted,
    StepRetrying,
    StepScheduled,
    StepSkipped,
    StepStarted,
    StepTimedOut,
    decode_body,
)
from worktrail.runtime import idempotency_key

__all__ = ["FATES", "show_visit"]

FATES: Final[dict[str, str]] = {
    "D": "delivered",
    "L": "late",
    "X": "not delivered",
    "F": "condition false",
    "E": "condition error",
    "O": "waits for a person",
    "": "open",
}
_ENDS: Final = (StepCompleted, StepFailed, StepSkipped, StepCancelled)
_OUTCOMES: Final[dict[type, str]] = {StepCompleted: "completed", StepFailed: "failed", StepCancelled: "cancelled"}
_WAITS: Final = {"human": "person", "timer": "timer", "child": "child run"}


class _Told:
    """The events of one visit, with their times and seqs."""

    def __init__(self, caller: Caller, run_id: str, visit: str, seq: int | None) -> None:
        self.events: list[tuple[int, int, Event]] = []
        self.last_seq: int | None = None
        for stored in caller.store.read_stream(f"run:{run_id}"):
            if seq is not None and stored.first_seq > seq:
                break
            append = decode_body(stored.body, stored.first_seq)
            for number, event in enumerate(append.events, start=stored.first_seq):
                if getattr(event, "visit", None) == visit and (seq is None or number <= seq):
                    self.events.append((number, append.at_us, event))
                    self.last_seq = number

    def first(self, *kinds: type) -> tuple[int, Any] | None:
        return next(((at_us, event) for _, at_us, event in self.events if isinstance(event, kinds)), None)

    def last(self, *kinds: type) -> tuple[int, Any] | None:
        return next(((at_us, event) for _, at_us, event in reversed(self.events) if isinstance(event, kinds)), None)


@allowed
def show_visit(caller: Caller, run_id: str, visit: str, seq: int | None = None) -> dict[str, Any]:
    """A visit now, or as of an event; its inputs and outputs cut where they are large. A step that was not reached yet is told
    with the status ``not_reached``. CallerError NOT_FOUND."""
    caller.run(run_id)
    told = _Told(caller, run_id, visit, seq)
    run = run_at_visit(caller, run_id, visit, told.last_seq, seq)
    found = find_visit(run, visit)
    scope, step = (found.scope, found.step) if found is not None else _place(run, visit)
    cutter = Cutter(caller, run)
    began, ended = told.first(StepStarted), told.last(*_ENDS)
    scheduled = told.first(StepScheduled, StepSkipped)
    incident = next((one for one in run.incidents.values() if one.visit == visit), None)
    refs = None if found is None or step.is_join else resolved_inputs(run, found)
    ends_us = None if ended is None else ended[0]
    starts_us = began[0] if began is not None else None if scheduled is None else scheduled[0]
    error = found.error if found is not None else None
    return {
        "visit": visit,
        "step_id": step.id,
        "step_type": step.lock.type,
        "kind": step.kind,
        "status": "not_reached" if found is None else found.status,
        "scheduled_at": iso(None if scheduled is None else scheduled[0]),
        "started_at": iso(None if began is None else began[0]),
        "ended_at": iso(ends_us),
        "duration_ms": None if ends_us is None or starts_us is None else (ends_us - starts_us) // 1000,
        "attempts": _attempts(told),
        "inputs": cutter.ports(refs, "inputs", visit) or {},
        "outputs": None if found is None else cutter.ports(found.outputs, "outputs", visit),
        "error": None if error is None else with_hint(error.to_dict()),
        "handled": ended[1].handled if ended is not None and isinstance(ended[1], StepFailed) else None,
        "cause": _cause(run, scope, step, told),
        "caused": [_edge(scope, number, told) for number in step.out_edges],
        "waits": None if found is None else _waits(caller, run, found),
        "incident": None if incident is None else open_incident(incident),
        "task_id": None if found is None else found.task_id,
        "child_run_id": None if found is None else found.child,
        "items": _items(told, found) if step.is_container else None,
        "idempotency_key": idempotency_key(run_id, visit, refs) if refs is not None and step.kind == "handler" else None,
        "policy": msgspec.to_builtins(step.policy),
        "config": {key: value for key, value in step.lock.config.items() if key != "body"},
        "retryable": not run.ended and incident is not None and incident.kind != "condition",
    }


def _place(run: Run, visit: str) -> tuple[Scope, StepPlan]:
    """Scope and step of a visit that was not reached. CallerError NOT_FOUND."""
    key, _, step_id = visit.rpartition("/")
    scope = run.scopes.get(key)
    number = None if scope is None else scope.graph.numbers.get(step_id)
    if scope is None or number is None:
        raise CallerError("NOT_FOUND", f"run {run.id!r} has no visit {visit[:200]!r}", pointer="/visit")
    return scope, scope.graph.steps[number]


def _attempts(told: _Told) -> list[dict[str, Any]]:
    """One line an attempt, as its events tell."""
    made: list[dict[str, Any]] = []

    def end(at_us: int, outcome: str, error: Any = None, next_us: int | None = None) -> None:
        if made and made[-1]["outcome"] == "running":
            shape = None if error is None else with_hint(error.to_dict())
            made[-1] |= {"ended_at": iso(at_us), "outcome": outcome, "error": shape, "next_at": iso(next_us)}

    for _, at_us, event in told.events:
        if isinstance(event, StepStarted):
            made.append(
                {"number": event.attempt, "started_at": iso(at_us), "ended_at": None, "outcome": "running", "error": None}
            )
        elif isinstance(event, StepTimedOut):
            end(at_us, "timed_out")
        elif isinstance(event, StepInterrupted):
            end(at_us, "interrupted")
        elif isinstance(event, StepRetrying):
            end(at_us, "failed", event.error, event.due_us)
            if made and made[-1]["outcome"] == "timed_out":
                made[-1] |= {"error": with_hint(event.error.to_dict()), "next_at": iso(event.due_us)}
        elif type(event) in _OUTCOMES:
            end(at_us, _OUTCOMES[type(event)], getattr(event, "error", None))
    return [{"next_at": None, **one} for one in made]


def _edge(scope: Scope, number: int, told: _Told) -> dict[str, Any]:
    """An edge that left the visit."""
    edge = scope.graph.edges[number]
    ended = told.last(*_ENDS)
    errors = getattr(ended[1], "conditions", None) if ended is not None else None
    error = (errors or {}).get(str(number))
    return {
        "edge": number,
        "target": scope.visit_id(scope.graph.steps[edge.target]),
        "source_port": edge.port,
        "port": edge.to,
        "fate": FATES[scope.ends[number]],
        "condition": edge.condition,
        "error": None if error is None else with_hint(error.to_dict()),
    }


def _inbound(scope: Scope, step: StepPlan, counted: list[int] | None) -> list[dict[str, Any]]:
    return [
        {
            "edge": number,
            "source": scope.visit_id(scope.graph.steps[scope.graph.edges[number].source]),
            "source_port": scope.graph.edges[number].port,
            "port": scope.graph.edges[number].to,
            "fate": FATES[scope.ends[number]],
            "condition": scope.graph.edges[number].condition,
            "counted": None if counted is None else number in counted,
        }
        for number in step.in_edges
    ]


def _cause(run: Run, scope: Scope, step: StepPlan, told: _Told) -> dict[str, Any]:
    """Why it ran, or did not: ``{rule, sentence, edges}``."""
    first = told.events[0][2] if told.events else None
    counted = first.counted if isinstance(first, StepScheduled) else None
    edges = _inbound(scope, step, counted)
    if first is None:
        left = [each["source"] for each in edges if each["fate"] == "open"]
        after = f"it waits for the end of {', '.join(left)}" if left else "its turn has not come"
        return {"rule": None, "sentence": after if not scope.closed else "the rest of its scope was cancelled", "edges": edges}
    rule = getattr(first, "rule", None)
    if isinstance(first, StepScheduled) and not step.in_edges:
        what = "the run" if not scope.key else f"item or round {scope.key}"
        return {"rule": rule or "R2", "sentence": f"no edge leads to it: it starts with {what}", "edges": edges}
    return {"rule": rule, "sentence": _sentence(first, rule, edges), "edges": edges}


def _sentence(first: Event, rule: str | None, edges: list[dict[str, Any]]) -> str:
    """The words of the rule's row; where several rows have the number, those of what came of it."""
    then = {StepSkipped: "skip", StepCancelled: "cancel", StepFailed: "conflict"}.get(type(first), "start")
    if isinstance(first, StepScheduled) and first.counted is not None:
        then = "unmet" if first.unmet else "fire"
    delivered = [each for each in edges if each["fate"] in {"delivered", "late"}]
    rows = [row for table in TABLES for row in table.rows if row.rule == rule and row.then == then]
    if then == "skip" and len(rows) > 1:
        rows = [row for row in rows if row.when.get("live") is False] if not delivered else rows[1:]
    said = rows[0].why if rows else f"decided under {rule}" if rule else "it was begun"
    if then == "skip" and isinstance(first, StepSkipped) and first.cause is not None:
        dead = next((each for each in edges if each["edge"] == first.cause), None)
        if dead is not None:
            return f"{said}: the edge from {dead['source']} ({dead['source_port']}) is dead, {dead['fate']}"
    if then in {"fire", "unmet"}:
        return f"{said}: {sum(bool(each['counted']) for each in edges)} of {len(edges)} edges were counted"
    return said


def _waits(caller: Caller, run: Run, visit: Visit) -> dict[str, Any] | None:
    """What an open visit waits for, since when."""
    told = {"visit": visit.id, "since": iso(visit.scheduled_us), "due": iso(visit.due_us or None), "task_id": None, "who": None}
    if visit.status == Status.RETRYING:
        return {**told, "for": "retry"}
    if visit.status == Status.INCIDENT:
        return {**told, "for": "incident"}
    if visit.status != Status.WAITING:
        return None
    if visit.task_id is not None:
        task = caller.store.get_task(visit.task_id)
        if task is not None:
            who = task.assignee or ", ".join(task.candidate_groups) or None
            told |= {"task_id": task.task_id, "who": who, "due": iso(task.due_us)}
    return {**told, "for": _WAITS.get(visit.step.kind, "message")}


def _items(told: _Told, visit: Visit | None) -> dict[str, int] | None:
    """Of a map or loop: ``{count, completed, failed, running}``."""
    started = told.last(StepStarted)
    if started is None:
        return None
    ended = [event for _, _, event in told.events if isinstance(event, ScopeEnded)]
    failed = sum(event.error is not None for event in ended)
    box = None if visit is None else visit.box
    running = 0 if box is None else box.running
    count = started[1].count if started[1].count is not None else len(ended) + running
    done = len(ended) - failed - sum(bool(event.cancelled) for event in ended)
    return {"count": count, "completed": done, "failed": failed, "running": running}
