"""``apply``: the only way state changes, live and on replay alike.

Rule: an event says what happened; this file says what that means for the state, and nothing else. It decides nothing,
reads no value, evaluates no expression, knows no clock (``at_us`` is the append's time). It changes the state in place
and may run ahead of the disk: a driver whose commit fails drops the state and folds again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heappush
from typing import Any

from worktrail.engine.fold.state import ACTIVE, Box, Incident, Run, Scope, Status, Visit
from worktrail.engine.fold.values import resolve
from worktrail.engine.plan import Plan
from worktrail.errors import OurError
from worktrail.events import (
    Append,
    DataPublished,
    ErrorInfo,
    Event,
    HumanTaskCancelled,
    HumanTaskCompleted,
    HumanTaskCreated,
    HumanTaskExpired,
    HumanTaskLate,
    IncidentOpened,
    IncidentResolved,
    Inline,
    ScopeEnded,
    SegmentCancelled,
    SegmentCancelRequested,
    SegmentCompleted,
    SegmentFailed,
    SegmentPaused,
    SegmentResumed,
    SegmentStarted,
    StepAnswered,
    StepCancelled,
    StepCompleted,
    StepFailed,
    StepInterrupted,
    StepRetrying,
    StepScheduled,
    StepSkipped,
    StepStarted,
    StepTimedOut,
    TimerFired,
    TimerSet,
)

__all__ = ["apply", "fold"]


def apply(run: Run, event: Event, at_us: int) -> None:
    """Fold one event into the state."""
    run.seq += 1
    run.now_us = at_us
    _APPLY[type(event)](run, event, at_us)


def fold(run_id: str, plan: Plan, appends: Iterable[Append]) -> Run:
    """The state of a whole trail."""
    run = Run(run_id, plan)
    for append in appends:
        if append.first_seq != run.seq + 1:
            raise OurError("JOURNAL_CORRUPT", f"run {run_id}: append at seq {append.first_seq}, expected {run.seq + 1}")
        at_us = run.now_us = append.at_us
        for event in append.events:
            run.seq += 1
            _APPLY[type(event)](run, event, at_us)
    for scope in run.dirty:  # what came of it stands in the trail
        scope.agenda.clear()
    run.dirty.clear()
    run.ending.clear()
    run.pump.clear()
    _derive_orders(run)
    return run


def _derive_orders(run: Run) -> None:
    """Orders that no event opens: a round whose scope has ended awaits its `until`, an ended run its output_schema."""
    for scope in run.scopes.values():
        if scope.open or run.ended:
            continue
        owner = scope.owner
        if owner is not None and owner.step.kind == "loop" and scope.error is None:
            owner.phase = "until"
            run.orders[owner.id] = "until"
        elif owner is None and run.status == "running" and scope.error is None:
            run.orders[""] = "result"


# --- moving a visit ---------------------------------------------------------------------------------------------------


def _move(run: Run, visit: Visit, status: str, phase: str = "") -> None:
    """Set a visit's status; keep orders, activity and ``touched`` in step with it."""
    before = visit.status
    if before == Status.BINDING:
        run.orders.pop(visit.id, None)
    if status == Status.BINDING:
        run.orders[visit.id] = phase
    visit.phase = phase
    visit.status = status
    run.touched[visit.id] = visit
    if before in ACTIVE:
        if status not in ACTIVE:
            run.active -= 1
            if run.active == 0 and not run.paused:
                run.active_us += run.now_us - run.active_since_us
    elif status in ACTIVE:
        if run.active == 0 and not run.paused:
            run.active_since_us = run.now_us
        run.active += 1


def _await_start(run: Run, visit: Visit) -> None:
    """Ready for an attempt; kinds whose start reads values first begin with a bind order."""
    if visit.step.bound_at_start:
        _move(run, visit, Status.BINDING, "start")
    else:
        _move(run, visit, Status.SCHEDULED)


def _scope_of(run: Run, visit_id: str) -> tuple[Scope, str]:
    """The scope of a visit id and the step's id; an item's or round's scope begins with its first event."""
    key, _, step_id = visit_id.rpartition("/")
    scope = run.scopes.get(key)
    if scope is None:
        owner_id, _, number = key.rpartition("#")
        owner = run.open[owner_id]
        assert owner.step.body is not None and owner.box is not None
        scope = run.scopes[key] = Scope(owner.step.body, key, owner, int(number))
        owner.box.running += 1
        owner.box.next = int(number) + 1
    return scope, step_id


