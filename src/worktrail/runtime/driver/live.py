"""A live run: the folded state with what the process holds beside it, and the words of its row."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from worktrail.engine import Command, Run, Status, Values, Visit
from worktrail.errors import CallerError
from worktrail.events import ObjectOf, Ref, SegmentStarted
from worktrail.runtime.context import RuntimeContext
from worktrail.runtime.driver.ports import Callbacks, RunPlace
from worktrail.runtime.hooks import RunInfo
from worktrail.store import NewRun

__all__ = [
    "TIMED",
    "Attempt",
    "LiveRun",
    "Placed",
    "active_left_us",
    "check_place",
    "new_run_row",
    "next_due_us",
    "run_limits_s",
    "status_word",
    "visit_deadline_us",
]

TIMED = frozenset((Status.WAITING, Status.RETRYING))  # visits whose `due_us` counts
_UNSHOWN = re.compile("[\x00-\x1f\ud800-\udfff]")
NAME_MAX = 500  # characters of a run's id, business key or label


class Attempt:
    """A handler in flight."""

    __slots__ = ("context", "limit_s", "live", "number", "task", "visit")

    def __init__(self, live: LiveRun, visit: str, number: int) -> None:
        self.live = live
        self.visit = visit
        self.number = number
        self.task: asyncio.Task[None] | None = None
        self.limit_s: float | None = None  # set while its time runs
        self.context: Any = None


class Placed(msgspec.Struct, frozen=True):
    """What stands once in the run's row."""

    segment_id: str
    workspace_id: str = "default"
    instance_id: str = "default"
    business_key: str | None = None


class LiveRun:
    """A run in memory. ``written`` is the status its row has; ``parked`` runs are dropped from memory."""

    __slots__ = (
        "attempts",
        "callbacks",
        "in_turn",
        "named",
        "place",
        "queued",
        "reasons",
        "refused",
        "run",
        "runtime",
        "stream",
        "uncommitted",
        "values",
        "written",
    )

    def __init__(self, run: Run, values: Values, place: Placed, runtime: RuntimeContext) -> None:
        self.run = run
        self.stream = f"run:{run.id}"
        self.values = values
        self.place = place
        self.runtime = runtime
        self.callbacks: Callbacks | None = None
        self.attempts: dict[str, Attempt] = {}
        self.written = "new"
        self.reasons = "[]"  # what the row says the run waits for (see `waiting`)
        self.named: frozenset[str] = frozenset()  # the visits in it
        self.in_turn = False
        self.refused = False  # another process began it first
        self.queued: list[Command] = []
        self.uncommitted = 0

    def info(self) -> RunInfo:
        """The run, as hooks see it."""
        place, started = self.place, self.run.started
        return RunInfo(
            run_id=self.run.id,
            segment_id=place.segment_id,
            tenant_id=self.runtime.tenant_id,
            workspace_id=place.workspace_id,
            instance_id=place.instance_id,
            parent_run_id=started.parent_run_id if started is not None else None,
            root_run_id=started.root_run_id if started is not None else None,
        )

    def task_form(self, ref: Ref) -> dict[str, Any]:
        """The spec of a task's form as a value; its data as bytes, which need not be understood to be shown."""
        assert isinstance(ref, ObjectOf)
        return {"spec": self.values.read(ref.fields["spec"]), "data": msgspec.Raw(self.values.read_bytes(ref.fields["data"]))}

    def task_place(self, visit: Visit) -> RunPlace:
        place = self.place
        return RunPlace(
            self.run.id, visit.id, place.segment_id, visit.step.id, place.workspace_id, place.instance_id, place.business_key
        )


def status_word(run: Run) -> str:
    """The row's status. ``waiting``: nothing can happen until a person, a timer, a child or a message answers."""
    if run.status == "failed":
        timed_out = run.error is not None and run.error.error_code == "RUN_TIMED_OUT"
        return "timed_out" if timed_out else "failed"
    if run.ended:
        return run.status
    if run.paused:
        return "paused"
    return "waiting" if run.active == 0 else "running"


def visit_deadline_us(visit: Visit) -> int | None:
    """When the visit's `deadline_s` has passed, null where it has none, or a person is asked what becomes of it."""
    deadline_s = visit.step.policy.deadline_s
    return None if deadline_s is None or visit.status == Status.INCIDENT else visit.scheduled_us + int(deadline_s * 1e6)


def run_limits_s(run: Run) -> dict[str, float]:
    """The run's own time limits, `deadline_s` (wall) and `timeout_seconds` (active): what its starter said wins."""
    config = run.started.config if run.started is not None else None
    found = {}
    for name in ("deadline_s", "timeout_seconds"):
        limit = getattr(config, name) if config is not None else None
        limit = getattr(run.plan.root.policy, name) if limit is None else limit
        if limit is not None:
            found[name] = limit
    return found


def next_due_us(run: Run) -> int | None:
    """When a parked run must be looked at again if nothing else happens."""
    times = [visit.due_us for visit in run.open.values() if visit.due_us and visit.status in TIMED]
    times += [due_us for visit in run.open.values() if (due_us := visit_deadline_us(visit)) is not None]
    deadline_s = run_limits_s(run).get("deadline_s")
    if deadline_s is not None:
        times.append(run.started_us + int(deadline_s * 1e6))
    return min(times, default=None)


def check_place(run_id: str | None, place: Placed, labels: Any, principal: Any) -> None:
    """CallerError ARGUMENT_INVALID for a name that no reader of the database could show or find again."""
    texts = {"run_id": run_id, "business_key": place.business_key, "principal": principal}
    texts |= {"workspace_id": place.workspace_id, "instance_id": place.instance_id}
    if labels is not None and not isinstance(labels, Mapping):
        raise CallerError("ARGUMENT_INVALID", f"labels are a mapping of texts, not {type(labels).__name__}", pointer="/labels")
    for name, value in texts.items():
        _check_name(f"/{name}", value, optional=True)
    for number, (name, value) in enumerate((labels or {}).items(), start=1):
        _check_name(f"/labels/{number}", name, optional=False)
        _check_name(f"/labels/{name}", value, optional=False, empty=True)


def _check_name(pointer: str, value: Any, *, optional: bool, empty: bool = False) -> None:
    if value is None and optional:
        return
    if not isinstance(value, str):
        raise CallerError("ARGUMENT_INVALID", f"{pointer[1:]} is a text, not {type(value).__name__}", pointer=pointer)
    if len(value) > NAME_MAX or not (value or empty):
        message = f"{pointer[1:]} has {len(value):,} characters; from 1 to {NAME_MAX} are allowed"
        raise CallerError("ARGUMENT_INVALID", message, pointer=pointer)
    if _UNSHOWN.search(value) is not None:
        raise CallerError("ARGUMENT_INVALID", f"{pointer[1:]} holds a sign that cannot be shown", pointer=pointer)


def new_run_row(run_id: str, started: SegmentStarted, place: Placed, at_us: int) -> NewRun:
    """The row of a run's first commit."""
    return NewRun(
        run_id,
        started.segment_id,
        started.segment_hash,
        started.lock_hash,
        at_us,
        place.workspace_id,
        place.instance_id,
        "running",
        started.business_key,
        started.labels,
        started.root_run_id,
        started.parent_run_id,
        started.parent_visit,
    )


def active_left_us(run: Run, now_us: int) -> int:
    """What is left of the run's `timeout_seconds` of active time."""
    limit_s = run_limits_s(run).get("timeout_seconds")
    used_us = run.active_us
    if run.active and not run.paused:
        used_us += now_us - run.active_since_us
    return max(0, int((limit_s or 0) * 1e6) - used_us)
