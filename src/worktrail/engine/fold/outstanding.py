"""``outstanding``: everything a driver must see to, derived from the state.

Rule: it is a view of the open visits, maintained by ``apply``; ``recomputed`` scans every scope instead, and a law says
both are equal. After a crash a driver folds the trail and simply asks again.
"""

from __future__ import annotations

import msgspec

from worktrail.engine.fold.state import ENDED, Run, Scope, Status, Visit

__all__ = ["Work", "is_cancelling", "outstanding", "recomputed", "work_of"]


class Work(msgspec.Struct, frozen=True):
    """``kind``: attempt (take a slot), running (answer awaited), probe, timer (``due_us``), message, task (open it is done;
    an answer is awaited), cancel_task, child, cancel_child, bind (``phase``), incident (a person is awaited)."""

    kind: str
    visit: str
    attempt: int = 0
    due_us: int = 0
    phase: str = ""
    target: str | None = None  # task or child id


def is_cancelling(visit: Visit) -> bool:
    """Whether an open visit lies in something that is being cancelled (R10, R11): derived, never stored."""
    scope: Scope = visit.scope
    if scope.closed or visit.step.index in scope.cut:
        return True
    owner = scope.owner
    return owner is not None and ((owner.box is not None and owner.box.failing is not None) or is_cancelling(owner))


def work_of(run: Run, visit: Visit) -> Work | None:
    """What a driver owes an open visit now; null while the run is paused or where containers only wait for their inside."""
    status = visit.status
    if status == Status.BINDING or visit.phase == "until":
        return Work("bind", visit.id, phase=visit.phase)
    if status == Status.RUNNING:
        return Work("running", visit.id, visit.attempt)
    if status == Status.WAITING:
        return _waiting(run, visit)
    if status == Status.INCIDENT:
        return Work("incident", visit.id)
    if run.paused:
        return None
    if status == Status.SCHEDULED:
        return Work("attempt", visit.id, visit.attempt + 1)
    if status == Status.PROBING:
        return Work("probe", visit.id, visit.attempt)
    if status == Status.RETRYING:
        return Work("timer", visit.id, due_us=visit.due_us)
    return None


def _waiting(run: Run, visit: Visit) -> Work | None:
    kind = visit.step.kind
    if kind == "human":
        return Work("cancel_task" if is_cancelling(visit) else "task", visit.id, target=visit.task_id)
    if kind == "child":
        return Work("cancel_child" if is_cancelling(visit) else "child", visit.id, visit.attempt, target=visit.child)
    if run.paused:
        return None
    return Work("timer" if kind == "timer" else "message", visit.id, due_us=visit.due_us)


def outstanding(run: Run) -> dict[str, Work]:
    """Visit → work, of all open visits; ``""`` is the run's own result when that is to be bound."""
    found = {}
    for visit in run.open.values():
        work = work_of(run, visit)
        if work is not None:
            found[visit.id] = work
    if "" in run.orders:
        found[""] = Work("bind", "", phase=run.orders[""])
    return found


def recomputed(run: Run) -> dict[str, Work]:
    """The same from a scan of every scope (the law's other side)."""
    found = {}
    for scope in run.scopes.values():
        for visit in scope.visits:
            if visit is None or visit.status in ENDED:
                continue
            work = work_of(run, visit)
            if work is not None:
                found[visit.id] = work
    if "" in run.orders:
        found[""] = Work("bind", "", phase=run.orders[""])
    return found