def _begin(run: Run, visit_id: str, at_us: int) -> Visit:
    """A visit that is open from now on, as its kind begins."""
    scope, step_id = _scope_of(run, visit_id)
    number = scope.graph.numbers[step_id]
    step = scope.graph.steps[number]
    visit = Visit(visit_id, step, scope, "", at_us)
    scope.visits[number] = visit
    scope.decided[number] = 1
    scope.open += 1
    run.open[visit_id] = visit
    _await_start(run, visit)
    return visit


def _end(run: Run, visit: Visit, status: str, ends: str) -> None:
    scope = visit.scope
    scope.open -= 1
    _move(run, visit, status)
    del run.open[visit.id]
    visit.answered = None
    visit.box = None
    if ends:
        _end_edges(run, scope, visit.step.out_edges, ends)
    if scope.open == 0:
        run.ending.append(scope)


def _end_edges(run: Run, scope: Scope, numbers: Iterable[int], ends: str) -> None:
    """All edges of one completion end together (R1); a target is looked at again when that can change its fate."""
    edges = scope.graph.edges
    steps = scope.graph.steps
    for n, letter in zip(numbers, ends, strict=True):
        scope.ends[n] = letter
        if letter == "O":
            continue
        target = edges[n].target
        left = scope.left[target] = scope.left[target] - 1
        if letter == "D":
            scope.live[target] += 1
        if not scope.decided[target] and (left == 0 or steps[target].join_early) and not scope.closed:
            if not scope.agenda:
                run.dirty.append(scope)
            heappush(scope.agenda, target)


def _fail_scope(scope: Scope, error: ErrorInfo, visit_id: str) -> None:
    """An unhandled failure (R11)."""
    scope.failures += 1
    if scope.error is None:
        scope.error = error
        scope.failed_visit = visit_id


def _close(scope: Scope) -> None:
    """The scope stops: undecided steps stay undecided."""
    scope.closed = True
    scope.agenda.clear()


def _condition_failures(visit: Visit, conditions: dict[str, ErrorInfo], ends: str) -> None:
    """R12: a condition that failed goes to R11, unless it is open as an incident."""
    for error in conditions.values() if "E" in ends else ():
        _fail_scope(visit.scope, error, visit.id)


# --- the run ----------------------------------------------------------------------------------------------------------


def _segment_started(run: Run, event: SegmentStarted, at_us: int) -> None:
    run.started = event
    run.started_us = at_us
    run.status = "running"


def _segment_completed(run: Run, event: SegmentCompleted, at_us: int) -> None:
    run.outputs = resolve(run, event.outputs)
    run.status = "completed"
    run.ended = True
    run.orders.pop("", None)


def _segment_failed(run: Run, event: SegmentFailed, at_us: int) -> None:
    run.error = event.error
    run.error_visit = event.visit
    run.status = "failed"
    run.ended = True
    run.orders.pop("", None)


def _segment_cancelled(run: Run, event: SegmentCancelled, at_us: int) -> None:
    run.status = "cancelled"
    run.ended = True


def _segment_paused(run: Run, event: SegmentPaused, at_us: int) -> None:
    if run.active:
        run.active_us += at_us - run.active_since_us
    run.paused = True
    run.touched.update(run.open)


def _segment_resumed(run: Run, event: SegmentResumed, at_us: int) -> None:
    run.paused = False
    run.active_since_us = at_us
    run.touched.update(run.open)


def _segment_cancel_requested(run: Run, event: SegmentCancelRequested, at_us: int) -> None:
    run.status = "cancelling"
    run.cancel_error = event.error
    run.root.cut = frozenset(range(len(run.root.visits)))  # what would start from now on is cancelled instead
    run.orders.pop("", None)


# --- steps ------------------------------------------------------------------------------------------------------------


def _step_scheduled(run: Run, event: StepScheduled, at_us: int) -> None:
    visit = _begin(run, event.visit, at_us)
    if event.counted is not None:
        scope = visit.scope
        visit.counted = event.counted
        join = visit.step.lock.join
        visit.unmet = bool(event.unmet)
        if join is not None and join.rest == "cancel" and not event.unmet:
            scope.cut = scope.cut | frozenset(join.region)


