"""Scopes: items of a map, rounds of a loop, the run itself: how they begin, go on and end (R11, R13, RULES §2).

Rule: a scope ends when no visit or incident of it is open; an unhandled failure fails it, else R13 says its result. A
container goes on from there: the next items or the next round, its own end, or (when it must fail or is cancelled) its
end once its inside has ended. The work per event is constant: no list of items is ever scanned or copied.
"""

from __future__ import annotations

from worktrail.engine.decide.activation import decide_agenda, start_scope
from worktrail.engine.decide.answers import complete, final_failure
from worktrail.engine.decide.cancelling import cancel_scope
from worktrail.engine.decide.turn import Turn
from worktrail.engine.fold import Run, Scope, Status, Visit, cancel_rule, is_cancelling
from worktrail.engine.plan import ERROR_PORT, StepPlan
from worktrail.events import (
    ErrorInfo,
    Failure,
    Gather,
    ObjectOf,
    Port,
    Ref,
    ScopeEnded,
    SegmentCancelled,
    SegmentCompleted,
    SegmentFailed,
    StepCancelled,
)

__all__ = ["end_round", "finish_run", "mark_round", "scope_result", "settle"]


def settle(turn: Turn) -> None:
    """Decide everything that follows, until only answers from outside or bind orders are awaited."""
    run = turn.run
    while True:
        if run.dirty:
            decide_agenda(turn)
        if run.pump:
            _pump(turn, run.pump.pop())
        elif run.ending:
            _end_scope(turn, run.ending.pop())
        else:
            return


# --- containers -------------------------------------------------------------------------------------------------------


def _pump(turn: Turn, visit: Visit) -> None:
    """A container looks at itself: begin what may begin, end when nothing is left."""
    box = visit.box
    if visit.id not in turn.run.open or visit.status != Status.INSIDE or box is None:
        return
    stopping = box.failing is not None or is_cancelling(visit)
    if stopping:
        _cancel_inside(turn, visit)
    elif visit.step.kind == "map":
        while box.running < box.bound and box.next <= box.count:
            _start_item(turn, visit, box.next)
    elif box.running == 0 and box.next in box.inputs and box.next <= int(visit.step.lock.config["max"]):
        _start_item(turn, visit, box.next)
    if box.running == 0 and visit.id in turn.run.open:
        _end_container(turn, visit, stopping=stopping)


def _start_item(turn: Turn, visit: Visit, number: int) -> None:
    body = visit.step.body
    assert body is not None
    start_scope(turn, f"{visit.id}#{number}", body.entries, body.steps)


def _cancel_inside(turn: Turn, visit: Visit) -> None:
    for scope in [one for one in turn.run.scopes.values() if one.owner is visit and not one.closed]:
        cancel_scope(turn, scope, cancel_rule(visit))


def _end_container(turn: Turn, visit: Visit, *, stopping: bool) -> None:
    box = visit.box
    assert box is not None
    if stopping and is_cancelling(visit):
        turn.emit(StepCancelled(visit.id, "X" * len(visit.step.out_edges), cancel_rule(visit)))
    elif box.failing is not None:
        final_failure(turn, visit, box.failing, None)
    elif visit.step.kind == "map":
        if box.next > box.count:
            outputs: dict[str, Ref] = {"results": Gather(visit.id, "results")}
            if "errors" in visit.step.lock.outs:
                outputs["errors"] = Gather(visit.id, "errors")
            complete(turn, visit, outputs, None)
    elif box.result is not None:
        port = "output" if box.next not in box.inputs else "exhausted"
        complete(turn, visit, {port: Gather(visit.id, "result")}, None)


# --- ends -------------------------------------------------------------------------------------------------------------


def _end_scope(turn: Turn, scope: Scope) -> None:
    run = turn.run
    if scope.open or scope.agenda or run.scopes.get(scope.key) is not scope or run.ended:
        return
    if scope.owner is None:
        _end_run(turn, scope)
    else:
        _end_inner(turn, scope, scope.owner)


