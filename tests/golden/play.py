"""Plays a golden case on the pure engine: commands in, trail lines out. No store, no loop, no clock.

``Stage`` is the smallest driver there is: it answers bind orders, starts handlers as soon as they may, and lets the script
say everything that comes from outside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec

from tests.golden.reader import Case
from worktrail import engine as e
from worktrail.contract import (
    PortSpec,
    SegmentDefinition,
    StepCatalog,
    StepCategory,
    StepTypeMetadata,
    lock_bytes,
    lock_hash,
    make_lock,
)
from worktrail.errors import CallerError
from worktrail.events import Blob, ErrorInfo, Event, Ref, SegmentStarted

__all__ = ["Stage", "catalog", "play"]

CHILD = SegmentDefinition.from_dict(
    {
        "worktrail": 1,
        "segment_id": "sub",
        "version": "1",
        "steps": [{"step_id": "only", "step_type": "transform", "config": {"expression": "input"}}],
        "edges": [],
    }
)


def catalog() -> StepCatalog:
    """The built-in types and those of the cases and of random segments."""
    types = StepCatalog()
    for type_id, silent in (("work", False), ("quiet", True), ("silent_work", True)):
        types.register_type(
            StepTypeMetadata(
                type_id=type_id,
                category=StepCategory.UTILITY,
                display_name=type_id,
                description="of the golden cases",
                silent=silent,
                input_ports=[PortSpec(port_id="input", required=False)],
                output_ports=[PortSpec(port_id="output")],
            )
        )
    return types


def no_schema(schema: dict[str, Any], value: Any) -> list[str]:
    """The cases use no output_schema."""
    return []


class Stage:
    """One run being played. ``events`` is its whole trail with times."""

    def __init__(self, segment: dict[str, Any], input_data: Any, run_id: str = "r") -> None:
        definition = SegmentDefinition.from_dict(segment)
        lock = make_lock(definition, catalog(), children=_children(definition))
        body = lock_bytes(lock)
        self.plan = e.compile_plan(msgspec.json.decode(body, type=type(lock)), lock_hash(lock))
        self.blobs: dict[str, bytes] = {}
        self.run = e.Run(run_id, self.plan)
        self.values = e.Values(lock, self.blobs.__getitem__, self._keep)
        self.events: list[tuple[int, Event]] = []
        self.turns: list[int] = []
        self.now_us = 1_000_000
        self.observe: Callable[[e.Run], None] | None = None
        entry = e.bind_entry(self.plan, input_data, self.values, no_schema)
        self.take(e.RequestRun(SegmentStarted("s", "hash", "lock", self.values.write(input_data), "seed", entry=entry)))

    def _keep(self, raw: bytes) -> Ref:
        address = hashlib.sha256(raw).hexdigest()
        self.blobs[address] = raw
        return Blob(address, len(raw))

    def take(self, command: e.Command) -> None:
        """One command and everything that follows from it."""
        self.now_us += 1_000_000
        self._note(e.decide(self.run, command, self.now_us))
        while True:
            self._cancel_tasks()
            self._bind()
            changed, self.run.touched = self.run.touched, {}
            for visit in changed.values():
                self._see(visit)
            if e.next_order(self.run) is None and not self.run.touched:
                break
        self.turns.append(len(self.events))
        if self.observe is not None:
            self.observe(self.run)

    def _note(self, events: list[Event]) -> None:
        self.events += [(self.now_us, event) for event in events]

    def _bind(self) -> None:
        while (order := e.next_order(self.run)) is not None:
            self._note(e.decide(self.run, e.bind(self.run, *order, self.values, no_schema), self.now_us))

    def _see(self, visit: e.Visit) -> None:
        work = e.work_of(self.run, visit) if visit.id in self.run.open else None
        if work is None:
            return
        if work.kind == "attempt":
            self._note(e.decide(self.run, e.Start(visit.id), self.now_us))
            self.run.touched.pop(visit.id, None)
        elif work.kind == "bind":
            self._note(e.decide(self.run, e.bind(self.run, visit.id, work.phase, self.values, no_schema), self.now_us))

    def _cancel_tasks(self) -> None:
        """Tasks that are to be cancelled confirm on the spot."""
        for visit in [one for one in self.run.touched.values() if one.id in self.run.open]:
            work = e.work_of(self.run, visit)
            if work is not None and work.kind == "cancel_task" and visit.task_id is not None:
                self._note(e.decide(self.run, e.TaskEnded(visit.id, visit.task_id, "cancelled"), self.now_us))

    def outputs(self, ports: dict[str, Any]) -> dict[str, Ref]:
        return {port: self.values.write(value) for port, value in ports.items()}

    def complete(self, visit_id: str, ports: dict[str, Any]) -> None:
        """The running attempt answers; conditions are evaluated where the answer is made (RULES §3)."""
        visit = self.run.open[visit_id]
        refs = self.outputs(ports)
        verdicts = e.verdicts_at(self.run, visit, refs, self.values)
        self.take(e.Complete(visit_id, visit.attempt, refs, verdicts))

    def fail(self, visit_id: str, code: str, *, message: str = "", recoverable: bool = True, not_executed: bool = False) -> None:
        visit = self.run.open[visit_id]
        error = ErrorInfo(code, message, recoverable=recoverable, not_executed=not_executed)
        self.take(e.Fail(visit_id, visit.attempt, error, *e.failure_facts(self.run, visit, error, self.values)))

    def fire(self, visit_id: str) -> None:
        """Time passes until the visit's timer is due."""
        visit = self.run.open[visit_id]
        self.now_us = max(self.now_us, visit.due_us)
        retry = visit.status == e.Status.RETRYING and visit.step.kind == "handler"
        self.take(e.Start(visit_id) if retry else e.TimerDue(visit_id))

    def read(self, ref: Ref) -> Any:
        return self.values.read(e.resolve(self.run, ref))


