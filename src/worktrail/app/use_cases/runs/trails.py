"""Trails for people: one line an event, with the time since the start of the run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from worktrail.app.caller import Caller, allowed
from worktrail.events import WorktrailEvent, moment
from worktrail.runtime import read_trail

__all__ = ["ENDINGS", "timeline", "trail_events", "trail_line"]

ENDINGS = frozenset({"segment.completed", "segment.failed", "segment.cancelled"})
# Events that somebody asked for, where the line says who.
ASKED = frozenset(
    {
        "segment.started",
        "segment.paused",
        "segment.resumed",
        "segment.cancel_requested",
        "human.task_completed",
        "incident.resolved",
    }
)
# What of a payload is worth a word in a line, in this order.
WORDS = ("outcome", "task_id", "incident", "kind", "action", "child", "count", "name", "limit", "number", "ends", "child_run_id")


@allowed
def trail_events(caller: Caller, run_id: str, after_seq: int = 0) -> list[WorktrailEvent]:
    """The run's public events after a seq. CallerError NOT_FOUND."""
    caller.run(run_id)
    return read_trail(caller.store, run_id, after_seq)


def trail_line(event: WorktrailEvent, started_us: int) -> dict[str, Any]:
    """The parts of one line: ``{seq, at, after_s, event, visit, attempt, text, severity}``."""
    parts = []
    for word in WORDS:
        value = event.payload.get(word)
        if value is not None and value != "":
            parts.append(f"{word} {value}")
    if event.error is not None:
        parts.append(f"{event.error.error_code}: {event.error.error_message}")
    if event.reason:
        parts.append(str(event.reason))
    if event.principal and event.event_type in ASKED:
        parts.append(f"by {event.principal}")
    return {
        "seq": event.stream_seq,
        "at": event.timestamp.isoformat().replace("+00:00", "Z"),
        "after_s": max(0.0, (event.timestamp - moment(started_us)).total_seconds()),
        "event": event.event_type,
        "visit": event.visit,
        "attempt": event.attempt,
        "text": " · ".join(parts),
        "severity": str(event.severity),
    }


@allowed
def timeline(caller: Caller, run_id: str, after_seq: int = 0) -> Iterator[dict[str, Any]]:
    """The lines of a run's trail after a seq."""
    row = caller.run(run_id)
    return (trail_line(event, row.created_us) for event in read_trail(caller.store, run_id, after_seq))
