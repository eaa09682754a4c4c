"""The life of a task: a literal table, and the fold over its stream.

Rule: a task ends once. Every event is looked up by (status, type) in ``LIFECYCLE``; what has no row cannot happen. A row of
the inbox is a projection of the fold and of nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from worktrail.errors import OurError
from worktrail.events import Origin, moment
from worktrail.human.codec import decode_json, decode_task_body
from worktrail.human.vocabulary import TASK_TYPES, TaskCancelled, TaskCreated, TaskDecided, TaskEvent
from worktrail.store import TaskRow

__all__ = ["LIFECYCLE", "Task", "apply_task", "fold_task", "iso_time", "row_of"]

# (status before, event) → status after. "" is the task that does not exist yet.
LIFECYCLE: dict[tuple[str, str], str] = {
    ("", "task.created"): "open",
    ("open", "task.decided"): "completed",
    ("open", "task.expired"): "expired",
    ("open", "task.cancelled"): "cancelled",
}


class Task(msgspec.Struct, frozen=True):
    """A task as its stream says it is. ``version`` counts its events; ``ended`` is the event that ended it."""

    task_id: str
    status: str
    created: TaskCreated
    created_us: int
    version: int = 1
    ended: TaskEvent | None = None
    ended_us: int | None = None
    decided_by: str | None = None

    @property
    def data(self) -> Any:
        """The value that the person looks at: the step's input, numbers digit by digit."""
        return decode_json(self.created.data)

    @property
    def outcome(self) -> str | None:
        """``approved``, ``rejected``, ``modified``, ``expired``; null while open and when cancelled."""
        if isinstance(self.ended, TaskDecided):
            return self.ended.outcome
        return "expired" if self.status == "expired" else None

    def to_dict(self) -> dict[str, Any]:
        """JSON object for readers: the form, the data, the state, the decision."""
        created, ended = self.created, self.ended
        shape: dict[str, Any] = {
            "task_id": self.task_id,
            "status": self.status,
            "version": self.version,
            "form": {**EMPTY_FORM, **msgspec.to_builtins(created.form)},
            "data": self.data,
            "created_at": iso_time(self.created_us),
            "due_at": None if created.due_us is None else iso_time(created.due_us),
            "workspace_id": created.workspace_id or "default",
            "run_id": created.run_id,
            "visit": created.visit,
            "segment_id": created.segment_id,
            "step_id": created.step_id,
            "instance_id": created.instance_id,
            "business_key": created.business_key,
            "outcome": self.outcome,
            "decided_by": self.decided_by,
            "ended_at": None if self.ended_us is None else iso_time(self.ended_us),
            "comment": None,
            "reason": None,
        }
        if isinstance(ended, TaskDecided):
            shape |= {"comment": ended.comment, "reason": ended.reason, **(ended.given or {})}
        elif isinstance(ended, TaskCancelled):
            shape["reason"] = ended.reason
        return shape


EMPTY_FORM: dict[str, Any] = {
    "task_type": "approval",
    "title": "",
    "description": "",
    "assignee": None,
    "candidate_groups": [],
    "priority": "normal",
    "options": [],
    "input_schema": None,
    "require_reason": [],
    "escalation_chain": [],
    "problems": [],
}


def iso_time(at_us: int) -> str:
    """ISO 8601 in UTC, with a Z."""
    return moment(at_us).isoformat().replace("+00:00", "Z")


def apply_task(task: Task | None, event: TaskEvent, *, task_id: str, at_us: int, origin: Origin | None) -> Task:
    """The task after one event; OurError JOURNAL_CORRUPT for what the table has no row for."""
    dotted = TASK_TYPES[event.__struct_config__.tag]  # type: ignore[index]
    before = "" if task is None else task.status
    after = LIFECYCLE.get((before, dotted))
    if after is None:
        raise OurError("JOURNAL_CORRUPT", f"task {task_id} is {before or 'not there'!s}: {dotted} cannot follow")
    if task is None:
        assert isinstance(event, TaskCreated)
        return Task(task_id, after, event, at_us)
    person = origin.principal if origin is not None and isinstance(event, TaskDecided) else None
    return msgspec.structs.replace(task, status=after, version=task.version + 1, ended=event, ended_us=at_us, decided_by=person)


def fold_task(task_id: str, bodies: Iterable[bytes]) -> Task:
    """The task of the bodies of its stream, in order; OurError JOURNAL_… where they cannot be a task's."""
    task: Task | None = None
    for body in bodies:
        append = decode_task_body(body)
        for event in append.events:
            task = apply_task(task, event, task_id=task_id, at_us=append.at_us, origin=append.origin)
    if task is None:
        raise OurError("JOURNAL_CORRUPT", f"the stream of task {task_id} is empty")
    return task


def row_of(task: Task) -> TaskRow:
    """The inbox's row of a task."""
    created, form = task.created, task.created.form
    return TaskRow(
        task_id=task.task_id,
        status=task.status,
        task_type=form.task_type,
        title=form.title,
        created_us=task.created_us,
        version=task.version,
        run_id=created.run_id,
        visit=created.visit,
        workspace_id=created.workspace_id or "default",
        assignee=form.assignee,
        candidate_groups=tuple(form.candidate_groups),
        priority=form.priority,
        due_us=created.due_us,
        outcome=task.outcome,
        decided_by=task.decided_by,
        ended_us=task.ended_us,
    )
