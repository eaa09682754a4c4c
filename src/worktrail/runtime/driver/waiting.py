"""Waiting for what, since when: what stands in a run's row, so that a list can say it without folding the run.

Rule: a run that still works in one branch may wait in another, so this is kept for every open run. At most `SHOWN` reasons
stand in a row, but one of each kind that there is, the loudest first: whoever looks for runs with an incident finds them all.
It is worked out anew only where it may have changed; most appends of a run at work neither begin to wait nor end it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec

from worktrail.engine import Run, Status, Visit
from worktrail.events import Event, HumanTaskCreated, IncidentOpened, StepRetrying, StepStarted, TimerSet
from worktrail.runtime.driver.live import LiveRun

__all__ = ["SHOWN", "remember", "waiting_reasons", "what_it_waits_for"]

SHOWN: Final = 5
LOUDNESS: Final = {kind: rank for rank, kind in enumerate(("incident", "person", "retry", "message", "child run", "timer"))}
_BEGIN: Final = frozenset((StepRetrying, HumanTaskCreated, IncidentOpened, TimerSet))
_FAILED: Final = frozenset(("incident", "retry"))
_OF_KIND: Final = {"human": "person", "child": "child run", "timer": "timer"}


def remember(live: LiveRun, waiting: str | None) -> None:
    """What the row of a run says that comes back into memory."""
    live.reasons = waiting or "[]"
    live.named = frozenset(reason["visit"] for reason in msgspec.json.decode(live.reasons))


def what_it_waits_for(live: LiveRun, word: str, events: Sequence[Event]) -> str:
    """The reasons of the run's row after these events, as JSON. ``word`` is its status."""
    if live.run.ended:
        return "[]"
    if word == "running" and not _may_change(live.named, events):
        return live.reasons
    found = waiting_reasons(live.run)
    live.named = frozenset(reason["visit"] for reason in found)
    return msgspec.json.encode(found).decode()


def _may_change(named: Collection[str], events: Sequence[Event]) -> bool:
    """Asked at every append: a plain loop."""
    for event in events:
        kind = type(event)
        if kind in _BEGIN or (kind is StepStarted and event.child is not None):  # type: ignore[union-attr]
            return True
        if named and getattr(event, "visit", None) in named:
            return True
    return False


def waiting_reasons(run: Run) -> list[dict[str, Any]]:
    """``[{visit, for, since_us, due_us, code?}]``, the loudest first, at most `SHOWN`; ``code`` of the failure that is behind an
    incident or a retry, so that a list of causes reads rows alone."""
    opened = {incident.visit: incident for incident in run.incidents.values() if incident.kind != "condition"}
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for visit in run.open.values():
        kind = _reason(visit)
        if kind is not None and len(held := by_kind.setdefault(kind, [])) < SHOWN:
            incident = opened.get(visit.id)
            since_us, error = (visit.scheduled_us, visit.error) if incident is None else (incident.opened_us, incident.error)
            reason = {"visit": visit.id, "for": kind, "since_us": since_us, "due_us": visit.due_us or None}
            held.append(reason if error is None or kind not in _FAILED else {**reason, "code": error.error_code})
    for incident in run.incidents.values():
        if incident.kind == "condition" and len(held := by_kind.setdefault("incident", [])) < SHOWN:
            reason = {"visit": incident.visit, "for": "incident", "since_us": incident.opened_us, "due_us": None}
            held.append({**reason, "code": incident.error.error_code})
    kinds = sorted(by_kind, key=LOUDNESS.__getitem__)
    found = [by_kind[kind][0] for kind in kinds]
    found += [reason for kind in kinds for reason in by_kind[kind][1:]][: max(0, SHOWN - len(found))]
    return sorted(found, key=lambda reason: LOUDNESS[reason["for"]])[: len(LOUDNESS)]


def _reason(visit: Visit) -> str | None:
    if visit.status == Status.INCIDENT:
        return "incident"
    if visit.status == Status.RETRYING:
        return "retry"
    if visit.status == Status.WAITING:
        return _OF_KIND.get(visit.step.kind, "message")
    return None
