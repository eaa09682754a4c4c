"""The vocabulary of a human task's stream ``task:<id>``: one class an event type, past tense, written as a short JSON array.

Rule: as in a run's trail, the first element is the type's number; numbers are never reused, fields are only ever added at
the end, trailing nulls are cut. The run's trail says only created, decided, expired, cancelled; everything else that
happens to a task (who took it, who was asked next) is said here alone. What a person was shown stands in the first event
as it was shown, so that a decision can be understood, and checked, from this stream alone.
"""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = [
    "RESERVED_TASK_TYPES",
    "TASK_TYPES",
    "Form",
    "Option",
    "TaskCancelled",
    "TaskCreated",
    "TaskDecided",
    "TaskEvent",
    "TaskExpired",
]


class Option(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing to choose; ``label`` is what a person reads where it differs from the value."""

    value: Any
    label: str = ""


class Form(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person is asked, with every expression worked out. ``problems`` are sentences about parts of the step's config
    that could not be used as they came (the task opens all the same, with the careful reading)."""

    task_type: str = "approval"
    title: str = ""
    description: str = ""
    assignee: str | None = None
    candidate_groups: list[str] = []
    priority: str = "normal"
    options: list[Option] = []
    input_schema: dict[str, Any] | None = None
    require_reason: list[str] = []
    escalation_chain: list[Any] = []
    problems: list[str] = []


class TaskCreated(msgspec.Struct, array_like=True, tag=1, frozen=True):
    """The first event. ``data`` is the step's input as JSON bytes; the rest says when it is due and where it comes from."""

    form: Form
    data: msgspec.Raw
    due_us: int | None = None
    workspace_id: str | None = None
    run_id: str | None = None
    visit: str | None = None
    segment_id: str | None = None
    step_id: str | None = None
    instance_id: str | None = None
    business_key: str | None = None


class TaskDecided(msgspec.Struct, array_like=True, tag=2, frozen=True):
    """A person decided; who is the append's origin, when is its time. ``given``: ``option``, ``input``, ``changes`` or none."""

    outcome: str
    given: dict[str, Any] | None = None
    comment: str | None = None
    reason: str | None = None


class TaskExpired(msgspec.Struct, array_like=True, tag=3, frozen=True):
    """Nobody decided in time."""

    due_us: int | None = None


class TaskCancelled(msgspec.Struct, array_like=True, tag=4, frozen=True):
    """The run does not need the decision any more."""

    reason: str | None = None


TaskEvent = TaskCreated | TaskDecided | TaskExpired | TaskCancelled

TASK_TYPES: dict[int, str] = {
    1: "task.created",
    2: "task.decided",
    3: "task.expired",
    4: "task.cancelled",
}

RESERVED_TASK_TYPES: dict[int, str] = {
    10: "task.claimed",
    11: "task.released",
    12: "task.delegated",
    13: "task.assigned",
    14: "task.commented",
    15: "task.reminded",
    16: "task.escalated",
    17: "task.voted",
    18: "task.suspended",
    19: "task.resumed",
    20: "task.due_changed",
}
