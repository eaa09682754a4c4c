"""``decide``: what follows from a command, under the rules. Never: a value, a clock, a random number.

The events it returns are already applied: each rule saw the state the trail will give. A command that cannot be obeyed
raises before any event exists (``CallerError``), so the state is as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from worktrail.engine import commands as c
from worktrail.engine.decide.activation import start_scope
from worktrail.engine.decide.answers import (
    attempt_answered,
    attempt_failed,
    complete,
    deadline_exceeded,
    fail_visit,
    final_failure,
    interrupted,
    timed_out,
)
from worktrail.engine.decide.cancelling import cancel_run_scopes
from worktrail.engine.decide.repairs import resolve_incident
from worktrail.engine.decide.scopes import end_round, finish_run, settle
from worktrail.engine.decide.turn import Turn
from worktrail.engine.fold import Run, Status, Visit, cancel_rule, inputs_of, is_cancelling
from worktrail.errors import CallerError
from worktrail.events import (
    DataPublished,
    ErrorInfo,
    Event,
    HumanTaskCancelled,
    HumanTaskCompleted,
    HumanTaskCreated,
    HumanTaskExpired,
    HumanTaskLate,
    Ref,
    SegmentCancelRequested,
    SegmentPaused,
    SegmentResumed,
    StepCancelled,
    StepStarted,
    TimerFired,
    TimerSet,
)

__all__ = ["child_run_id", "decide", "task_id_of"]


def decide(run: Run, command: c.Command, at_us: int) -> list[Event]:
    """The events of one command, applied. Raises ``CallerError`` (ANSWER_STALE, RUN_ENDED, INCIDENT_…) for what cannot be."""
    turn = Turn(run, at_us)
    _DECIDE[type(command)](turn, command)
    settle(turn)
    return turn.events


def child_run_id(run_id: str, visit: Visit) -> str:
    """RULES §3: the id of the child that a visit's next attempt begins is a hash of its parent run and visit; from the second
    attempt on, of the visit or of a container around it, also of how often each was begun: no two are ever the same."""
    begun = [visit.attempt + 1]
    owner = visit.scope.owner
    while owner is not None:
        begun.append(owner.attempt)
        owner = owner.scope.owner
    while begun and begun[-1] == 1:
        begun.pop()
    text = f"{run_id}/{visit.id}" + ("@" + ".".join(map(str, begun)) if begun else "")
    return blake2b(text.encode(), digest_size=16).hexdigest()


def task_id_of(run_id: str, visit: Visit) -> str:
    """The id of the human task that a visit opens next."""
    return "t" + child_run_id(run_id, visit)[:24]


def _open_visit(turn: Turn, visit_id: str, *statuses: str) -> Visit:
    visit = turn.run.open.get(visit_id)
    if visit is None or (statuses and visit.status not in statuses):
        state = "not open" if visit is None else f"'{visit.status}'"
        raise CallerError("ANSWER_STALE", f"visit '{visit_id}' of run {turn.run.id} is {state}: the answer comes too late")
    return visit


def _attempt(turn: Turn, visit_id: str, attempt: int) -> Visit:
    visit = _open_visit(turn, visit_id, Status.RUNNING)
    if visit.attempt != attempt:
        raise CallerError("ANSWER_STALE", f"attempt {attempt} of '{visit_id}' is over; attempt {visit.attempt} is running")
    return visit


def _living(turn: Turn) -> None:
    if turn.run.ended or turn.run.status == "cancelling":
        raise CallerError("RUN_ENDED", f"run {turn.run.id} is {turn.run.status}")


# --- the run ----------------------------------------------------------------------------------------------------------


def _request(turn: Turn, command: c.RequestRun) -> None:
    if turn.run.status != "new":
        raise CallerError("RUN_EXISTS", f"run {turn.run.id} has already started")
    turn.emit(command.started)
    root = turn.run.plan.root
    start_scope(turn, "", root.entries, root.steps)


def _cancel(turn: Turn, command: c.Cancel) -> None:
    _living(turn)
    turn.emit(SegmentCancelRequested(command.reason))
    cancel_run_scopes(turn)


def _time_out_run(turn: Turn, command: c.TimeOutRun) -> None:
    _living(turn)
    error = ErrorInfo("RUN_TIMED_OUT", f"the run passed its {command.limit}")
    turn.emit(SegmentCancelRequested(command.limit, error))
    cancel_run_scopes(turn)


def _pause(turn: Turn, command: c.Pause) -> None:
    _living(turn)
    if not turn.run.paused:
        turn.emit(SegmentPaused(command.reason))


def _resume(turn: Turn, command: c.Resume) -> None:
    _living(turn)
    if turn.run.paused:
        turn.emit(SegmentResumed(command.reason))


# --- attempts ---------------------------------------------------------------------------------------------------------


def _start(turn: Turn, command: c.Start) -> None:
    visit = _open_visit(turn, command.visit, Status.SCHEDULED, Status.RETRYING)
    if visit.status == Status.RETRYING and (turn.at_us < visit.due_us or visit.step.kind != "handler"):
        raise CallerError("ANSWER_STALE", f"the back-off of '{visit.id}' is not over")
    if turn.run.paused:
        raise CallerError("RUN_PAUSED", f"run {turn.run.id} is paused")
    turn.emit(StepStarted(visit.id, visit.attempt + 1))


def _complete(turn: Turn, command: c.Complete) -> None:
    attempt_answered(turn, _attempt(turn, command.visit, command.attempt), command.outputs, command.verdicts)


def _fail(turn: Turn, command: c.Fail) -> None:
    visit = _attempt(turn, command.visit, command.attempt)
    attempt_failed(turn, visit, command.error, command.verdicts, command.carried)


def _interrupt(turn: Turn, command: c.Interrupt) -> None:
    interrupted(turn, _attempt(turn, command.visit, command.attempt), parked=command.parked)


def _probed(turn: Turn, command: c.Probed) -> None:
    visit = _open_visit(turn, command.visit, Status.PROBING)
    if command.found == "executed":
        attempt_answered(turn, visit, command.outputs or {}, None)
        return
    message = f"'{visit.id}': the probe found {command.found}"
    if command.found != "not_executed":
        final_failure(turn, visit, ErrorInfo("ATTEMPT_LOST", message), None)
    elif visit.overdue:
        final_failure(turn, visit, deadline_exceeded(visit, not_executed=True), None)
    else:
        attempt_failed(turn, visit, ErrorInfo("ATTEMPT_LOST", message, recoverable=True, not_executed=True), None)


def _time_out(turn: Turn, command: c.TimeOut) -> None:
    if command.limit == "attempt":
        visit = _attempt(turn, command.visit, command.attempt)
    else:
        visit = _open_visit(turn, command.visit)
        if visit.status == Status.INCIDENT:
            raise CallerError("ANSWER_STALE", f"'{visit.id}' is an incident: a person is asked, no clock decides for them")
    timed_out(turn, visit, command.limit)


def _timer_due(turn: Turn, command: c.TimerDue) -> None:
    visit = _open_visit(turn, command.visit, Status.WAITING, Status.RETRYING)
    if turn.run.paused:
        raise CallerError("RUN_PAUSED", f"run {turn.run.id} is paused")
    waiting = visit.status == Status.WAITING
    turn.emit(TimerFired(visit.id))
    if waiting:
        complete(turn, visit, {"output": _pass_on(turn, visit)}, None)


def _pass_on(turn: Turn, visit: Visit) -> Ref:
    inputs = inputs_of(turn.run, visit.scope, visit.step)
    return inputs.get("input", next(iter(inputs.values())))


# --- people and children ----------------------------------------------------------------------------------------------


def _task_ended(turn: Turn, command: c.TaskEnded) -> None:
    if _too_late(turn, command):
        return
    visit = _open_visit(turn, command.visit, Status.WAITING)
    if visit.task_id != command.task_id:
        raise CallerError("ANSWER_STALE", f"visit '{visit.id}' waits for task {visit.task_id}, not {command.task_id}")
    cancelling = is_cancelling(visit)
    dead = "X" * len(visit.step.out_edges)
    if command.outcome == "cancelled":
        turn.emit(HumanTaskCancelled(visit.id, command.task_id))
        if cancelling:
            turn.emit(StepCancelled(visit.id, dead, cancel_rule(visit)))
        else:
            final_failure(turn, visit, ErrorInfo("TASK_CANCELLED", f"the human task of '{visit.id}' was cancelled"), None)
    elif cancelling:
        turn.emit(HumanTaskLate(visit.id, command.task_id, command.outcome))
        turn.emit(StepCancelled(visit.id, dead, cancel_rule(visit)))
    else:
        if command.outcome == "expired":
            turn.emit(HumanTaskExpired(visit.id, command.task_id))
        else:
            turn.emit(HumanTaskCompleted(visit.id, command.task_id, command.outcome, command.principal))
        assert command.value is not None
        complete(turn, visit, {command.outcome: command.value}, command.verdicts)


def _too_late(turn: Turn, command: c.TaskEnded) -> bool:
    """R10: a decision accepted before the cancel reached its task stays the task's fact; the run records it as late."""
    key, _, step_id = command.visit.rpartition("/")
    scope = turn.run.scopes.get(key)
    visit = scope.visits[scope.graph.numbers[step_id]] if scope is not None else None
    if visit is None or visit.status != Status.CANCELLED or visit.task_id != command.task_id or turn.run.ended:
        return False
    turn.emit(HumanTaskLate(command.visit, command.task_id, command.outcome))
    return True


