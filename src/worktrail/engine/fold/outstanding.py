"""``outstanding``: everything a driver must see to, derived from the state.

Rule: it is a view of the open visits, maintained by ``apply``; ``recomputed`` scans every scope instead, and a law says
both are equal. After a crash a driver folds the trail and simply asks again.
"""

from __future__ import annotations

import msgspec

from worktrail.engine.fold.state import ENDED, Run, Scope, Status, Visit

__all__ = ["Work", "cancel_rule", "is_cancelling", "next_order", "outstanding", "recomputed", "stopping", "work_of"]


class Work(msgspec.Struct, frozen=True, gc=False):
    """``kind``: attempt (take a slot), running (answer awaited), probe, timer (``due_us``), message, task (open it is done;
    an answer is awaited), cancel_task, child, cancel_child, bind (``phase``), incident (a person is awaited)."""

    kind: str
    visit: str
    attempt: int = 0
    due_us: int = 0
    phase: str = ""
    target: str | None = None  # task or child id


def stopping(scope: Scope) -> str:
    """Why a scope as a whole is being cancelled: ``R11`` (undecided steps stay undecided), ``R10`` (what would start is
    cancelled instead), or empty. Derived, never stored."""
    if scope.closed:
        return "R11"
    owner = scope.owner
    if owner is None:
        return ""
    if owner.step.index in owner.scope.cut:
        return "R10"
    if owner.box is not None and owner.box.failing is not None:
        return "R11"
    return stopping(owner.scope)


def is_cancelling(visit: Visit) -> bool:
    """Whether an open visit lies in something that is being cancelled (R10, R11)."""
    return visit.step.index in visit.scope.cut or stopping(visit.scope) != ""


def cancel_rule(visit: Visit) -> str:
    """The number under which an open visit is being cancelled."""
    return "R10" if visit.step.index in visit.scope.cut else stopping(visit.scope) or "R11"


def work_of(run: Run, visit: Visit) -> Work | None:
    """What a driver owes an open visit now; null while the run is paused or where containers only wait for their inside."""
    status = visit.status
    if status == Status.BINDING or visit.phase == "until":
        if run.paused and visit.phase == "start" and visit.step.kind in _OUTSIDE:
            return None
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
        ending = is_cancelling(visit) or visit.overdue
        return Work("cancel_child" if ending else "child", visit.id, visit.attempt, target=visit.child)
    if run.paused:
        return None
    return Work("timer" if kind == "timer" else "message", visit.id, due_us=visit.due_us)


# Kinds whose bound start begins something outside (a task, a timer, a child run): started after all else is worked out.
_OUTSIDE = frozenset(("human", "timer", "child"))


def next_order(run: Run) -> tuple[str, str] | None:
    """The next bind order to work out, in the order they came up; starts of tasks, timers and children are left to the
    visit's own turn (``touched``), and wait while the run is paused."""
    for visit_id, phase in run.orders.items():
        if phase != "start" or run.open[visit_id].step.kind not in _OUTSIDE:
            return visit_id, phase
    return None


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