def _step_started(run: Run, event: StepStarted, at_us: int) -> None:
    visit = run.open[event.visit]
    visit.attempt = event.attempt
    visit.attempt_us = at_us
    if visit.step.is_container:
        box = visit.box = Box()
        if event.items is not None:
            box.items = resolve(run, event.items)
            box.count = event.count or 0
            box.bound = event.bound or 1
            box.results = [None] * box.count
        elif event.input is not None:
            box.inputs[1] = resolve(run, event.input)
        _move(run, visit, Status.INSIDE)
        run.pump.append(visit)
    elif event.child is not None:
        visit.child = event.child
        _move(run, visit, Status.WAITING)
    else:
        _move(run, visit, Status.RUNNING)


def _value(run: Run, outputs: dict[str, Any]) -> dict[str, Any]:
    for ref in outputs.values():
        if type(ref) is not Inline:
            return {port: resolve(run, one) for port, one in outputs.items()}
    return outputs


def _step_completed(run: Run, event: StepCompleted, at_us: int) -> None:
    visit = run.open[event.visit]
    visit.outputs = _value(run, event.outputs)
    if event.error is not None:
        visit.error = event.error
    _end(run, visit, Status.COMPLETED, event.ends)
    if event.conditions:
        _condition_failures(visit, event.conditions, event.ends)
    if event.stops:
        _close(visit.scope)


def _step_failed(run: Run, event: StepFailed, at_us: int) -> None:
    visit = run.open.get(event.visit) or _begin(run, event.visit, at_us)
    visit.error = event.error
    visit.outputs = None
    _end(run, visit, Status.FAILED, event.ends)
    if not event.handled:
        _fail_scope(visit.scope, event.error, visit.id)
    if event.conditions:
        _condition_failures(visit, event.conditions, event.ends)
    if event.stops:
        _close(visit.scope)


def _step_skipped(run: Run, event: StepSkipped, at_us: int) -> None:
    visit = run.open.get(event.visit) or _begin(run, event.visit, at_us)
    visit.error = event.error
    visit.outputs = None
    _end(run, visit, Status.SKIPPED, event.ends)


def _step_cancelled(run: Run, event: StepCancelled, at_us: int) -> None:
    visit = run.open.get(event.visit) or _begin(run, event.visit, at_us)
    visit.outputs = None
    _end(run, visit, Status.CANCELLED, event.ends)


def _step_retrying(run: Run, event: StepRetrying, at_us: int) -> None:
    visit = run.open[event.visit]
    visit.failures += 1
    visit.due_us = event.due_us
    visit.error = event.error
    _move(run, visit, Status.RETRYING)


def _step_timed_out(run: Run, event: StepTimedOut, at_us: int) -> None:
    visit = run.open[event.visit]
    visit.overdue = visit.overdue or event.limit == "visit"
    run.touched[visit.id] = visit
    if event.limit == "visit" and visit.box is not None and visit.box.failing is None:
        visit.box.failing = ErrorInfo("DEADLINE_EXCEEDED", f"visit '{visit.id}' passed its deadline_s")


def _step_answered(run: Run, event: StepAnswered, at_us: int) -> None:
    visit = run.open.get(event.visit) or _begin(run, event.visit, at_us)
    outputs = None if event.outputs is None else _value(run, event.outputs)
    visit.answered = (event.status, event.outputs, event.error, event.ends or "")
    if event.error is not None:
        visit.error = event.error
    if event.status == "completed":
        visit.outputs = outputs
    _move(run, visit, Status.BINDING, "continue" if event.status == "continue" else "end")


def _step_interrupted(run: Run, event: StepInterrupted, at_us: int) -> None:
    visit = run.open[event.visit]
    visit.lost += not event.parked
    _move(run, visit, Status.PROBING if event.probe else Status.SCHEDULED)


def _scope_ended(run: Run, event: ScopeEnded, at_us: int) -> None:
    visit = run.open[event.visit]
    box = visit.box
    assert box is not None
    key = f"{event.visit}#{event.number}"
    scope = run.scopes.get(key)
    result = None if event.result is None else resolve(run, event.result)
    if scope is not None:
        del run.scopes[key]
        scope.visits.clear()  # as `Run.let_go`
        box.running -= 1
    else:
        box.next = event.number + 1
    if event.error is not None:
        box.errors[event.number] = event.error
        _item_failed(visit, box, event)
    elif not event.cancelled:
        if box.items is not None:
            box.results[event.number - 1] = result
        else:
            box.result = result
            box.inputs = {event.number + 1: result} if event.done is False and result is not None else {}
    run.pump.append(visit)