def _children(definition: SegmentDefinition) -> dict[str, tuple[str, str]]:
    lock = make_lock(CHILD, catalog())
    names = definition.resources.segments or {}
    return {name: (CHILD.hash() if callable(CHILD.hash) else CHILD.hash, lock_hash(lock)) for name in names}


def play(case: Case) -> Stage:
    """Run the script of a case."""
    stage = Stage(case.segment, case.input)
    for verb, arguments in case.script:
        _SCRIPT[verb](stage, **arguments)
    return stage


def _time_out(stage: Stage, visit: str, limit: str = "attempt") -> None:
    stage.take(e.TimeOut(visit, stage.run.open[visit].attempt, limit))


def _interrupt(stage: Stage, visit: str) -> None:
    stage.take(e.Interrupt(visit, stage.run.open[visit].attempt))


def _decide(stage: Stage, visit: str, outcome: str, value: Any = None) -> None:
    key, _, step = visit.rpartition("/")
    scope = stage.run.scopes[key]
    one = scope.visits[scope.graph.numbers[step]]
    assert one is not None and one.task_id is not None
    ref = stage.values.write(value)
    verdicts = e.verdicts_at(stage.run, one, {outcome: ref}, stage.values)
    stage.take(e.TaskEnded(visit, one.task_id, outcome, ref, verdicts=verdicts))


def _child(stage: Stage, visit: str, **end: Any) -> None:
    child = stage.run.open[visit].child or ""
    if "completed" in end:
        stage.take(e.ChildEnded(visit, child, "completed", stage.values.write(end["completed"])))
    elif "failed" in end:
        stage.take(e.ChildEnded(visit, child, "failed", error=ErrorInfo(end["failed"], "")))
    else:
        stage.take(e.ChildEnded(visit, child, "cancelled"))


def _resolve(stage: Stage, visit: str, action: str, ports: dict[str, Any] | None = None, edge: int | None = None) -> None:
    open_ones = [one for one in stage.run.incidents.values() if one.visit == visit and (edge is None or edge in one.edges)]
    if not open_ones:
        raise CallerError("INCIDENT_NOT_OPEN", f"no incident of {visit}")
    outputs = None if ports is None else stage.outputs(ports)
    stage.take(e.Resolve(open_ones[0].id, str(action).lower(), outputs, edge))


_SCRIPT: dict[str, Callable[..., None]] = {
    "answer": lambda stage, visit, ports: stage.complete(visit, ports),
    "fail": lambda stage, visit, code, **more: stage.fail(visit, code, **more),
    "time_out": _time_out,
    "interrupt": _interrupt,
    "probe": lambda stage, visit, found, ports=None: stage.take(
        e.Probed(visit, found, None if ports is None else stage.outputs(ports))
    ),
    "fire": lambda stage, visit: stage.fire(visit),
    "decide": _decide,
    "expire": lambda stage, visit: _decide(stage, visit, "expired"),
    "child": _child,
    "resolve": _resolve,
    "cancel": lambda stage, reason=None: stage.take(e.Cancel(reason)),
    "pause": lambda stage: stage.take(e.Pause()),
    "resume": lambda stage: stage.take(e.Resume()),
}
