"""The vocabulary of a run's trail: one class an event type, past tense, written as a short JSON array.

Rule: the first element is the type's number; numbers are never reused, fields are only ever added at the end, and an
array may stop early (trailing nulls are cut). ``TYPES`` maps number → dotted public name. Reserved numbers stand in
``RESERVED`` so that later work finds its place.

Words used in fields: ``visit`` is the id ``step`` or ``container#3/step``; ``ends`` has one letter for each edge that
leaves the step, in document order: D delivered, L late, X dead (its port was not delivered), F dead (condition false),
E dead (condition error), O open (condition incident). ``rule`` is the number of the rule that decided (RULES).
"""

from __future__ import annotations

import msgspec

from worktrail.events.failures import ErrorInfo
from worktrail.events.refs import Ref

__all__ = [
    "RESERVED",
    "TYPES",
    "DataPublished",
    "Event",
    "HumanTaskCancelled",
    "HumanTaskCompleted",
    "HumanTaskCreated",
    "HumanTaskExpired",
    "HumanTaskLate",
    "IncidentOpened",
    "IncidentResolved",
    "RunConfigured",
    "ScopeEnded",
    "SegmentCancelRequested",
    "SegmentCancelled",
    "SegmentCompleted",
    "SegmentFailed",
    "SegmentPaused",
    "SegmentResumed",
    "SegmentStarted",
    "StepAnswered",
    "StepCancelled",
    "StepCompleted",
    "StepFailed",
    "StepInterrupted",
    "StepRetrying",
    "StepScheduled",
    "StepSkipped",
    "StepStarted",
    "StepTimedOut",
    "TimerFired",
    "TimerSet",
]


class RunConfigured(msgspec.Struct, omit_defaults=True, frozen=True, gc=False):
    """What the caller's RunConfig overrides, fixed for the life of the run (times in seconds)."""

    timeout_seconds: float | None = None
    deadline_s: float | None = None
    max_retries: int | None = None
    retry_delay: float | None = None
    step_timeout: float | None = None


class SegmentStarted(msgspec.Struct, array_like=True, tag=1, frozen=True, gc=False):
    """The first event of every run: what runs (by hash), on what, under which semantics, for whom."""

    segment_id: str
    segment_hash: str
    lock_hash: str
    input: Ref
    seed: str
    semantics: int = 1
    parameters: dict[str, Ref] | None = None
    entry: dict[str, dict[str, Ref]] | None = None  # entry step → port → reference, for ports filled by name
    config: RunConfigured | None = None
    business_key: str | None = None
    labels: dict[str, str] | None = None
    root_run_id: str | None = None
    parent_run_id: str | None = None
    parent_visit: str | None = None
    depth: int | None = None


class SegmentCompleted(msgspec.Struct, array_like=True, tag=2, frozen=True, gc=False):
    outputs: Ref
    rule: str | None = None


class SegmentFailed(msgspec.Struct, array_like=True, tag=3, frozen=True, gc=False):
    """``error`` is the first unhandled failure in the trail; ``others`` counts the rest."""

    error: ErrorInfo
    visit: str | None = None
    others: int | None = None
    rule: str | None = None


class SegmentCancelled(msgspec.Struct, array_like=True, tag=4, frozen=True, gc=False):
    reason: str | None = None


class SegmentPaused(msgspec.Struct, array_like=True, tag=5, frozen=True, gc=False):
    reason: str | None = None


class SegmentResumed(msgspec.Struct, array_like=True, tag=6, frozen=True, gc=False):
    reason: str | None = None


class SegmentCancelRequested(msgspec.Struct, array_like=True, tag=8, frozen=True, gc=False):
    """Cancelling began; the run is cancelled once awaited `once` work, tasks and children have answered (R10).

    ``error`` is set where a time limit of the run began it: then the run ends failed with that error."""

    reason: str | None = None
    error: ErrorInfo | None = None


class StepScheduled(msgspec.Struct, array_like=True, tag=10, frozen=True, gc=False):
    """The step starts (R2), or a join fires; ``counted`` are the edge numbers a join counted (R9), ``unmet`` that
    they are too few."""

    visit: str
    counted: list[int] | None = None
    rule: str | None = None
    unmet: bool | None = None


class StepStarted(msgspec.Struct, array_like=True, tag=11, frozen=True, gc=False):
    """An attempt took a slot. For a map: ``items``, ``count``, ``bound``; for a child: ``child`` and ``input``."""

    visit: str
    attempt: int = 1
    child: str | None = None
    input: Ref | None = None
    items: Ref | None = None
    count: int | None = None
    bound: int | None = None


class StepCompleted(msgspec.Struct, array_like=True, tag=12, frozen=True, gc=False):
    """``error`` is set where ``continue_with`` turned a failure into a value; ``conditions`` maps edge number → error, and
    ``stops`` says that such an error cancels the rest of the scope (R12, R11)."""

    visit: str
    outputs: dict[str, Ref]
    ends: str = ""
    error: ErrorInfo | None = None
    conditions: dict[str, ErrorInfo] | None = None
    rule: str | None = None
    stops: bool | None = None


class StepFailed(msgspec.Struct, array_like=True, tag=13, frozen=True, gc=False):
    """Final failure, after the last retry; ``handled`` by an error edge (R7) or not (R11). ``stops``: the rest of its
    scope is cancelled (R11)."""

    visit: str
    error: ErrorInfo
    ends: str = ""
    handled: bool = False
    conditions: dict[str, ErrorInfo] | None = None
    rule: str | None = None
    stops: bool | None = None


class StepSkipped(msgspec.Struct, array_like=True, tag=14, frozen=True, gc=False):
    """``cause`` is the number of the first dead inbound edge; ``error`` is set for ``on_error: skip``."""

    visit: str
    ends: str = ""
    cause: int | None = None
    rule: str | None = None
    error: ErrorInfo | None = None


