"""Cancel, pause, resume: wishes that the owner of a run answers."""

from __future__ import annotations

from typing import Any

from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.asking import ask
from worktrail.app.use_cases.runs.rows import iso
from worktrail.errors import CallerError

__all__ = ["cancel_run", "pause_run", "resume_run"]


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
