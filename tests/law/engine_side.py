"""The engine's side of the law: runs a random segment on the pure engine and tells what came of it in the oracle's words.

While it runs it holds the engine to its own laws: what is outstanding equals what a scan finds, and refolding the trail up
to any append gives the live state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.golden.play import Stage
from tests.law.scope import Outcome
from worktrail import engine as e
from worktrail.errors import CallerError
from worktrail.events import (
    Event,
    ScopeEnded,
    SegmentCancelled,
    SegmentCompleted,
    SegmentFailed,
    StepCancelled,
    StepCompleted,
    StepFailed,
    StepScheduled,
    StepSkipped,
)

__all__ = ["run_engine", "told"]

Json = Any
_STATES: dict[type, str] = {
    StepCompleted: "completed",
    StepFailed: "failed",
    StepSkipped: "skipped",
    StepCancelled: "cancelled",
}


def run_engine(
    segment: dict[str, Json],
    answers: Callable[[str, int, dict[str, Json]], tuple[Any, ...]],
    choose: Callable[[list[str]], int],
    *,
    run_input: Json = 1,
    cancel_after: int | None = None,
    pause_after: int | None = None,
    check_laws: bool = True,
) -> tuple[Outcome, Stage | None]:
    """Run to the end; retries come due at once. ``pause_after``: paused and resumed after that many answers."""
    try:
        stage = Stage(segment, run_input)
    except CallerError as error:
        return Outcome(status="refused", error=error.code), None
    answered = 0
    while not stage.run.ended:
        if check_laws:
            _incremental(stage.run)
        if answered == pause_after:
            _pause(stage)
        if answered == cancel_after and stage.run.status == "running":
            stage.take(e.Cancel())
            continue
        running = _running(stage.run)
        if not running:
            raise AssertionError(f"the run is stuck: {e.outstanding(stage.run)}")
        visit = running[choose([one.id for one in running])]
        _answer(stage, visit, answers(visit.id, visit.attempt, {}))
        answered += 1
    if check_laws:
        _refold(stage)
    return told(stage), stage


def _running(run: e.Run) -> list[e.Visit]:
    """Attempts in flight, in the order in which their visits started."""
    return [visit for visit in run.open.values() if visit.status == e.Status.RUNNING]


def _answer(stage: Stage, visit: e.Visit, answer: tuple[Any, ...]) -> None:
    if answer[0] == "deliver" and visit.step.policy.effect == "once" and not _valid(visit, answer[1]):
        stage.fail(visit.id, "ANSWER_INVALID", not_executed=True)
    elif answer[0] == "deliver":
        refs = stage.outputs(answer[1])
        unknown = [port for port in refs if port not in visit.step.lock.outs]
        verdicts = None if unknown else e.verdicts_at(stage.run, visit, refs, stage.values)
        stage.take(e.Complete(visit.id, visit.attempt, refs, verdicts))
    else:
        # The oracle knows no uncertain effects: every failure says that nothing was executed, so `once` may retry.
        stage.fail(visit.id, answer[1], recoverable=answer[2], not_executed=True)
    if visit.status == e.Status.RETRYING and not stage.run.paused:
        stage.fire(visit.id)


def _valid(visit: e.Visit, ports: dict[str, Json]) -> bool:
    return set(ports) <= set(visit.step.lock.outs) and (bool(ports) or visit.step.lock.silent)


def _pause(stage: Stage) -> None:
    """Pausing and resuming changes nothing of what comes of a run."""
    if stage.run.status != "running" or stage.run.paused:
        return
    stage.take(e.Pause())
    stage.take(e.Resume())


def _incremental(run: e.Run) -> None:
    assert e.outstanding(run) == e.recomputed(run)


def _refold(stage: Stage) -> None:
    """At the end of every append: fold of the prefix = what the live state was, by outstanding and by the whole at the end."""
    run = e.Run(stage.run.id, stage.plan)
    for at_us, event in stage.events:
        e.apply(run, event, at_us)
    refolded, live = run.describe(), stage.run.describe()
    assert refolded == live, {key: (refolded[key], live[key]) for key in live if refolded[key] != live[key]}


def told(stage: Stage) -> Outcome:
    """The trail in the oracle's words. Values are read from a fold that has come as far as each event."""
    out = Outcome()
    run = e.Run(stage.run.id, stage.plan)
    for at_us, event in stage.events:
        _tell(out, run, stage, event)
        e.apply(run, event, at_us)
    return out


