"""Runs as lists: pages and counts by the same filters."""

from __future__ import annotations

from typing import Any

import msgspec

from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.runs.rows import run_rows
from worktrail.errors import CallerError
from worktrail.store import RunFilter

__all__ = ["RUN_ORDERS", "RUN_STATUSES", "WAIT_WORDS", "count_runs", "list_runs", "seen"]

RUN_STATUSES = ("running", "waiting", "paused", "completed", "failed", "cancelled", "timed_out")
WAIT_WORDS = ("person", "timer", "message", "child run", "retry", "incident")
RUN_ORDERS = ("newest", "oldest", "updated")


def seen(caller: Caller, where: RunFilter) -> RunFilter:
    """The filter, with no workspace that the caller does not see."""
    spaces = caller.workspaces
    if spaces is None:
        return where
    wanted = spaces if where.workspaces is None else [each for each in where.workspaces if each in spaces]
    return msgspec.structs.replace(where, workspaces=wanted)


@allowed
def list_runs(caller: Caller, where: RunFilter) -> dict[str, Any]:
    """A page: ``{"runs": […], "next": the cursor of the page after it, or null}``. ``where.after`` is such a cursor.

    CallerError ARGUMENT_INVALID for a cursor that names no run.
    """
    where = seen(caller, where)
    if where.after is not None and caller.store.get_run(where.after) is None:
        raise CallerError("ARGUMENT_INVALID", f"the cursor {where.after[:60]!r} is of no page", pointer="/cursor")
    rows = caller.store.list_runs(msgspec.structs.replace(where, limit=where.limit + 1))
    more = len(rows) > where.limit
    rows = rows[: where.limit]
    return {"runs": run_rows(caller, rows), "next": rows[-1].run_id if more else None}


@allowed
def count_runs(caller: Caller, where: RunFilter) -> dict[str, Any]:
    """``{"total", "by_status", "by_wait", "position"}`` of what a filter finds."""
    position = caller.store.position()
    tally = caller.store.tally_runs(seen(caller, where))
    return {"total": tally.total, "by_status": tally.by_status, "by_wait": tally.by_wait, "position": position}
