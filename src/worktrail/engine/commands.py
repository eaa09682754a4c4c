"""Commands: everything that reaches a run from outside its journal.

Rule: time, ids and randomness arrive inside a command or beside it (``at_us``), never from the engine. A command is a
wish or an answer; what becomes of it stands in the events that follow. A command that cannot be obeyed raises before
any event exists.
"""

from __future__ import annotations

import msgspec

from worktrail.events import ErrorInfo, Ref, SegmentStarted

__all__ = [
    "Bound",
    "Cancel",
    "ChildEnded",
    "Command",
    "Complete",
    "Fail",
    "Interrupt",
    "Pause",
    "Probed",
    "RequestRun",
    "Resolve",
    "Resume",
    "Start",
    "TaskEnded",
    "TimeOut",
    "TimeOutRun",
    "TimerDue",
]

# Edge number → True, False, or the error its condition ended in.
Verdicts = dict[int, bool | ErrorInfo]


class RequestRun(msgspec.Struct, frozen=True, gc=False):
    """Begin: the first event is made by the caller, because it fixes ids, seed, hashes and overrides."""

    started: SegmentStarted


class Start(msgspec.Struct, frozen=True, gc=False):
    """A slot was taken for an attempt of a handler visit. ``child`` names the child run where the kind is `child`."""

    visit: str
    child: str | None = None
    task_id: str | None = None


class Complete(msgspec.Struct, frozen=True, gc=False):
    """An attempt answered ``{port: value}``. ``verdicts`` brings the conditions of the delivered ports along, if known."""

    visit: str
    attempt: int
    outputs: dict[str, Ref]
    verdicts: Verdicts | None = None


class Fail(msgspec.Struct, frozen=True, gc=False):
    """An attempt failed. ``verdicts`` are those of the error edges, or of ``carried``'s ports: the value of `continue_with`."""

    visit: str
    attempt: int
    error: ErrorInfo
    verdicts: Verdicts | None = None
    carried: dict[str, Ref] | None = None


class Interrupt(msgspec.Struct, frozen=True, gc=False):
    """The process that ran the attempt is gone; nobody knows how far it came. ``parked``: it was told to stop, so the work is not
    what ended it."""

    visit: str
    attempt: int
    parked: bool = False


class Probed(msgspec.Struct, frozen=True, gc=False):
    """What the probe of `effect: verify` found: ``executed`` with outputs, ``not_executed``, or ``unknown``."""

    visit: str
    found: str
    outputs: dict[str, Ref] | None = None


class TimeOut(msgspec.Struct, frozen=True, gc=False):
    """A time limit passed: ``limit`` attempt (`timeout_s`) or visit (`deadline_s`)."""

    visit: str
    attempt: int
    limit: str = "attempt"


class TimeOutRun(msgspec.Struct, frozen=True, gc=False):
    """The run's `timeout_seconds` (active) or `deadline_s` (wall) passed."""

    limit: str


class TimerDue(msgspec.Struct, frozen=True, gc=False):
    """A wait or a retry back-off is over."""

    visit: str


class TaskEnded(msgspec.Struct, frozen=True, gc=False):
    """The human task answered: ``outcome`` a port, ``expired`` or ``cancelled``; ``value`` what the port carries."""

    visit: str
    task_id: str
    outcome: str
    value: Ref | None = None
    principal: str | None = None
    verdicts: Verdicts | None = None


class ChildEnded(msgspec.Struct, frozen=True, gc=False):
    """A child run ended: ``status`` completed, failed or cancelled."""

    visit: str
    child: str
    status: str
    outputs: Ref | None = None
    error: ErrorInfo | None = None
    verdicts: Verdicts | None = None


class Bound(msgspec.Struct, frozen=True, gc=False):
    """The answer to a bind order (RULES §3). Which fields count depends on the order's phase."""

    visit: str
    phase: str
    outputs: dict[str, Ref] | None = None
    verdicts: Verdicts | None = None
    error: ErrorInfo | None = None
    items: Ref | None = None
    count: int = 0
    concurrency: int = 1
    due_us: int = 0
    value: Ref | None = None  # form of a task, input of a child, value of continue_with, result of a run
    done: bool = False
    publish: tuple[str, Ref] | None = None


class Resolve(msgspec.Struct, frozen=True, gc=False):
    """A person repairs an incident: ``action`` retry, deliver, skip, fail; for conditions true or false (``edge`` or all)."""

    incident: str
    action: str
    outputs: dict[str, Ref] | None = None
    edge: int | None = None
    reason: str | None = None
    verdicts: Verdicts | None = None


class Cancel(msgspec.Struct, frozen=True, gc=False):
    reason: str | None = None


class Pause(msgspec.Struct, frozen=True, gc=False):
    reason: str | None = None


class Resume(msgspec.Struct, frozen=True, gc=False):
    reason: str | None = None


Command = (
    RequestRun
    | Start
    | Complete
    | Fail
    | Interrupt
    | Probed
    | TimeOut
    | TimeOutRun
    | TimerDue
    | TaskEnded
    | ChildEnded
    | Bound
    | Resolve
    | Cancel
    | Pause
    | Resume
)
