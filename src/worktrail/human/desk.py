"""``TaskDesk``: every change of a human task, one guarded function each. Pure: rows and bytes in, an append out.

Rule: what is in the task's own stream decides, not the row (a projection). A task is decided at most once: every change but
the first looks the status up, and the append carries the next seq, so that of two decisions at one time the store takes one.
A decision after the due time is refused even if nobody has said `expired` yet: whether it counts must not depend on how
quickly a clock was looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from worktrail.contract import SchemaChecker
from worktrail.engine import json_bytes
from worktrail.errors import CallerError
from worktrail.events import Origin
from worktrail.human.codec import encode_task_body
from worktrail.human.forms import read_form, timeout_us
from worktrail.human.lifecycle import Task, apply_task, fold_task, iso_time, row_of
from worktrail.human.rules import judge
from worktrail.human.vocabulary import TaskCancelled, TaskCreated, TaskDecided, TaskEvent, TaskExpired
from worktrail.runtime import RunPlace, TaskAnswer, TaskChange
from worktrail.store import StreamAppend, TaskRow

__all__ = ["TaskDesk", "port_value", "task_stream"]


def task_stream(task_id: str) -> str:
    """The name of a task's stream."""
    return f"task:{task_id}"


def port_value(task: Task) -> dict[str, Any]:
    """What the port of the task's outcome carries: ``{decision, data, option?, input?, changes?, comment, reason, decided_by,
    decided_at}``; ``data`` is what the person was shown (the step's input)."""
    value: dict[str, Any] = {"decision": task.outcome, "data": task.data}
    comment = reason = None
    if isinstance(task.ended, TaskDecided):
        value |= task.ended.given or {}
        comment, reason = task.ended.comment, task.ended.reason
    elif task.status == "expired":
        reason = "nobody decided in time"
    ended = None if task.ended_us is None else iso_time(task.ended_us)
    return {**value, "comment": comment, "reason": reason, "decided_by": task.decided_by, "decided_at": ended}


class TaskDesk:
    """Implements the driver's ``TaskPort``. ``checker`` checks what people fill in against the form's JSON Schema."""

    def __init__(self, checker: SchemaChecker) -> None:
        self._checker = checker

    def open_task(self, task_id: str, place: RunPlace | None, form: Mapping[str, Any], at_us: int) -> TaskChange:
        """The task of a step (or, with no place, of nobody's run). ``form``: ``{"spec": <config>, "data": <input>}``;
        the input is a value, or its JSON as ``msgspec.Raw``.

        Always opens: parts of the config that cannot be used are read carefully and said in the form's ``problems``.
        """
        spec = form.get("spec") or {}
        read = read_form(spec)
        late: list[str] = []
        due_us = at_us + timeout_us(spec, late.append)
        if late:
            read = msgspec.structs.replace(read, problems=[*read.problems, *late])
        if not read.title:
            read = msgspec.structs.replace(read, title=place.step_id if place is not None else task_id)
        shown = form.get("data")
        data = shown if isinstance(shown, msgspec.Raw) else msgspec.Raw(json_bytes(shown))
        if place is None:
            created = TaskCreated(read, data, due_us)
        else:
            created = TaskCreated(
                read,
                data,
                due_us,
                place.workspace_id,
                place.run_id,
                place.visit,
                place.segment_id,
                place.step_id,
                place.instance_id,
                place.business_key,
            )
        task = apply_task(None, created, task_id=task_id, at_us=at_us, origin=None)
        body = encode_task_body(at_us, None, [created])
        return TaskChange(StreamAppend(task_stream(task_id), 1, 1, body), row_of(task))

    def decide_task(
        self, task: TaskRow, history: Sequence[bytes], decision: Mapping[str, Any], origin: Origin, at_us: int
    ) -> TaskChange:
        """A person's decision. CallerError TASK_NOT_OPEN, TASK_VERSION, DECISION_INVALID; fails closed."""
        now = self._open(task, history)
        due_us = now.created.due_us
        if due_us is not None and at_us >= due_us:
            details = {"status": now.status, "due_at": iso_time(due_us)}
            message = f"task {now.task_id} was due at {iso_time(due_us)}: a decision comes too late"
            raise CallerError("TASK_NOT_OPEN", message, details=details)
        expected = decision.get("expected_version")
        if expected is not None:
            if isinstance(expected, bool) or not isinstance(expected, int):
                raise CallerError("DECISION_INVALID", "'expected_version' must be a whole number", pointer="/expected_version")
            if expected != now.version:
                message = f"task {now.task_id} is at version {now.version}, not {expected}: it changed since you looked"
                raise CallerError("TASK_VERSION", message, details={"version": now.version, "expected_version": expected})
        if not origin.principal:
            raise CallerError("DECISION_INVALID", "a decision needs somebody who decides: the command has no principal")
        return self._end(now, judge(now.created.form, decision, self._checker), origin, at_us)

    def expire_task(self, task: TaskRow, history: Sequence[bytes], at_us: int) -> TaskChange:
        """The due time passed. CallerError TASK_NOT_OPEN where the task has ended."""
        now = self._open(task, history)
        return self._end(now, TaskExpired(now.created.due_us), None, at_us)

    def cancel_task(self, task: TaskRow, history: Sequence[bytes], origin: Origin, at_us: int) -> TaskChange:
        """The run needs no decision any more. CallerError TASK_NOT_OPEN where the task has ended: then that end is its fact."""
        return self._end(self._open(task, history), TaskCancelled(), origin, at_us)

    def _open(self, row: TaskRow, history: Sequence[bytes]) -> Task:
        task = fold_task(row.task_id, history)
        if task.status != "open":
            by = f" by {task.decided_by}" if task.decided_by else ""
            said = f" ({task.outcome}{by})" if task.outcome else ""
            raise CallerError(
                "TASK_NOT_OPEN",
                f"task {task.task_id} is {task.status}{said}",
                details={"status": task.status, "outcome": task.outcome, "decided_by": task.decided_by},
            )
        return task

    def _end(self, task: Task, event: TaskEvent, origin: Origin | None, at_us: int) -> TaskChange:
        after = apply_task(task, event, task_id=task.task_id, at_us=at_us, origin=origin)
        body = encode_task_body(at_us, origin, [event])
        append = StreamAppend(task_stream(task.task_id), task.version + 1, 1, body)
        created = task.created
        cancelled = after.status == "cancelled"
        answer = TaskAnswer(
            run_id=created.run_id,
            visit=created.visit,
            outcome="cancelled" if cancelled else str(after.outcome),
            value=None if cancelled else port_value(after),
            principal=after.decided_by,
            shown="data",
        )
        return TaskChange(append, row_of(after), answer)
