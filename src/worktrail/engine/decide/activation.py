"""Activation: which steps start, are skipped, conflict or are cancelled (R2, R3, R9, R10), until nothing more follows.

Rule: all edges of one completion have ended before this looks; then steps are decided in document order, the lowest
number that can be decided first, innermost scope first. The rows are in ``rules``; here are only the facts they ask for.
"""

from __future__ import annotations

from heapq import heappop

from worktrail.engine.decide.answers import fail_visit
from worktrail.engine.decide.cancelling import cancel_region
from worktrail.engine.decide.turn import Turn
from worktrail.engine.fold import Scope, Visit, inputs_of, stopping
from worktrail.engine.plan import StepPlan
from worktrail.engine.rules import ACTIVATION, JOINING
from worktrail.events import NULL, ErrorInfo, StepCancelled, StepScheduled, StepSkipped, StepStarted

__all__ = ["decide_agenda", "start_loop", "start_scope"]


def start_scope(turn: Turn, scope_key: str, entries: tuple[int, ...], steps: tuple[StepPlan, ...]) -> None:
    """R2: steps without inbound edges start with their scope, in document order."""
    for number in entries:
        step = steps[number]
        visit = f"{scope_key}/{step.id}" if scope_key else step.id
        _schedule(turn, step, visit)


def decide_agenda(turn: Turn) -> None:
    """Decide every step that can be decided."""
    dirty = turn.run.dirty
    while dirty:
        scope = dirty[-1]
        if not scope.agenda:
            dirty.pop()
            continue
        number = heappop(scope.agenda)
        why = stopping(scope) if scope.owner is not None or scope.closed else ""
        if scope.decided[number] or why == "R11":
            continue
        step = scope.graph.steps[number]
        if step.is_join:
            _decide_join(turn, scope, step, cut=why == "R10" or number in scope.cut)
        else:
            _decide_step(turn, scope, step, cut=why == "R10" or number in scope.cut)


def _decide_step(turn: Turn, scope: Scope, step: StepPlan, *, cut: bool) -> None:
    live = scope.live[step.index]
    if step.single and live == 1 and not cut:
        _schedule(turn, step, scope.visit_id(step))  # R2.start, with nothing left to ask
        return
    delivered: dict[str, int] = {}
    for n in step.in_edges:
        if scope.ends[n] == "D":
            port = scope.graph.edges[n].to
            delivered[port] = delivered.get(port, 0) + 1
    filled = all(port in delivered for port in step.required)
    many = {port.id for port in step.lock.ins if port.many}
    crowded = [port for port, count in delivered.items() if count > 1 and port not in many]
    row = ACTIVATION[live > 0, filled, cut, bool(crowded)]
    visit = scope.visit_id(step)
    if row.then == "start":
        _schedule(turn, step, visit)
    elif row.then == "conflict":
        message = f"port '{crowded[0]}' of step '{visit}' takes one value but several edges delivered"
        fail_visit(turn, visit, scope, step, ErrorInfo("PORT_CONFLICT", message))
    else:
        _leave_out(turn, scope, step, row.then, row.rule)


def _leave_out(turn: Turn, scope: Scope, step: StepPlan, what: str, rule: str) -> None:
    """Skipped or cancelled before it began: all its edges are dead (R4)."""
    visit = scope.visit_id(step)
    ends = "X" * len(step.out_edges)
    if what == "cancel":
        turn.emit(StepCancelled(visit, ends, rule))
        return
    dead = next((n for n in step.in_edges if scope.ends[n] != "D"), None)
    turn.emit(StepSkipped(visit, ends, dead, rule))


def _schedule(turn: Turn, step: StepPlan, visit: str) -> None:
    turn.emit(StepScheduled(visit))
    if step.kind == "loop":
        start_loop(turn, turn.run.open[visit])


def start_loop(turn: Turn, visit: Visit) -> None:
    """A loop needs nothing bound at its start: its first round's input is its own."""
    inputs = inputs_of(turn.run, visit.scope, visit.step)
    turn.emit(StepStarted(visit.id, visit.attempt + 1, input=inputs.get("input", next(iter(inputs.values()), NULL))))


def _decide_join(turn: Turn, scope: Scope, step: StepPlan, *, cut: bool) -> None:
    index = step.index
    join = step.lock.join
    assert join is not None
    live = scope.live[index]
    ended = scope.left[index] == 0
    entered = ended and live == 0 and _entered(scope, step)
    row = JOINING[step.join_early, live >= step.enough, ended, live > 0, join.mode == "all_live", entered, cut]
    if row.then == "wait":
        return
    if row.then in {"skip", "cancel"}:
        _leave_out(turn, scope, step, row.then, row.rule)
        return
    counted = [n for n in step.in_edges if scope.ends[n] == "D"]
    visit = scope.visit_id(step)
    turn.emit(StepScheduled(visit, counted, row.rule, True if row.then == "unmet" else None))
    if row.then == "fire" and join.rest == "cancel":
        cancel_region(turn, scope, step)


def _entered(scope: Scope, step: StepPlan) -> bool:
    """R9: the immediate dominator delivered an edge from which the join can be reached; without one, the scope entered it."""
    by = step.lock.join.entered_by if step.lock.join is not None else None
    return by is None or any(scope.ends[n] == "D" for n in by)
