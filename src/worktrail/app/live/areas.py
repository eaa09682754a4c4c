"""Areas: the words in which the realtime feed tells what happened, as one table.

Rule: a headline of the journal has exactly one ``area`` and one ``event_type`` here, and a payload of short references; what is
no headline (a step that was scheduled, a timer that was set) is in the trail alone. Events told by a program (``custom``) bring
their own words. ``seq`` of the feed is made of the journal's position and the event's place in its append, so it is unique,
rises over restarts, and is the same in every server process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

__all__ = ["AREAS", "HEADLINES", "PLACES", "after_seq", "area_of", "feed_payload", "seq_of", "short"]

PLACES: Final = 1 << 16  # events of one append that have a number of their own; the seq stays below 2^53 for 10^11 appends


def seq_of(position: int, place: int) -> int:
    """The feed's number of an event: position of its append in the journal, place in the append from 0."""
    return position * PLACES + min(place, PLACES - 1)


def after_seq(seq: int) -> int:
    """The position to read after to go on after a feed's number; of the next append a part may have been had before."""
    position, place = divmod(seq, PLACES)
    return position if place == PLACES - 1 else max(0, position - 1)


# public event type → (area, event_type of the feed, status where the feed says one)
AREAS: Final[dict[str, tuple[str, str, str | None]]] = {
    "segment.started": ("workflow", "workflow_started", "running"),
    "segment.completed": ("workflow", "workflow_run", "ok"),
    "segment.failed": ("workflow", "workflow_run", "failed"),
    "segment.cancelled": ("workflow", "workflow_run", "cancelled"),
    "segment.paused": ("workflow", "workflow_paused", "paused"),
    "segment.resumed": ("workflow", "workflow_resumed", "running"),
    "step.failed": ("workflow", "step_failed", "failed"),
    "incident.opened": ("workflow", "incident_opened", None),
    "incident.resolved": ("workflow", "incident_resolved", None),
    "human.task_created": ("human", "task_created", "open"),
    "human.task_completed": ("human", "task_completed", "completed"),
    "human.task_expired": ("human", "task_expired", "expired"),
    "human.task_cancelled": ("human", "task_cancelled", "cancelled"),
    "segment.published": ("workflow", "workflow_edited", "published"),
    "key.created": ("workspace", "key_created", None),
    "key.revoked": ("workspace", "key_revoked", None),
    "presence.joined": ("presence", "join", None),
    "presence.left": ("presence", "leave", None),
}
# What the topic `activity` shows: all of the above but who comes and goes.
HEADLINES: Final = frozenset(name for name in AREAS if not name.startswith("presence."))
# What of an event's own payload is short enough, and worth, to be told.
_SHORT: Final = ("task_id", "outcome", "incident", "kind", "action", "reason", "others", "client_id", "user", "key_id", "version")
_OWN: Final[Mapping[str, Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]]] = {
    "presence.joined": lambda payload, place: {"user": payload["user"], "client_id": payload["client_id"]},
    "presence.left": lambda payload, place: {"client_id": payload["client_id"]},
}


def area_of(event_type: str) -> tuple[str, str]:
    """(area, event_type) of the feed. KeyError for what is no headline."""
    area, name, _ = AREAS[event_type]
    return area, name


def short(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The references in an event's payload, without its values."""
    return {name: payload[name] for name in _SHORT if isinstance(payload.get(name), str | int)}


def feed_payload(event_type: str, payload: dict[str, Any], place: dict[str, Any]) -> dict[str, Any]:
    """The payload of a feed's event: ``{run_id, workflow_id, status, …}``; ``place`` says run, segment, visit."""
    own = _OWN.get(event_type)
    if own is not None:
        return own(payload, place)
    status = AREAS[event_type][2]
    told = {"run_id": place.get("run_id"), "workflow_id": place.get("segment_id"), "visit": place.get("visit"), "status": status}
    return {**{name: value for name, value in told.items() if value is not None}, **short(payload)}