def _tell(out: Outcome, run: e.Run, stage: Stage, event: Event) -> None:
    def read(ref: Any) -> Json:
        return _coded(stage.values.read(e.resolve(run, ref)))

    if isinstance(event, SegmentCompleted):
        out.status, out.result = "completed", read(event.outputs)
    elif isinstance(event, SegmentFailed):
        out.status, out.error = "failed", event.error.error_code
        if event.visit is not None:  # NO_RESULT is nobody's failure
            out.failures = [event.error.error_code] * (1 + (event.others or 0))
    elif isinstance(event, SegmentCancelled):
        out.status = "cancelled"
        out.stopped.add("")
    elif isinstance(event, ScopeEnded) and (event.cancelled or event.error is not None):
        out.stopped.add(f"{event.visit}#{event.number}/")
    elif isinstance(event, StepScheduled) and event.counted is not None:
        out.counted[event.visit] = list(event.counted)
        _regions(out, run, event)
    elif type(event) in _STATES:
        visit = str(event.visit)  # type: ignore[union-attr]
        out.states[visit] = _STATES[type(event)]
        if isinstance(event, StepCancelled) and event.rule == "R10":
            out.regions.add(visit)
        _ends(out, run, visit, event.ends)  # type: ignore[union-attr]
        _stopped(out, run, visit, event)
        if isinstance(event, StepCompleted):
            out.outputs[visit] = {port: read(ref) for port, ref in event.outputs.items()}


def _regions(out: Outcome, run: e.Run, event: StepScheduled) -> None:
    """The whole region of a join that fired with `rest: cancel`: nothing is promised of its visits (RULES §1)."""
    key, _, step_id = event.visit.rpartition("/")
    scope = run.scopes[key]
    join = scope.graph.steps[scope.graph.numbers[step_id]].lock.join
    if join is not None and join.rest == "cancel" and not event.unmet:
        out.regions |= {scope.visit_id(scope.graph.steps[number]) for number in join.region}


def _ends(out: Outcome, run: e.Run, visit: str, letters: str) -> None:
    key, _, step_id = visit.rpartition("/")
    scope = run.scopes.get(key)
    graph = scope.graph if scope is not None else _graph_of(run, key)
    step = graph.steps[graph.numbers[step_id]]
    prefix = f"{key}/" if key else ""
    for edge, letter in zip(step.out_edges, letters, strict=True):
        out.ends[prefix, edge] = letter


def _stopped(out: Outcome, run: e.Run, visit: str, event: Event) -> None:
    """After `cancel_rest` only the scope's own end is promised; a container that failed has cancelled its other items."""
    key = visit.rpartition("/")[0]
    scope = run.scopes.get(key)
    unhandled = isinstance(event, StepFailed) and not event.handled
    broke = isinstance(event, StepCompleted | StepFailed) and bool(event.conditions)
    if scope is not None and scope.graph.policy.on_failure == "cancel_rest" and (unhandled or broke):
        out.stopped.add(f"{key}/" if key else "")
    if isinstance(event, StepFailed | StepSkipped | StepCancelled) or (isinstance(event, StepCompleted) and event.error):
        out.stopped.add(f"{visit}#")


def _graph_of(run: e.Run, key: str) -> e.GraphPlan:
    """The graph of a scope that has no event yet: the body of its container."""
    owner = key.rpartition("#")[0]
    outer, _, step_id = owner.rpartition("/")
    scope = run.scopes[outer]
    body = scope.graph.steps[scope.graph.numbers[step_id]].body
    assert body is not None
    return body


def _coded(value: Json) -> Json:
    """An ErrorInfo inside a value is its code."""
    if isinstance(value, dict):
        if "error_code" in value and "error_message" in value:
            return {"code": value["error_code"]}
        return {key: _coded(one) for key, one in value.items()}
    return [_coded(one) for one in value] if isinstance(value, list) else value
