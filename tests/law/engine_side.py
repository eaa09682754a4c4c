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
    ErrorInfo,
    Event,
    IncidentOpened,
    IncidentResolved,
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
Answers = Callable[[str, int, dict[str, Json]], tuple[Any, ...]]
_STATES: dict[type, str] = {
    StepCompleted: "completed",
    StepFailed: "failed",
    StepSkipped: "skipped",
    StepCancelled: "cancelled",
}


def run_engine(
    segment: dict[str, Json],
    answers: Answers,
    choose: Callable[[list[str]], int],
    *,
    run_input: Json = 1,
    cancel_after: int | None = None,
    timed_out: bool = False,
    pause_after: int | None = None,
    check_laws: bool = True,
) -> tuple[Outcome, Stage | None]:
    """Run to the end; retries come due at once. After that many answers: ``cancel_after`` cancelled, or its time limit passes
    (``timed_out``); ``pause_after`` paused and resumed."""
    try:
        stage = Slow(segment, run_input)
    except CallerError as error:
        return Outcome(status="refused", error=error.code), None
    answered, waits = 0, list[list[str]]()
    while not stage.run.ended:
        if check_laws:
            _incremental(stage.run)
        if answered == pause_after:
            _pause(stage)
        if answered == cancel_after and stage.run.status == "running":
            stage.take(e.TimeOutRun("deadline_s") if timed_out else e.Cancel())
            continue
        names = _waiting(stage.run)
        if not names:
            raise AssertionError(f"the run is stuck: {e.outstanding(stage.run)}")
        waits.append(sorted(names))
        name = list(names)[choose(list(names))]
        _answer(stage, name, names[name], answers)
        answered += 1
    if check_laws:
        _refold(stage)
    outcome = told(stage)
    outcome.waits = waits
    return outcome, stage


class Slow(Stage):
    """Tasks that were asked to end answer later, in any order, as a driver whose task is decided meanwhile sees it."""

    def _cancel_tasks(self) -> None:
        """Nothing confirms on the spot."""


# What is outstanding, by the mark that the oracle has for it; what a driver does at once must not be left.
_MARKS = {"running": "", "probe": "~", "timer": "", "task": "", "child": "", "cancel_task": "-", "cancel_child": "-"}


def _waiting(run: e.Run) -> dict[str, Any]:
    """What is outstanding, and deadlines, and incidents (each edge of one on its own), by the oracle's names."""
    works = [work for work in e.outstanding(run).values() if work.kind != "incident"]
    names: dict[str, Any] = {work.visit + _MARKS[work.kind]: run.open[work.visit] for work in works}
    for visit in run.open.values():
        if visit.step.policy.deadline_s is not None and not visit.overdue and visit.status != e.Status.INCIDENT:
            names[f"{visit.id}@"] = visit
    for incident in run.incidents.values():
        if incident.kind == "condition":
            names |= {f"{incident.visit}?{edge}": (incident, edge) for edge in incident.edges}
        else:
            names[f"{incident.visit}!"] = incident
    return names


def _answer(stage: Stage, name: str, found: Any, answers: Answers) -> None:
    if isinstance(found, tuple):
        incident, edge = found
        stage.take(e.Resolve(incident.id, answers(name, 1, {})[0], edge=edge))
        return
    if name.endswith("!"):
        number = _asked(stage, found.visit)
        action, *ports = answers(name, number, {"code": found.error.error_code})
        stage.take(e.Resolve(found.id, action, stage.outputs(ports[0]) if ports else None))
        return
    if name.endswith("@"):
        stage.take(e.TimeOut(found.id, found.attempt, "visit"))
        return
    answer = answers(name, max(found.attempt, 1), {})
    if name.endswith("~"):
        stage.take(e.Probed(found.id, answer[0], stage.outputs(answer[1]) if len(answer) > 1 else None))
    elif found.step.kind in _ELSEWHERE:
        _ELSEWHERE[found.step.kind](stage, found, *answer)
    else:
        _ATTEMPT[answer[0]](stage, found, *answer[1:])
    if found.status == e.Status.RETRYING and not stage.run.paused:
        stage.fire(found.id)


