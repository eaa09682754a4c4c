"""Incidents: what stopped and waits for somebody's repair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.asking import ask
from worktrail.app.use_cases.runs.rows import iso, with_hint
from worktrail.engine import Incident, Run, resolved_inputs
from worktrail.errors import CallerError
from worktrail.runtime import load_run, run_values
from worktrail.store import RunFilter, RunRow

__all__ = ["INCIDENT_ACTIONS", "list_incidents", "resolve_incident", "show_incident"]

INCIDENT_ACTIONS = {
    "failure": ("retry", "deliver", "skip", "fail"),
    "uncertain": ("retry", "deliver", "skip", "fail"),
    "condition": ("true", "false"),
}
PAGE = 500


def _shape(row: RunRow, run: Run, one: Incident) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "business_key": row.business_key,
        "workspace_id": row.workspace_id,
        "incident": one.id,
        "segment_id": run.plan.lock.segment_id,
        "visit": one.visit,
        "kind": one.kind,
        "error": with_hint(one.error.to_dict()),
        "edges": list(one.edges or ()),
        "opened_at": iso(one.opened_us),
        "actions": list(INCIDENT_ACTIONS[one.kind]),
    }


def _stopped(caller: Caller, segment_id: str | None, after: str | None) -> Iterator[RunRow]:
    """The open runs whose row names an incident."""
    segments = None if segment_id is None else [segment_id]
    while True:
        where = RunFilter(wait_for=["incident"], segment_ids=segments, workspaces=caller.workspaces, limit=PAGE, after=after)
        rows = caller.store.list_runs(where)
        yield from rows
        if len(rows) < PAGE:
            return
        after = rows[-1].run_id


@allowed
def list_incidents(
    caller: Caller, run_id: str | None = None, *, segment_id: str | None = None, limit: int = 100, after: str | None = None
) -> dict[str, Any]:
    """Open incidents of a run, or of all open runs, newest run first: ``{"incidents": […], "next": cursor or null}``. A page
    ends with the last incident of a run, so it may be longer than `limit`; ``after`` is the run of the page before."""
    found: list[dict[str, Any]] = []
    for row in [caller.run(run_id)] if run_id is not None else _stopped(caller, segment_id, after):
        if len(found) >= limit:
            return {"incidents": found, "next": found[-1]["run_id"]}
        run = load_run(caller.store, row.run_id, plans=caller.shelf.plans)
        found += [_shape(row, run, one) for one in run.incidents.values()]
    return {"incidents": found, "next": None}


def _find(run: Run, incident: str | None) -> Incident:
    """The incident named, or the only one there is. CallerError INCIDENT_NOT_OPEN."""
    if incident is None and len(run.incidents) == 1:
        return next(iter(run.incidents.values()))
    known = ", ".join(run.incidents) or "none"
    if not run.incidents:
        raise CallerError("INCIDENT_NOT_OPEN", f"run {run.id} has no open incident")
    if incident is None:
        raise CallerError("INCIDENT_NOT_OPEN", f"run {run.id} has {len(run.incidents)} open incidents: {known}")
    if incident not in run.incidents:
        raise CallerError("INCIDENT_NOT_OPEN", f"run {run.id} has no open incident {incident!r}; open are: {known}")
    return run.incidents[incident]


@allowed
def show_incident(caller: Caller, run_id: str, incident: str | None = None) -> dict[str, Any]:
    """One incident with the inputs of its visit. Null: the only one of the run."""
    row = caller.run(run_id)
    run = load_run(caller.store, run_id, plans=caller.shelf.plans)
    one = _find(run, incident)
    visit = run.open.get(one.visit)
    values = run_values(caller.store, run)
    outputs = visit.outputs if visit is not None else None
    inputs = None if visit is None or visit.step.is_join else resolved_inputs(run, visit)
    return {
        **_shape(row, run, one),
        "inputs": None if inputs is None else {port: values.read(ref) for port, ref in inputs.items()},
        "outputs": None if outputs is None else {port: values.read(ref) for port, ref in outputs.items()},
        "attempts": visit.attempt if visit is not None else None,
    }


@allowed
def resolve_incident(
    caller: Caller,
    run_id: str,
    incident: str | None,
    action: str,
    *,
    outputs: dict[str, Any] | None = None,
    edge: int | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """Repairs an incident: retry, deliver (with ``outputs``), skip, fail; for conditions true, false. The owner's answer.

    CallerError NOT_FOUND, INCIDENT_NOT_OPEN, INCIDENT_ACTION.
    """
    caller.run(run_id)
    one = _find(load_run(caller.store, run_id, plans=caller.shelf.plans), incident)
    allowed_here = INCIDENT_ACTIONS[one.kind]
    if action not in allowed_here:
        message = f"{action!r} does not repair an incident of kind {one.kind!r}; use one of: {', '.join(allowed_here)}"
        raise CallerError("INCIDENT_ACTION", message)
    if (action == "deliver") != (outputs is not None):
        raise CallerError("INCIDENT_ACTION", "`deliver` and outputs `{port: value}` belong together")
    body = {"incident": one.id, "action": action, "outputs": outputs, "edge": edge, "reason": reason}
    return ask(caller, "incident.resolve", run_id, body)
