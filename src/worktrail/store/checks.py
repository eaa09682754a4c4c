"""Does a run's row say what its trail says?

Rule: the journal is the truth. A row is ended exactly when the trail holds an ending of that kind; facts may follow an
ending (a late decision), so the trail is read from its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from worktrail.errors import WorktrailError
from worktrail.events import SegmentCancelled, SegmentCompleted, SegmentFailed, decode_body
from worktrail.store.protocols import StoredAppend
from worktrail.store.rules import ENDED

__all__ = ["projection_problems"]

_ENDINGS: Final[dict[type, frozenset[str]]] = {
    SegmentCompleted: frozenset({"completed"}),
    SegmentFailed: frozenset({"failed", "timed_out"}),
    SegmentCancelled: frozenset({"cancelled"}),
}


def projection_problems(run_id: str, status: str, appends: Sequence[StoredAppend]) -> list[str]:
    """Disagreements between a run's status and its trail, and events whose number differs from the append's count."""
    found: list[str] = []
    ending: frozenset[str] | None = None
    for append in reversed(appends):
        if not append.body:
            continue
        try:
            events = decode_body(append.body, append.first_seq).events
        except WorktrailError as error:
            found.append(f"run {run_id}, position {append.position}: {error.message}")
            continue
        if len(events) != append.count:
            found.append(f"run {run_id}, position {append.position}: {len(events)} events in an append of {append.count}")
        if ending is None:
            ending = next((_ENDINGS[type(event)] for event in events if type(event) in _ENDINGS), None)
    if status in ENDED and ending is None:
        found.append(f"run {run_id}: its row says {status}, its trail has no ending")
    elif ending is not None and status not in ending:
        found.append(f"run {run_id}: its row says {status}, its trail says {' or '.join(sorted(ending))}")
    return found