def _asked(stage: Stage, visit: str) -> int:
    """How often a person was asked about a visit; an incident that is withdrawn at once asks nobody."""
    asked, before = 0, None
    for _, event in stage.events:
        asked += isinstance(event, IncidentOpened) and event.visit == visit and event.kind != "condition"
        at_once = isinstance(event, IncidentResolved) and event.action == "cancelled" and isinstance(before, IncidentOpened)
        asked -= at_once and before is not None and before.visit == visit
        before = event
    return asked


def _deliver(stage: Stage, visit: e.Visit, ports: dict[str, Json]) -> None:
    refs = stage.outputs(ports)
    unknown = [port for port in refs if port not in visit.step.lock.outs]
    verdicts = None if unknown else e.verdicts_at(stage.run, visit, refs, stage.values)
    stage.take(e.Complete(visit.id, visit.attempt, refs, verdicts))


def _fail(stage: Stage, visit: e.Visit, code: str, recoverable: bool, not_executed: bool) -> None:
    stage.fail(visit.id, code, recoverable=recoverable, not_executed=not_executed)


_ATTEMPT: dict[str, Callable[..., None]] = {
    "deliver": _deliver,
    "fail": _fail,
    "lost": lambda stage, visit: stage.take(e.Interrupt(visit.id, visit.attempt)),
    "late": lambda stage, visit: stage.take(e.TimeOut(visit.id, visit.attempt)),
}


def _task(stage: Stage, visit: e.Visit, said: str, port: str = "cancelled", value: Json = None) -> None:
    ref = stage.values.write(value) if said == "decided" else None
    verdicts = None if ref is None else e.verdicts_at(stage.run, visit, {port: ref}, stage.values)
    stage.take(e.TaskEnded(visit.id, str(visit.task_id), port, ref, verdicts=verdicts))


def _child(stage: Stage, visit: e.Visit, said: str, value: Json = None) -> None:
    status = {"withdrawn": "cancelled"}.get(said, said)
    outputs = stage.values.write(value) if said == "completed" else None
    error = ErrorInfo("BROKE", "inside the child") if said == "failed" else None
    stage.take(e.ChildEnded(visit.id, str(visit.child), status, outputs, error))


_ELSEWHERE: dict[str, Callable[..., None]] = {
    "timer": lambda stage, visit, said: stage.fire(visit.id),
    "human": _task,
    "child": _child,
}


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
        if event.error.error_code == "RUN_TIMED_OUT":  # as a cancel
            out.stopped.add("")
    elif isinstance(event, SegmentCancelled):
        out.status = "cancelled"
        out.stopped.add("")
    elif isinstance(event, ScopeEnded) and (event.cancelled or event.error is not None):
        out.stopped.add(f"{event.visit}#{event.number}/")
    elif isinstance(event, StepScheduled) and event.counted is not None:
        out.counted[event.visit] = list(event.counted)
        _regions(out, run, event)
    elif isinstance(event, IncidentResolved):
        _resolved(out, event)
    elif type(event) in _STATES:
        visit = str(event.visit)  # type: ignore[union-attr]
        out.states[visit] = _STATES[type(event)]
        if isinstance(event, StepCancelled) and event.rule == "R10":
            out.regions.add(visit)
        _ends(out, run, visit, event.ends)  # type: ignore[union-attr]
        _stopped(out, run, visit, event)
        if isinstance(event, StepCompleted | StepFailed | StepSkipped) and event.error is not None:
            out.errors[visit] = event.error.error_code
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
        if letter != "O":
            out.ends[prefix, edge] = letter


def _resolved(out: Outcome, event: IncidentResolved) -> None:
    key = event.visit.rpartition("/")[0]
    prefix = f"{key}/" if key else ""
    out.ends |= {(prefix, int(edge)): letter for edge, letter in (event.ends or {}).items()}
    if event.action == "retry":  # a container begins anew: what was inside of it is gone
        for known in (out.states, out.outputs, out.counted, out.errors):
            for visit in [one for one in known if one.startswith(f"{event.visit}#")]:
                del known[visit]  # type: ignore[attr-defined]
        out.ends = {place: end for place, end in out.ends.items() if not place[0].startswith(f"{event.visit}#")}


def _stopped(out: Outcome, run: e.Run, visit: str, event: Event) -> None:
    """After `cancel_rest` only the scope's own end is promised; a container that failed has cancelled its other items."""
    key = visit.rpartition("/")[0]
    scope = run.scopes.get(key)
    if scope is not None and isinstance(event, StepCompleted | StepFailed) and event.stops:
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
