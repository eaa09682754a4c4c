"""Repairs: what a person can do with an incident (R11, R12, and every uncertain `once`).

Rule: retry, deliver ``{port: value}``, skip or fail; for conditions true or false. What does not fit the incident is
refused before any event exists.
"""

from __future__ import annotations

from worktrail.engine.commands import Resolve
from worktrail.engine.decide.activation import start_loop
from worktrail.engine.decide.answers import complete, fail_visit
from worktrail.engine.decide.turn import Turn
from worktrail.engine.fold import Incident, Visit
from worktrail.errors import CallerError
from worktrail.events import IncidentResolved, StepSkipped

__all__ = ["resolve_incident"]

_ACTIONS = {
    "condition": ("true", "false"),
    "failure": ("retry", "deliver", "skip", "fail"),
    "uncertain": ("retry", "deliver", "skip", "fail"),
}
_NO_RETRY = frozenset(("PORT_CONFLICT", "MERGE_CONFLICT"))


def resolve_incident(turn: Turn, command: Resolve) -> None:
    """Carry out one repair; ``CallerError`` INCIDENT_NOT_OPEN or INCIDENT_ACTION where it cannot be."""
    run = turn.run
    incident = run.incidents.get(command.incident)
    if incident is None:
        raise CallerError("INCIDENT_NOT_OPEN", f"run {run.id} has no open incident '{command.incident}'")
    if command.action not in _ACTIONS[incident.kind]:
        wanted = ", ".join(_ACTIONS[incident.kind])
        raise CallerError(
            "INCIDENT_ACTION", f"'{command.action}' does not repair an incident of kind '{incident.kind}'; use one of: {wanted}"
        )
    if incident.kind == "condition":
        _answer_condition(turn, incident, command)
    else:
        _repair_visit(turn, incident, command, run.open[incident.visit])


def _answer_condition(turn: Turn, incident: Incident, command: Resolve) -> None:
    edges = incident.edges if command.edge is None else [command.edge]
    if any(edge not in incident.edges for edge in edges):
        raise CallerError("INCIDENT_ACTION", f"edge {command.edge} is not open in incident '{incident.id}'")
    key, _, _ = incident.visit.rpartition("/")
    scope = turn.run.scopes[key]
    ends = {}
    for edge in edges:
        late = scope.decided[scope.graph.edges[edge].target]
        ends[str(edge)] = ("L" if late else "D") if command.action == "true" else "F"
    turn.emit(IncidentResolved(incident.id, incident.visit, command.action, ends, command.reason))


def _repair_visit(turn: Turn, incident: Incident, command: Resolve, visit: Visit) -> None:
    step = visit.step
    action = command.action
    _check(incident, command, visit)
    turn.emit(IncidentResolved(incident.id, incident.visit, action, None, command.reason))
    if action == "retry" and step.kind == "loop":
        start_loop(turn, visit)
    elif action == "deliver":
        assert command.outputs is not None
        complete(turn, visit, command.outputs, command.verdicts)
    elif action == "skip":
        turn.emit(StepSkipped(visit.id, "X" * len(step.out_edges), None, "R11"))
    elif action == "fail":
        fail_visit(turn, visit.id, visit.scope, step, incident.error, command.verdicts, final=True)


def _check(incident: Incident, command: Resolve, visit: Visit) -> None:
    step = visit.step
    if command.action == "retry" and (step.is_join or incident.error.error_code in _NO_RETRY):
        raise CallerError("INCIDENT_ACTION", f"'{visit.id}' has nothing to retry: deliver, skip or fail it")
    if command.action == "deliver":
        unknown = [port for port in command.outputs or {} if port not in step.lock.outs]
        if unknown or not command.outputs:
            raise CallerError(
                "INCIDENT_ACTION", f"deliver needs {{port: value}} with ports of '{visit.id}': {', '.join(step.lock.outs)}"
            )
