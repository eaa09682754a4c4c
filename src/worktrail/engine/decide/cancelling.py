"""Cancelling: of a scope after an unhandled failure (R11), of a join's region (R10), of the whole run.

Rule: what nothing outside depends on ends at once; an attempt of `once` that has started is awaited; a person's task or
a child run is asked and answers; a container ends after its inside. That something is being cancelled is derived from
the state, never stored.
"""

from __future__ import annotations

from worktrail.engine.decide.turn import Turn
from worktrail.engine.fold import Scope, Status, Visit, cancel_rule
from worktrail.engine.plan import StepPlan
from worktrail.engine.rules import CANCELLING
from worktrail.events import IncidentResolved, StepCancelled

__all__ = ["cancel_region", "cancel_run_scopes", "cancel_scope", "cancel_visit", "withdraw"]


def cancel_scope(turn: Turn, scope: Scope, rule: str = "R11") -> None:
    """Cancel the open visits of a scope, in document order; close its incidents."""
    _close_incidents(turn, scope)
    for visit in [one for one in scope.visits if one is not None and one.id in turn.run.open]:
        cancel_visit(turn, visit, rule)


def cancel_region(turn: Turn, scope: Scope, join: StepPlan) -> None:
    """R10: the open visits of a join's region, after it fired with `rest: cancel`."""
    region = join.lock.join.region if join.lock.join is not None else ()
    for number in region:
        visit = scope.visits[number]
        if visit is not None and visit.id in turn.run.open:
            _close_incidents(turn, scope, visit.id)
            cancel_visit(turn, visit, "R10")
        elif visit is not None:
            _close_incidents(turn, scope, visit.id)


def cancel_run_scopes(turn: Turn) -> None:
    """The whole run: as R10 over everything."""
    cancel_scope(turn, turn.run.root, "R10")


def cancel_visit(turn: Turn, visit: Visit, rule: str) -> None:
    """What cancelling does to one open visit (the table's rows)."""
    step = visit.step
    waiting = visit.status == Status.WAITING
    row = CANCELLING[
        step.policy.effect == "once" and visit.status == Status.RUNNING,
        waiting and step.kind in {"human", "child"},
        visit.status == Status.INSIDE,
    ]
    if row.then == "now":
        turn.emit(StepCancelled(visit.id, "X" * len(step.out_edges), rule))
    elif row.then == "wait":
        turn.run.touched[visit.id] = visit  # a driver asks its task or child
    else:
        assert visit.box is not None, visit.id
        for scope in [one for one in turn.run.scopes.values() if one.owner is visit]:
            cancel_scope(turn, scope, rule)
        turn.run.pump.append(visit)


def withdraw(turn: Turn, visit: Visit) -> None:
    """An incident of work that was awaited in something being cancelled: nobody is asked, and only this visit ends."""
    _close_incidents(turn, visit.scope, visit.id)
    cancel_visit(turn, visit, cancel_rule(visit))


def _close_incidents(turn: Turn, scope: Scope, visit_id: str | None = None) -> None:
    """R11: cancelling the scope closes its incidents."""
    for incident in list(turn.run.incidents.values()):
        key, _, _ = incident.visit.rpartition("/")
        if key == scope.key and visit_id in {None, incident.visit}:
            ends = {str(n): "X" for n in incident.edges} or None
            turn.emit(IncidentResolved(incident.id, incident.visit, "cancelled", ends))
