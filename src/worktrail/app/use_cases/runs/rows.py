"""A run as lists show it: its row, what it waits for and who is asked, its trail strip.

Rule: a strip costs a fold of the trail, so it is kept by run and newest event, worked out for short trails only, and at most
``STRIP_EVENTS`` events a page; null where it is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from worktrail.app.caller import Caller
from worktrail.engine import Run, Status
from worktrail.errors import CODES
from worktrail.events import moment
from worktrail.runtime import load_run
from worktrail.store import RunRow, TaskFilter

__all__ = ["STRIP_LETTERS", "iso", "run_rows", "strip_of", "with_hint"]

STRIP_EVENTS: Final = 5_000
STRIP_RUN: Final = 400  # events of one run
STRIPS_KEPT: Final = 20_000

# status of a visit → its letter; waiting ones by kind.
STRIP_LETTERS: Final[dict[str, str]] = {
    Status.SCHEDULED: "s",
    Status.RUNNING: "r",
    Status.PROBING: "r",
    Status.BINDING: "r",
    Status.INSIDE: "r",
    Status.RETRYING: "y",
    Status.INCIDENT: "i",
    Status.COMPLETED: "c",
    Status.FAILED: "f",
    Status.SKIPPED: "k",
    Status.CANCELLED: "x",
}
_WAITING: Final = {"human": "p", "timer": "t"}


def iso(at_us: int | None) -> str | None:
    """Microseconds since 1970 as ISO 8601 in UTC."""
    return None if at_us is None else moment(at_us).isoformat().replace("+00:00", "Z")


def with_hint(error: dict[str, Any] | None) -> dict[str, Any] | None:
    """A failure of a trail for people: where nobody gave a hint, the next action of its code stands there."""
    if error is None:
        return None
    told = {name: value for name, value in error.items() if name != "stack_trace"}
    if not told["hint"] and told["error_code"] in CODES:
        told["hint"] = CODES[told["error_code"]].action
    return told


def strip_of(run: Run) -> str:
    """One letter a visit of the top level, in order of start, ``.`` for steps that were not reached."""
    begun = sorted((one for one in run.root.visits if one is not None), key=lambda one: (one.scheduled_us, one.step.index))
    letters = [_WAITING.get(one.step.kind, "m") if one.status == Status.WAITING else STRIP_LETTERS[one.status] for one in begun]
    return "".join(letters) + "." * (len(run.root.visits) - len(begun))


def run_rows(caller: Caller, rows: Sequence[RunRow]) -> list[dict[str, Any]]:
    """The rows of a page."""
    strips = _strips(caller, rows)
    return [_shape(caller, row, strips.get(row.run_id)) for row in rows]


def _strips(caller: Caller, rows: Sequence[RunRow]) -> dict[str, str]:
    kept = caller.shelf.strips
    found: dict[str, str] = {}
    left = STRIP_EVENTS
    for run_id, seq in caller.store.last_seqs(row.run_id for row in rows).items():
        known = kept.get(run_id)
        if known is not None and known[0] == seq:
            found[run_id] = known[1]
        elif seq <= min(STRIP_RUN, left):
            left -= seq
            found[run_id] = strip_of(load_run(caller.store, run_id, plans=caller.shelf.plans))
            if len(kept) >= STRIPS_KEPT:
                kept.clear()
            kept[run_id] = (seq, found[run_id])
    return found


def _waiting(caller: Caller, row: RunRow) -> list[dict[str, Any]]:
    """What an open run waits for; for people also which task, and who is asked."""
    if row.ended_us is not None:
        return []
    told = []
    tasks: dict[str | None, Any] | None = None
    for each in msgspec.json.decode(row.waiting or "[]"):
        one = {"visit": each["visit"], "for": each["for"], "since": iso(each.get("since_us")), "due": iso(each.get("due_us"))}
        if each["for"] == "person":
            if tasks is None:
                tasks = {task.visit: task for task in caller.store.list_tasks(TaskFilter(run_id=row.run_id))}
            task = tasks.get(each["visit"])
            if task is not None:
                who = task.assignee or ", ".join(task.candidate_groups) or None
                one |= {"task_id": task.task_id, "who": who, "due": iso(task.due_us)}
        told.append({"task_id": None, "who": None, **one})
    return told


def _shape(caller: Caller, row: RunRow, strip: str | None) -> dict[str, Any]:
    return {
        "run_id": row.run_id,
        "segment_id": row.segment_id,
        "segment_name": caller.shelf.name_of(row.segment_id),
        "status": row.status,
        "business_key": row.business_key,
        "created_at": iso(row.created_us),
        "updated_at": iso(row.updated_us),
        "ended_at": iso(row.ended_us),
        "duration_ms": None if row.ended_us is None else (row.ended_us - row.created_us) // 1000,
        "error_code": row.error_code,
        "waiting": _waiting(caller, row),
        "labels": dict(row.labels or {}),
        "instance_id": row.instance_id,
        "workspace_id": row.workspace_id,
        "root_run_id": row.root_run_id,
        "parent_run_id": row.parent_run_id,
        "parent_visit": row.parent_visit,
        "segment_hash": row.segment_hash,
        "lock_hash": row.lock_hash,
        "owned": row.owner is not None,
        "strip": strip,
    }
