"""Many runs at once: first what would happen, then the wish to each of them.

Rule: a preview and the change look at the same runs by the same filter, at most ``BULK_MOST``; each run answers for itself, one
that cannot stops no other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.runs.changing import cancel_run, pause_run, resume_run
from worktrail.app.use_cases.runs.listing import seen
from worktrail.engine import Status
from worktrail.errors import CallerError, WorktrailError
from worktrail.runtime import load_run
from worktrail.store import RunFilter, RunRow, TaskFilter

__all__ = ["BULK_ACTIONS", "BULK_MOST", "change_many", "preview_bulk"]

BULK_MOST: Final = 1000
LINES: Final = 100
BULK_ACTIONS: Final[dict[str, Callable[..., dict[str, Any]]]] = {
    "cancel": cancel_run,
    "pause": pause_run,
    "resume": resume_run,
}


def _chosen(caller: Caller, action: str, run_ids: Sequence[str] | None, where: RunFilter | None) -> tuple[list[RunRow], bool]:
    """The runs, and whether there are more than can be changed at once. CallerError ARGUMENT_INVALID, NOT_FOUND."""
    if action not in BULK_ACTIONS:
        raise CallerError("ARGUMENT_INVALID", f"{action!r} is no action; use {', '.join(BULK_ACTIONS)}", pointer="/action")
    if (run_ids is None) == (where is None):
        raise CallerError("ARGUMENT_INVALID", "name runs by their ids or by a query: one of both", pointer="/run_ids")
    if run_ids is not None:
        return [caller.run(run_id) for run_id in dict.fromkeys(run_ids)], False
    assert where is not None
    rows = caller.store.list_runs(seen(caller, msgspec.structs.replace(where, limit=BULK_MOST + 1, after=None)))
    return rows[:BULK_MOST], len(rows) > BULK_MOST


def _why_not(action: str, row: RunRow) -> str | None:
    """Why an action cannot be taken on a run, from its row alone."""
    if row.ended_us is not None:
        return f"it is {row.status}"
    if action == "pause" and row.status == "paused":
        return "it is paused already"
    if action == "resume" and row.status != "paused":
        return "it is not paused"
    return None


@allowed
def preview_bulk(
    caller: Caller, action: str, *, run_ids: Sequence[str] | None = None, where: RunFilter | None = None
) -> dict[str, Any]:
    """``{action, matched, can, cannot, lines, truncated}``: what it would touch, those that cannot first."""
    rows, truncated = _chosen(caller, action, run_ids, where)
    refused = {row.run_id: why for row in rows if (why := _why_not(action, row)) is not None}
    shown = sorted(rows, key=lambda row: row.run_id not in refused)[:LINES]
    return {
        "action": action,
        "matched": len(rows),
        "can": len(rows) - len(refused),
        "cannot": len(refused),
        "lines": [_line(caller, row, refused.get(row.run_id)) for row in shown],
        "truncated": truncated or len(rows) > LINES,
    }


def _line(caller: Caller, row: RunRow, why: str | None) -> dict[str, Any]:
    children = tasks = once = 0
    if why is None:
        children = caller.store.tally_runs(RunFilter(parent_run_id=row.run_id, status=("running", "waiting", "paused"))).total
        tasks = caller.store.count_tasks(TaskFilter(run_id=row.run_id))
        if row.status == "running":
            run = load_run(caller.store, row.run_id, plans=caller.shelf.plans)
            effects = [visit.step.policy.effect for visit in run.open.values() if visit.status == Status.RUNNING]
            once = effects.count("once")
    told = [
        f"{number} {word}"
        for number, word in ((children, "child runs"), (tasks, "open tasks"), (once, "once-only steps under way"))
        if number
    ]
    return {
        "run_id": row.run_id,
        "business_key": row.business_key,
        "status": row.status,
        "can": why is None,
        "why": why or ", ".join(told) or None,
        "children": children,
        "open_tasks": tasks,
        "once_running": once,
    }


@allowed
def change_many(
    caller: Caller,
    action: str,
    *,
    run_ids: Sequence[str] | None = None,
    where: RunFilter | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """``{action, accepted, queued, refused, answers: [{run_id, outcome, code?, message?}]}``, one answer a run."""
    rows, _ = _chosen(caller, action, run_ids, where)
    change = BULK_ACTIONS[action]
    answers = []
    for row in rows:
        told: dict[str, Any] = {"run_id": row.run_id}
        why = _why_not(action, row)
        try:
            if why is not None:
                raise CallerError("RUN_ENDED" if row.ended_us is not None else "RUN_PAUSED", f"run {row.run_id}: {why}")
            answer = change(caller, row.run_id, reason=reason)
            told["outcome"] = "queued" if answer.get("queued") else "accepted"
        except WorktrailError as error:
            if error.blame == "ours":
                raise
            told |= {"outcome": "refused", "code": error.code, "message": error.message}
        answers.append(told)
    outcomes = [each["outcome"] for each in answers]
    counts = {word: outcomes.count(word) for word in ("accepted", "queued", "refused")}
    return {"action": action, **counts, "answers": answers}
