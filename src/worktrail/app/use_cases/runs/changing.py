"""Cancel, pause, resume, retry: wishes that the owner of a run answers."""

from __future__ import annotations

from typing import Any

from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.asking import ask
from worktrail.app.use_cases.runs.incidents import resolve_incident
from worktrail.app.use_cases.runs.rows import iso
from worktrail.app.use_cases.runs.values import find_visit
from worktrail.engine import Incident, Run, Status, Visit
from worktrail.errors import CallerError
from worktrail.runtime import load_run

__all__ = ["cancel_run", "pause_run", "resume_run", "retry_visit"]


@allowed
def cancel_run(caller: Caller, run_id: str, *, reason: str | None = None) -> dict[str, Any]:
    """The answer of the run's owner (see `ask`). CallerError NOT_FOUND, RUN_ENDED."""
    return _ask_open(caller, "run.cancel", run_id, reason)


@allowed
def pause_run(caller: Caller, run_id: str, *, reason: str | None = None) -> dict[str, Any]:
    """As `cancel_run`; also RUN_PAUSED."""
    return _ask_open(caller, "run.pause", run_id, reason)


@allowed
def resume_run(caller: Caller, run_id: str, *, reason: str | None = None) -> dict[str, Any]:
    """As `cancel_run`."""
    return _ask_open(caller, "run.resume", run_id, reason)


def _ask_open(caller: Caller, kind: str, run_id: str, reason: str | None) -> dict[str, Any]:
    row = caller.run(run_id)
    if row.ended_us is not None:
        raise CallerError("RUN_ENDED", f"run {run_id} is {row.status} since {iso(row.ended_us)}")
    return ask(caller, kind, run_id, {"reason": reason})


@allowed
def retry_visit(caller: Caller, run_id: str, visit: str, *, reason: str | None = None) -> dict[str, Any]:
    """Tries a visit again that stopped with an incident; the owner's answer with ``incident``.

    CallerError NOT_FOUND; VISIT_NOT_RETRYABLE says why not and what can be done instead.
    """
    row = caller.run(run_id)
    run = load_run(caller.store, run_id, plans=caller.shelf.plans)
    one = next((each for each in run.incidents.values() if each.visit == visit), None)
    found = run.open.get(visit) or find_visit(run, visit)
    if one is None or one.kind == "condition" or row.ended_us is not None:
        raise CallerError("VISIT_NOT_RETRYABLE", *_why_not(run, visit, found, one))
    answer = resolve_incident(caller, run_id, one.id, "retry", reason=reason)
    return {**answer, "incident": one.id}


def _why_not(run: Run, visit: str, found: Visit | None, one: Incident | None) -> tuple[str]:
    """One sentence: why the visit cannot be tried again, and what can be done."""
    if run.ended:
        return (f"run {run.id} is {run.status}: start a new run with the same input",)
    if one is not None:
        return (f"visit {visit!r} waits for a condition to be said true or false: resolve incident {one.id!r}",)
    if found is None:
        return (f"run {run.id} holds no visit {visit!r} that could be tried again",)
    if found.status in {Status.FAILED, Status.SKIPPED, Status.CANCELLED}:
        return (f"visit {visit!r} is {found.status}, which is final in its run; `on_failure: incident` would have asked",)
    if found.status == Status.RETRYING:
        return (f"visit {visit!r} is tried again by itself",)
    return (f"visit {visit!r} is {found.status}: there is nothing to repair",)
