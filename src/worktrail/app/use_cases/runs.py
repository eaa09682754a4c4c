"""Runs: list, show, cancel, pause, resume."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from worktrail.app.use_cases.asking import ask
from worktrail.errors import CODES, CallerError
from worktrail.events import moment
from worktrail.runtime import load_run, result_of, run_values
from worktrail.store import RunFilter, RunRow, Store

__all__ = ["RUN_STATUSES", "cancel_run", "list_runs", "pause_run", "resume_run", "run_row", "show_run"]

RUN_STATUSES = ("running", "waiting", "paused", "completed", "failed", "cancelled", "timed_out")


def iso(at_us: int | None) -> str | None:
    """Microseconds since 1970 as ISO 8601 in UTC."""
    return None if at_us is None else moment(at_us).isoformat().replace("+00:00", "Z")


def with_hint(error: dict[str, Any] | None) -> dict[str, Any] | None:
    """A failure of a trail for people: where nobody gave a hint, the next action of its code stands there."""
    if error is None or error["hint"] or error["error_code"] not in CODES:
        return error
    return {**error, "hint": CODES[error["error_code"]].action}


def run_row(row: RunRow) -> dict[str, Any]:
    """A run as lists show it."""
    waiting = [
        {"visit": each["visit"], "for": each["for"], "since": iso(each.get("since_us")), "due": iso(each.get("due_us"))}
        for each in msgspec.json.decode(row.waiting or "[]")
    ]
    return {
        "run_id": row.run_id,
        "segment_id": row.segment_id,
        "status": row.status,
        "business_key": row.business_key,
        "created_at": iso(row.created_us),
        "updated_at": iso(row.updated_us),
        "ended_at": iso(row.ended_us),
        "error_code": row.error_code,
        "waiting": waiting if row.ended_us is None else [],
        "labels": dict(row.labels or {}),
        "instance_id": row.instance_id,
        "workspace_id": row.workspace_id,
        "root_run_id": row.root_run_id,
        "parent_run_id": row.parent_run_id,
        "parent_visit": row.parent_visit,
        "segment_hash": row.segment_hash,
        "lock_hash": row.lock_hash,
        "owned": row.owner is not None,
    }


def list_runs(
    store: Store,
    *,
    status: Sequence[str] | None = None,
    segment_id: str | None = None,
    business_key: str | None = None,
    label: tuple[str, str] | None = None,
    limit: int = 100,
    after: str | None = None,
) -> dict[str, Any]:
    """A page, newest first: ``{"runs": […], "counts": {status: number}, "next": run id or null}``."""
    where = RunFilter(
        status=status or None, segment_id=segment_id, business_key=business_key, label=label, limit=limit + 1, after=after
    )
    rows = store.list_runs(where)
    more = len(rows) > limit
    rows = rows[:limit]
    return {"runs": [run_row(row) for row in rows], "counts": store.count_runs(), "next": rows[-1].run_id if more else None}


def get_row(store: Store, run_id: str) -> RunRow:
    """CallerError NOT_FOUND."""
    row = store.get_run(run_id)
    if row is None:
        raise CallerError("NOT_FOUND", f"there is no run {run_id!r}", hint="List them: `worktrail runs list`.")
    return row


def show_run(store: Store, run_id: str) -> dict[str, Any]:
    """Everything that is known of a run now: its row, result, steps and open incidents."""
    row = get_row(store, run_id)
    run = load_run(store, run_id)
    values = run_values(store, run)
    result = result_of(run, values).to_dict()
    return {
        **run_row(row),
        "input": values.read(run.input),
        "outputs": result["outputs"],
        "error": with_hint(result["error"]),
        "duration_ms": result["duration_ms"],
        "steps_completed": result["steps_completed"],
        "steps_total": result["steps_total"],
        "steps": {visit: {**one, "error": with_hint(one["error"])} for visit, one in result["step_results"].items()},
        "incidents": [
            {"incident": one.id, "visit": one.visit, "kind": one.kind, "error_code": one.error.error_code}
            for one in run.incidents.values()
        ],
    }


def cancel_run(store: Store, run_id: str, *, principal: str, reason: str | None = None) -> dict[str, Any]:
    """The answer of the run's owner (see `ask`). CallerError NOT_FOUND, RUN_ENDED."""
    return _ask_open(store, "run.cancel", run_id, principal, reason)


def pause_run(store: Store, run_id: str, *, principal: str, reason: str | None = None) -> dict[str, Any]:
    """As `cancel_run`; also RUN_PAUSED."""
    return _ask_open(store, "run.pause", run_id, principal, reason)


def resume_run(store: Store, run_id: str, *, principal: str, reason: str | None = None) -> dict[str, Any]:
    """As `cancel_run`."""
    return _ask_open(store, "run.resume", run_id, principal, reason)


def _ask_open(store: Store, kind: str, run_id: str, principal: str, reason: str | None) -> dict[str, Any]:
    row = get_row(store, run_id)
    if row.ended_us is not None:
        raise CallerError("RUN_ENDED", f"run {run_id} is {row.status} since {iso(row.ended_us)}")
    return ask(store, kind, run_id, {"reason": reason}, principal=principal)