def _child_ended(turn: Turn, command: c.ChildEnded) -> None:
    visit = _open_visit(turn, command.visit, Status.WAITING)
    if visit.child != command.child:
        raise CallerError("ANSWER_STALE", f"visit '{visit.id}' waits for child {visit.child}, not {command.child}")
    if is_cancelling(visit):  # R10: it was asked to end; what came of it stays in its own trail
        turn.emit(StepCancelled(visit.id, "X" * len(visit.step.out_edges), cancel_rule(visit)))
    elif visit.overdue:
        final_failure(turn, visit, deadline_exceeded(visit), None)
    elif command.status == "completed":
        assert command.outputs is not None
        complete(turn, visit, {visit.step.lock.outs[0]: command.outputs}, command.verdicts)
    elif command.status == "cancelled":
        error = ErrorInfo("CHILD_CANCELLED", f"child run {command.child} of '{visit.id}' was cancelled")
        attempt_failed(turn, visit, error, command.verdicts)
    else:
        cause = command.error or ErrorInfo("CHILD_FAILED", "unknown")
        details = {"error_code": cause.error_code, "error_message": cause.error_message, "child_run_id": command.child}
        message = f"child run {command.child} of '{visit.id}' failed: {cause.error_code}: {cause.error_message}"
        attempt_failed(turn, visit, ErrorInfo("CHILD_FAILED", message, recoverable=True, details=details), command.verdicts)