def _end_inner(turn: Turn, scope: Scope, owner: Visit) -> None:
    if _stopped_from_outside(owner):
        turn.emit(ScopeEnded(owner.id, scope.number, cancelled=True))
        return
    error = scope.error
    result = None if error is not None else scope_result(scope)
    if error is None and result is None:
        error = ErrorInfo("NO_RESULT", f"'{scope.key}' ended without a result: none of its outputs was delivered")
    if error is not None:
        turn.emit(ScopeEnded(owner.id, scope.number, error=error))
    elif owner.step.kind == "map":
        turn.emit(ScopeEnded(owner.id, scope.number, result))
    else:
        mark_round(turn.run, owner)


def _stopped_from_outside(owner: Visit) -> bool:
    return (owner.box is not None and owner.box.failing is not None) or is_cancelling(owner)


def mark_round(run: Run, owner: Visit) -> None:
    """The round's `until` is a bind order, derived from the state (its scope has ended, it has not)."""
    owner.phase = "until"
    run.orders[owner.id] = "until"
    run.touched[owner.id] = owner


def end_round(turn: Turn, owner: Visit, *, done: bool, error: ErrorInfo | None) -> None:
    """`until` is known: the round ends; an error in it fails the loop."""
    assert owner.box is not None
    scope = turn.run.scopes[f"{owner.id}#{owner.box.next - 1}"]
    owner.phase = ""
    turn.run.orders.pop(owner.id, None)
    result = scope_result(scope)
    turn.emit(ScopeEnded(owner.id, scope.number, result, done=None if error is not None else done))
    if error is not None:
        turn.run.pump.clear()
        final_failure(turn, owner, error, None)


def _end_run(turn: Turn, scope: Scope) -> None:
    run = turn.run
    if run.status == "cancelling":
        if run.cancel_error is not None:
            turn.emit(SegmentFailed(run.cancel_error))
        else:
            turn.emit(SegmentCancelled())
    elif scope.error is not None:
        turn.emit(SegmentFailed(scope.error, scope.failed_visit, scope.failures - 1 or None))
    elif run.plan.lock.output_schema is not None and scope_result(scope) is not None:
        run.orders[""] = "result"
    else:
        finish_run(turn, None, None)


def finish_run(turn: Turn, outputs: Ref | None, error: ErrorInfo | None) -> None:
    """The run's own end; ``outputs`` and ``error`` come from the bind order where there is an output_schema."""
    result = outputs if outputs is not None else scope_result(turn.run.root)
    if error is None and result is None:
        error = ErrorInfo("NO_RESULT", "the run ended without a result: none of its outputs was delivered")
        turn.emit(SegmentFailed(error, rule="R13"))
    elif error is not None:
        turn.emit(SegmentFailed(error, rule="R13"))
    elif result is not None:
        turn.emit(SegmentCompleted(result))


def scope_result(scope: Scope) -> Ref | None:
    """R13: the `outputs` map, the object of the one end step, or ``{step_id: object}``; null where there is no result."""
    lock = scope.graph.lock
    fields: dict[str, Ref] = {}
    if lock.outputs is not None:
        for name, (number, port) in lock.outputs.items():
            ref = _delivered(scope, scope.graph.steps[number], port)
            if ref is not None:
                fields[name] = ref
    else:
        ends = [(step, _end_object(scope, step)) for step in scope.graph.steps if step.lock.end]
        counting = [(step, found) for step, found in ends if found is not None]
        if lock.one_end and counting:
            return counting[0][1]
        fields = {step.id: found for step, found in counting}
    if fields or scope.graph.policy.allow_empty:
        return ObjectOf(fields)
    return None


def _delivered(scope: Scope, step: StepPlan, port: str) -> Ref | None:
    visit = scope.visits[step.index]
    if visit is None:
        return None
    if port == ERROR_PORT:
        return Failure(visit.id) if visit.status == Status.FAILED else None
    if visit.status == Status.COMPLETED and visit.outputs is not None and port in visit.outputs:
        return Port(visit.id, port)
    return None


def _end_object(scope: Scope, step: StepPlan) -> ObjectOf | None:
    visit = scope.visits[step.index]
    if visit is None or visit.status != Status.COMPLETED or visit.outputs is None:
        return None
    fields: dict[str, Ref] = {port: Port(visit.id, port) for port in visit.outputs if port not in step.ports_with_edges}
    return ObjectOf(fields) if fields or step.lock.silent else None
