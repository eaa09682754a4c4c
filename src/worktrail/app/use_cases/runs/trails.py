"""Trails: pages of public events for programs, and for people one line an event with the time since the start of the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.runs.rows import with_hint
from worktrail.events import WorktrailEvent, moment
from worktrail.runtime import iterate_trail, read_trail

__all__ = ["ENDINGS", "show_trail", "timeline", "trail_events", "trail_line", "trail_lines"]

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


_SHOWN = (
    "event_id", "event_type", "visit", "step_id", "step_type", "attempt", "severity", "principal", "payload", "error", "reason",
    "duration_ms",
)  # fmt: skip


def _shape(event: WorktrailEvent) -> dict[str, Any]:
    """An event as the API shows it: what stands once in the page, and what is null, is left out."""
    told = event.to_dict()
    shown = {name: told[name] for name in _SHOWN if told[name] is not None}
    if event.error is not None:
        shown["error"] = with_hint(told["error"])
    return {"seq": event.stream_seq, "timestamp": told["timestamp"], **shown}


def _wanted(
    caller: Caller, run_id: str, after_seq: int, event_types: Sequence[str] | None, visit: str | None
) -> Iterator[WorktrailEvent]:
    inside = None if visit is None else (f"{visit}#", f"{visit}/")
    for event in iterate_trail(caller.store, run_id, after_seq):
        if event_types is not None and event.event_type not in event_types:
            continue
        if visit is None or event.visit == visit or (inside is not None and (event.visit or "").startswith(inside)):
            yield event


@allowed
def show_trail(
    caller: Caller,
    run_id: str,
    *,
    after_seq: int = 0,
    limit: int = 500,
    event_types: Sequence[str] | None = None,
    visit: str | None = None,
) -> dict[str, Any]:
    """A page of events after a seq, oldest first: ``{run_id, segment_id, events, last_seq, position, next}``; ``next`` is the seq
    to go on after, null on the last page. ``visit`` also shows what is inside of it."""
    position = caller.store.position()
    row = caller.run(run_id)
    last_seq = caller.store.last_seqs([run_id]).get(run_id, 0)
    events = list(islice(_wanted(caller, run_id, after_seq, event_types, visit), limit + 1))
    more = len(events) > limit
    events = events[:limit]
    return {
        "run_id": run_id,
        "segment_id": row.segment_id,
        "events": [_shape(event) for event in events],
        "last_seq": last_seq,
        "position": position,
        "next": str(events[-1].stream_seq) if more else None,
    }


@allowed
def trail_lines(
    caller: Caller, run_id: str, *, after_seq: int = 0, event_types: Sequence[str] | None = None, visit: str | None = None
) -> Iterator[str]:
    """The whole trail as JSON lines, every key of every event. CallerError NOT_FOUND, before the first line."""
    caller.run(run_id)
    return (event.to_json() + "\n" for event in _wanted(caller, run_id, after_seq, event_types, visit))


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
