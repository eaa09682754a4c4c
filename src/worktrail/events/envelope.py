"""The public event: what readers, streams and exports see.

Rule: a ``WorktrailEvent`` is built for a reader only; the journal stores appends (see ``append``). Its JSON has every key,
null where absent, times as ISO 8601 in UTC. ``public_events`` unfolds an append; inputs of a visit are not in its event
(they are references into the trail): a reader that wants them folds the trail.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from worktrail.errors import OurError
from worktrail.events.append import Append
from worktrail.events.failures import ErrorInfo
from worktrail.events.vocabulary import TYPES, Event

__all__ = ["EventSeverity", "EventType", "WorktrailEvent", "event_documents", "moment", "public_events"]

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class EventSeverity(StrEnum):
    """How loud; the seeds' five."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


class EventType(StrEnum):
    """Dotted past-tense types. Those of a run's trail equal ``TYPES``; the rest belong to other streams or to ``observed``."""

    SEGMENT_STARTED = "segment.started"
    SEGMENT_COMPLETED = "segment.completed"
    SEGMENT_FAILED = "segment.failed"
    SEGMENT_CANCELLED = "segment.cancelled"
    SEGMENT_PAUSED = "segment.paused"
    SEGMENT_RESUMED = "segment.resumed"
    SEGMENT_CANCEL_REQUESTED = "segment.cancel_requested"
    STEP_SCHEDULED = "step.scheduled"
    STEP_STARTED = "step.started"
    STEP_COMPLETED = "step.completed"
    STEP_FAILED = "step.failed"
    STEP_SKIPPED = "step.skipped"
    STEP_CANCELLED = "step.cancelled"
    STEP_RETRYING = "step.retrying"
    STEP_TIMED_OUT = "step.timed_out"
    STEP_ANSWERED = "step.answered"
    STEP_INTERRUPTED = "step.interrupted"
    SCOPE_ENDED = "scope.ended"
    TIMER_SET = "timer.set"
    TIMER_FIRED = "timer.fired"
    HUMAN_TASK_CREATED = "human.task_created"
    HUMAN_TASK_ASSIGNED = "human.task_assigned"
    HUMAN_TASK_ESCALATED = "human.task_escalated"
    HUMAN_TASK_COMPLETED = "human.task_completed"
    HUMAN_TASK_EXPIRED = "human.task_expired"
    HUMAN_TASK_CANCELLED = "human.task_cancelled"
    HUMAN_TASK_LATE = "human.task_late"
    INCIDENT_OPENED = "incident.opened"
    INCIDENT_RESOLVED = "incident.resolved"
    ACTION_STARTED = "action.started"
    ACTION_COMPLETED = "action.completed"
    ACTION_FAILED = "action.failed"
    DATA_PUBLISHED = "data.published"
    DATA_PRODUCED = "data.produced"
    DATA_CONSUMED = "data.consumed"
    CUSTOM = "custom"


_SEVERITY = {
    "segment.failed": EventSeverity.ERROR,
    "step.failed": EventSeverity.ERROR,
    "incident.opened": EventSeverity.ERROR,
    "step.retrying": EventSeverity.WARNING,
    "step.timed_out": EventSeverity.WARNING,
    "step.interrupted": EventSeverity.WARNING,
    "human.task_expired": EventSeverity.WARNING,
    "segment.cancelled": EventSeverity.WARNING,
}


class WorktrailEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One fact, whole. ``event_id`` is ``<run_id>:<seq>`` (``<stream>:<seq>`` outside runs); ``duration_ms`` on endings."""

    event_id: str
    event_type: str
    timestamp: datetime
    tenant_id: str = "default"
    workspace_id: str = "default"
    instance_id: str = "default"
    stream: str = ""
    stream_seq: int = 0
    run_id: str | None = None
    root_run_id: str | None = None
    parent_run_id: str | None = None
    segment_id: str | None = None
    step_id: str | None = None
    step_type: str | None = None
    visit: str | None = None
    attempt: int | None = None
    severity: str = EventSeverity.INFO
    principal: str | None = None
    correlation_id: str | None = None
    causation: str | None = None
    parent_event_id: str | None = None
    payload: dict[str, Any] = {}
    error: ErrorInfo | None = None
    reason: str | None = None
    duration_ms: int | None = None
    v: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Every key, JSON values only; fractions are ``Decimal``, digit by digit."""
        shape = {name: getattr(self, name) for name in self.__struct_fields__}
        shape["timestamp"] = self.timestamp.isoformat().replace("+00:00", "Z")
        shape["event_type"] = str(self.event_type)
        shape["severity"] = str(self.severity)
        shape["error"] = None if self.error is None else self.error.to_dict()
        shape["payload"] = msgspec.to_builtins(self.payload, builtin_types=(Decimal,), enc_hook=_raw_value)
        return shape

    def to_json(self) -> str:
        """``to_dict`` as JSON text."""
        return _encoder.encode(self.to_dict()).decode()

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> WorktrailEvent:
        """The event of ``to_dict``; unknown keys are refused."""
        shape = dict(document)
        unknown = set(shape) - set(cls.__struct_fields__)
        if unknown:
            raise OurError("JOURNAL_VERSION", f"unknown event keys {sorted(unknown)}")
        stamp = shape["timestamp"]
        shape["timestamp"] = stamp if isinstance(stamp, datetime) else datetime.fromisoformat(stamp)
        error = shape.get("error")
        if isinstance(error, dict):
            shape["error"] = ErrorInfo(**{key: error[key] for key in ErrorInfo.__struct_fields__ if error.get(key) is not None})
        return cls(**shape)


def _raw_value(found: Any) -> Any:
    """Bytes of JSON that stand in a reference, as a value; numbers keep their digits."""
    if isinstance(found, msgspec.Raw):
        return _decoder.decode(found)
    raise NotImplementedError(f"a {type(found).__name__} cannot stand in an event's payload")


def moment(at_us: int) -> datetime:
    """Microseconds since 1970 as an aware UTC datetime, exactly."""
    return _EPOCH + timedelta(microseconds=at_us)


def public_events(append: Append, stream: str, common: dict[str, Any]) -> Iterator[WorktrailEvent]:
    """The public events of an append. ``common`` holds what stands once in the stream's own row (tenant, run, segment ids)."""
    origin = append.origin
    known = dict(common)
    if origin is not None:
        known.update(principal=origin.principal, causation=origin.command_id, correlation_id=origin.correlation_id)
    prefix = known.get("run_id") or stream
    for offset, event in enumerate(append.events):
        seq = append.first_seq + offset
        yield WorktrailEvent(
            event_id=f"{prefix}:{seq}",
            timestamp=moment(append.at_us),
            stream=stream,
            stream_seq=seq,
            **known,
            **_facts(event),
        )


def event_documents(append: Append, prefix: str) -> list[dict[str, Any]]:
    """The events of an append as the API shows them: ``{event_id, seq, event_type, timestamp, visit, …, payload}``, what is null
    left out. Values are left as they are decoded (structs, raw JSON): a JSON encoder writes them, and nothing is copied before.

    ``prefix`` begins the event ids: the run's id, outside runs the stream.
    """
    origin = append.origin
    at = moment(append.at_us).isoformat().replace("+00:00", "Z")
    known = {} if origin is None or origin.principal is None else {"principal": origin.principal}
    documents = []
    for seq, event in enumerate(append.events, start=append.first_seq):
        facts = _facts(event)
        error = facts["error"]
        if error is not None:
            told = error.to_dict()
            facts["error"] = {name: told[name] for name in told if told[name] is not None and name != "stack_trace"}
        shown = {name: value for name, value in facts.items() if value is not None}
        documents.append({"event_id": f"{prefix}:{seq}", "seq": seq, "timestamp": at, **known, **shown})
    return documents


def _facts(event: Event) -> dict[str, Any]:
    """What the event itself says, spread over the envelope; the rest is its payload."""
    fields = msgspec.structs.asdict(event)
    dotted = TYPES[type(event).__struct_config__.tag]  # type: ignore[index]
    facts: dict[str, Any] = {"event_type": dotted, "severity": _SEVERITY.get(dotted, EventSeverity.INFO)}
    visit = fields.pop("visit", None)
    if visit is not None:
        facts["visit"] = visit
        facts["step_id"] = visit.rpartition("/")[2]
    if dotted != "step.retrying":
        facts["attempt"] = fields.pop("attempt", None)
    facts["error"] = fields.pop("error", None)
    reason = fields.pop("rule", None) or fields.pop("reason", None)
    facts["reason"] = reason
    facts["payload"] = {key: value for key, value in fields.items() if value is not None and key not in {"reason", "segment_id"}}
    return facts
