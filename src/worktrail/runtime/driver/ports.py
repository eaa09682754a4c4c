"""What the driver needs from rooms above it, as protocols that `app` fills. The driver knows no step type.

Rule: new kinds of work arrive as objects in these ports, never as a branch in the driver.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

import msgspec

from worktrail.events import Origin
from worktrail.store import StreamAppend, TaskRow

__all__ = ["Callbacks", "RunConfig", "RunPlace", "TaskAnswer", "TaskChange", "TaskPort"]


class RunPlace(msgspec.Struct, frozen=True):
    """Where a task comes from."""

    run_id: str
    visit: str
    segment_id: str
    step_id: str
    workspace_id: str
    instance_id: str
    business_key: str | None = None


class TaskAnswer(msgspec.Struct, frozen=True):
    """What the run is told when a task ends: ``outcome`` approved, rejected, modified, expired or cancelled, and the value
    that the outcome's port carries (JSON). ``shown``: the key of that object under which the step's own input stands."""

    run_id: str | None
    visit: str | None
    outcome: str
    value: Any
    principal: str | None
    shown: str | None = None


class TaskChange(msgspec.Struct, frozen=True):
    """One guarded change of one task: its append, its row, and what its run must be told (committed together)."""

    append: StreamAppend
    row: TaskRow
    answer: TaskAnswer | None = None


class TaskPort(Protocol):
    """The human task aggregate as the driver uses it; all functions are pure over rows and appends (``human`` implements it)."""

    def open_task(self, task_id: str, place: RunPlace, form: Mapping[str, Any], at_us: int) -> TaskChange:
        """``form`` is ``{"spec": <the step's config, expressions evaluated>, "data": <the step's input, as JSON in a Raw>}``."""
        ...

    def decide_task(
        self, task: TaskRow, history: Sequence[bytes], decision: Mapping[str, Any], origin: Origin, at_us: int
    ) -> TaskChange:
        """``decision``: ``{outcome, data?, option?, changes?, comment?, reason?, expected_version?}``.

        Raises CallerError (TASK_NOT_OPEN, TASK_VERSION, DECISION_INVALID …); fails closed."""
        ...

    def expire_task(self, task: TaskRow, history: Sequence[bytes], at_us: int) -> TaskChange: ...

    def cancel_task(self, task: TaskRow, history: Sequence[bytes], origin: Origin, at_us: int) -> TaskChange: ...


class RunConfig(msgspec.Struct, frozen=True):
    """Overrides for one run (seeds' names; seconds, or a ``timedelta``). Unset means: as step, segment and type say."""

    timeout_seconds: float | None = None
    max_retries: int | None = None
    retry_delay: float | None = None
    step_timeout: float | None = None
    deadline_s: float | None = None

    def __post_init__(self) -> None:
        for name in ("timeout_seconds", "retry_delay", "step_timeout", "deadline_s"):
            given: object = getattr(self, name)
            if isinstance(given, timedelta):
                msgspec.structs.force_setattr(self, name, given.total_seconds())


class Callbacks(msgspec.Struct, frozen=True):
    """Observers, sync or async; a failing one never breaks a run. ``on_step_start(step_id, inputs)``,
    ``on_step_complete(step_id, outputs)``, ``on_step_error(step_id, ErrorInfo)``, ``on_event(WorktrailEvent)``."""

    on_step_start: Any = None
    on_step_complete: Any = None
    on_step_error: Any = None
    on_event: Any = None