class StepCancelled(msgspec.Struct, array_like=True, tag=15, frozen=True, gc=False):
    visit: str
    ends: str = ""
    rule: str | None = None
    cause: str | None = None  # the visit or command that caused it


class StepRetrying(msgspec.Struct, array_like=True, tag=16, frozen=True, gc=False):
    visit: str
    error: ErrorInfo
    attempt: int  # the next one
    due_us: int


class StepTimedOut(msgspec.Struct, array_like=True, tag=17, frozen=True, gc=False):
    visit: str
    attempt: int
    limit: str = "attempt"  # attempt | visit


class StepAnswered(msgspec.Struct, array_like=True, tag=20, frozen=True, gc=False):
    """The answer is here but its conditions are not evaluated yet: a bind order is open (RULES §3). ``ends``: what is known of
    the edges of an outcome that nobody takes, before the conditions of the error edges are."""

    visit: str
    status: str  # completed | failed
    outputs: dict[str, Ref] | None = None
    error: ErrorInfo | None = None
    ends: str | None = None


class StepInterrupted(msgspec.Struct, array_like=True, tag=21, frozen=True, gc=False):
    """The process that ran the attempt ended or lost its lease. ``probe``: `verify` asks outside before anything else.
    ``parked``: the process was told to stop, and said this itself before it did."""

    visit: str
    attempt: int
    probe: bool | None = None
    parked: bool | None = None


class ScopeEnded(msgspec.Struct, array_like=True, tag=22, frozen=True, gc=False):
    """An item of a map or a round of a loop ended. ``done`` is the recorded `until` of a round."""

    visit: str  # the container's
    number: int  # from 1
    result: Ref | None = None
    error: ErrorInfo | None = None
    done: bool | None = None
    cancelled: bool | None = None


class TimerSet(msgspec.Struct, array_like=True, tag=30, frozen=True, gc=False):
    visit: str
    due_us: int


class TimerFired(msgspec.Struct, array_like=True, tag=31, frozen=True, gc=False):
    visit: str


class HumanTaskCreated(msgspec.Struct, array_like=True, tag=40, frozen=True, gc=False):
    """``form`` is what the person is shown (title, assignee, data …), bound at start."""

    visit: str
    task_id: str
    form: Ref


class HumanTaskCompleted(msgspec.Struct, array_like=True, tag=41, frozen=True, gc=False):
    visit: str
    task_id: str
    outcome: str
    principal: str | None = None


class HumanTaskExpired(msgspec.Struct, array_like=True, tag=42, frozen=True, gc=False):
    visit: str
    task_id: str


class HumanTaskCancelled(msgspec.Struct, array_like=True, tag=43, frozen=True, gc=False):
    visit: str
    task_id: str


class HumanTaskLate(msgspec.Struct, array_like=True, tag=44, frozen=True, gc=False):
    """A decision accepted before the cancel reached its task: the task's fact, acted on by nobody (R10)."""

    visit: str
    task_id: str
    outcome: str


class IncidentOpened(msgspec.Struct, array_like=True, tag=50, frozen=True, gc=False):
    """``kind``: failure (R11), uncertain (a `once` in flight), condition (R12; ``edges`` are open)."""

    incident: str
    visit: str
    kind: str
    error: ErrorInfo
    edges: list[int] | None = None


class IncidentResolved(msgspec.Struct, array_like=True, tag=51, frozen=True, gc=False):
    """``action``: retry, deliver, skip, fail; for conditions true or false; cancelled when the scope closed it."""

    incident: str
    visit: str
    action: str
    ends: dict[str, str] | None = None  # edge number → D, L or F, for condition incidents
    reason: str | None = None


class DataPublished(msgspec.Struct, array_like=True, tag=60, frozen=True, gc=False):
    visit: str
    name: str
    payload: Ref


Event = (
    SegmentStarted
    | SegmentCompleted
    | SegmentFailed
    | SegmentCancelled
    | SegmentPaused
    | SegmentResumed
    | SegmentCancelRequested
    | StepScheduled
    | StepStarted
    | StepCompleted
    | StepFailed
    | StepSkipped
    | StepCancelled
    | StepRetrying
    | StepTimedOut
    | StepAnswered
    | StepInterrupted
    | ScopeEnded
    | TimerSet
    | TimerFired
    | HumanTaskCreated
    | HumanTaskCompleted
    | HumanTaskExpired
    | HumanTaskCancelled
    | HumanTaskLate
    | IncidentOpened
    | IncidentResolved
    | DataPublished
)

TYPES: dict[int, str] = {
    1: "segment.started",
    2: "segment.completed",
    3: "segment.failed",
    4: "segment.cancelled",
    5: "segment.paused",
    6: "segment.resumed",
    8: "segment.cancel_requested",
    10: "step.scheduled",
    11: "step.started",
    12: "step.completed",
    13: "step.failed",
    14: "step.skipped",
    15: "step.cancelled",
    16: "step.retrying",
    17: "step.timed_out",
    20: "step.answered",
    21: "step.interrupted",
    22: "scope.ended",
    30: "timer.set",
    31: "timer.fired",
    40: "human.task_created",
    41: "human.task_completed",
    42: "human.task_expired",
    43: "human.task_cancelled",
    44: "human.task_late",
    50: "incident.opened",
    51: "incident.resolved",
    60: "data.published",
}

RESERVED: dict[int, str] = {
    7: "segment.forked",
    18: "step.reused",
    19: "step.expanded",
    32: "message.awaited",
    33: "message.received",
    70: "usage.recorded",
    71: "budget.reserved",
    72: "budget.exhausted",
    80: "action.started",
    81: "action.completed",
    82: "action.failed",
}