# --- bind orders ------------------------------------------------------------------------------------------------------


def _bound(turn: Turn, command: c.Bound) -> None:
    if turn.run.orders.get(command.visit) != command.phase:
        raise CallerError("ANSWER_STALE", f"no bind order '{command.phase}' is open for '{command.visit}'")
    if command.phase == "result":
        finish_run(turn, command.value, command.error)
        return
    visit = turn.run.open[command.visit]
    if command.phase == "until":
        end_round(turn, visit, done=command.done, error=command.error)
    elif command.phase == "start":
        _bound_start(turn, visit, command)
    elif command.phase == "continue":
        _bound_continue(turn, visit, command)
    else:
        assert visit.answered is not None
        status, outputs, error, known = visit.answered
        if status == "completed":
            complete(turn, visit, outputs or {}, command.verdicts or {}, error)
        else:
            assert error is not None
            fail_visit(turn, visit.id, visit.scope, visit.step, error, command.verdicts or {}, final=visit.given_up, known=known)


def _bound_start(turn: Turn, visit: Visit, command: c.Bound) -> None:
    kind = visit.step.kind
    if command.error is not None:
        if kind == "join":
            fail_visit(turn, visit.id, visit.scope, visit.step, command.error)
        else:
            final_failure(turn, visit, command.error, None)
    elif kind in {"inline", "join"}:
        if command.publish is not None:
            turn.emit(DataPublished(visit.id, *command.publish))
        complete(turn, visit, command.outputs or {}, command.verdicts)
    elif kind == "map":
        bound = max(1, min(command.concurrency, 1000))
        turn.emit(StepStarted(visit.id, visit.attempt + 1, items=command.items, count=command.count, bound=bound))
    elif kind == "child":
        attempt = visit.attempt + 1
        turn.emit(StepStarted(visit.id, attempt, child_run_id(turn.run.id, visit), command.value))
    elif kind == "timer":
        turn.emit(TimerSet(visit.id, command.due_us))
    else:
        assert command.value is not None
        turn.emit(HumanTaskCreated(visit.id, task_id_of(turn.run.id, visit), command.value))


def _bound_continue(turn: Turn, visit: Visit, command: c.Bound) -> None:
    assert visit.answered is not None
    cause = visit.answered[2]
    if command.error is not None:
        fail_visit(turn, visit.id, visit.scope, visit.step, command.error)
    else:
        complete(turn, visit, command.outputs or {}, command.verdicts, cause)


_DECIDE: dict[type, Callable[[Turn, Any], None]] = {
    c.RequestRun: _request,
    c.Start: _start,
    c.Complete: _complete,
    c.Fail: _fail,
    c.Interrupt: _interrupt,
    c.Probed: _probed,
    c.TimeOut: _time_out,
    c.TimeOutRun: _time_out_run,
    c.TimerDue: _timer_due,
    c.TaskEnded: _task_ended,
    c.ChildEnded: _child_ended,
    c.Bound: _bound,
    c.Resolve: resolve_incident,
    c.Cancel: _cancel,
    c.Pause: _pause,
    c.Resume: _resume,
}