def _item_failed(visit: Visit, box: Box, event: ScopeEnded) -> None:
    """The first failure of an item (`fail`) or of a round makes the container fail."""
    policy = visit.step.lock.config.get("on_item_failure", "fail") if visit.step.kind == "map" else "fail"
    if policy == "fail" and box.failing is None:
        assert event.error is not None
        what = "item" if visit.step.kind == "map" else "round"
        message = f"{what} {event.number} of '{visit.id}' failed: {event.error.error_code}: {event.error.error_message}"
        details = {"index": event.number, "error_code": event.error.error_code, "error_message": event.error.error_message}
        box.failing = ErrorInfo("ITEM_FAILED", message, details=details)


# --- timers, people, incidents ----------------------------------------------------------------------------------------


def _timer_set(run: Run, event: TimerSet, at_us: int) -> None:
    visit = run.open[event.visit]
    visit.due_us = event.due_us
    _move(run, visit, Status.WAITING)


def _timer_fired(run: Run, event: TimerFired, at_us: int) -> None:
    visit = run.open[event.visit]
    if visit.status == Status.RETRYING:
        _await_start(run, visit)


def _task_created(run: Run, event: HumanTaskCreated, at_us: int) -> None:
    visit = run.open[event.visit]
    visit.task_id = event.task_id
    visit.attempt += 1
    _move(run, visit, Status.WAITING)


def _nothing(run: Run, event: Event, at_us: int) -> None:
    """The fact stands in the trail; the event that follows it changes the state."""


def _incident_opened(run: Run, event: IncidentOpened, at_us: int) -> None:
    visit = run.open.get(event.visit)
    run.incidents[event.incident] = Incident(event.incident, event.visit, event.kind, event.error, list(event.edges or ()), at_us)
    if event.kind == "condition":
        scope, _ = _scope_of(run, event.visit)
        scope.held += 1
        scope.open += 1
        return
    if visit is None:
        visit = _begin(run, event.visit, at_us)
    visit.error = event.error
    _move(run, visit, Status.INCIDENT)


def _incident_resolved(run: Run, event: IncidentResolved, at_us: int) -> None:
    incident = run.incidents[event.incident]
    if event.ends:
        scope, _ = _scope_of(run, event.visit)
        for name, letter in event.ends.items():
            _end_edges(run, scope, (int(name),), letter)
            incident.edges.remove(int(name))
    if incident.kind == "condition":
        if not incident.edges or event.action == "cancelled":
            del run.incidents[event.incident]
            scope, _ = _scope_of(run, event.visit)
            scope.held -= 1
            scope.open -= 1
            if scope.open == 0:
                run.ending.append(scope)
        return
    del run.incidents[event.incident]
    visit = run.open[event.visit]
    visit.given_up = event.action == "fail"
    if event.action == "retry":
        visit.failures = visit.lost = 0
        visit.overdue = False
        visit.scheduled_us = at_us  # its `deadline_s` begins anew
        _await_start(run, visit)


_APPLY: dict[type, Callable[[Run, Any, int], None]] = {
    SegmentStarted: _segment_started,
    SegmentCompleted: _segment_completed,
    SegmentFailed: _segment_failed,
    SegmentCancelled: _segment_cancelled,
    SegmentPaused: _segment_paused,
    SegmentResumed: _segment_resumed,
    SegmentCancelRequested: _segment_cancel_requested,
    StepScheduled: _step_scheduled,
    StepStarted: _step_started,
    StepCompleted: _step_completed,
    StepFailed: _step_failed,
    StepSkipped: _step_skipped,
    StepCancelled: _step_cancelled,
    StepRetrying: _step_retrying,
    StepTimedOut: _step_timed_out,
    StepAnswered: _step_answered,
    StepInterrupted: _step_interrupted,
    ScopeEnded: _scope_ended,
    TimerSet: _timer_set,
    TimerFired: _timer_fired,
    HumanTaskCreated: _task_created,
    HumanTaskCompleted: _nothing,
    HumanTaskExpired: _nothing,
    HumanTaskCancelled: _nothing,
    HumanTaskLate: _nothing,
    IncidentOpened: _incident_opened,
    IncidentResolved: _incident_resolved,
    DataPublished: _nothing,
}
