"""Incidents: what stopped and waits for somebody's repair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from worktrail.app.use_cases.asking import ask
from worktrail.app.use_cases.runs import get_row, iso, with_hint
from worktrail.engine import Incident, Run
from worktrail.errors import CallerError
from worktrail.runtime import load_run, run_values
from worktrail.store import RunFilter, Store

__all__ = ["INCIDENT_ACTIONS", "list_incidents", "resolve_incident", "show_incident"]

INCIDENT_ACTIONS = {
    "failure": ("retry", "deliver", "skip", "fail"),
    "uncertain": ("retry", "deliver", "skip", "fail"),
    "condition": ("true", "false"),
}
PAGE = 500


def _shape(run: Run, one: Incident) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "incident": one.id,
        "segment_id": run.plan.lock.segment_id,
        "visit": one.visit,
        "kind": one.kind,
        "error": with_hint(one.error.to_dict()),
        "edges": list(one.edges or ()),
        "opened_at": iso(one.opened_us),
        "actions": list(INCIDENT_ACTIONS[one.kind]),
    }


def _stopped(store: Store) -> Iterator[str]:
    """The open runs whose row names an incident."""
    after = None
    while True:
        rows = store.list_runs(RunFilter(status=("running", "waiting", "paused"), limit=PAGE, after=after))
        yield from (row.run_id for row in rows if row.status == "running" or '"incident"' in (row.waiting or ""))
        if len(rows) < PAGE:
            return
        after = rows[-1].run_id


def list_incidents(store: Store, run_id: str | None = None, *, limit: int = 100) -> list[dict[str, Any]]:
    """Open incidents of a run, or of all open runs, at most `limit`."""
    found: list[dict[str, Any]] = []
    for each in [get_row(store, run_id).run_id] if run_id is not None else _stopped(store):
        run = load_run(store, each)
        found += [_shape(run, one) for one in run.incidents.values()]
        if len(found) >= limit:
            break
    return found[:limit]


def _find(run: Run, incident: str | None) -> Incident:
    """The incident named, or the only one there is. CallerError INCIDENT_NOT_OPEN."""
    if incident is None and len(run.incidents) == 1:
        return next(iter(run.incidents.values()))
    known = ", ".join(run.incidents) or "none"
    if incident is None:
        raise CallerError("INCIDENT_NOT_OPEN", f"run {run.id} has {len(run.incidents)} open incidents: {known}")
    if incident not in run.incidents:
        raise CallerError("INCIDENT_NOT_OPEN", f"run {run.id} has no open incident {incident!r}; open are: {known}")
    return run.incidents[incident]


def show_incident(store: Store, run_id: str, incident: str | None = None) -> dict[str, Any]:
    """One incident with the inputs of its visit. Null: the only one of the run."""
    get_row(store, run_id)
    run = load_run(store, run_id)
    one = _find(run, incident)
    shape = _shape(run, one)
    visit = run.open.get(one.visit)
    outputs = visit.outputs if visit is not None else None
    values = run_values(store, run)
    shape["outputs"] = None if outputs is None else {port: values.read(ref) for port, ref in outputs.items()}
    shape["attempts"] = visit.attempt if visit is not None else None
    return shape


def resolve_incident(
    store: Store,
    run_id: str,
    incident: str | None,
    action: str,
    *,
    principal: str,
    outputs: dict[str, Any] | None = None,
    edge: int | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """Repairs an incident: retry, deliver (with ``outputs``), skip, fail; for conditions true, false. The owner's answer.

    CallerError NOT_FOUND, INCIDENT_NOT_OPEN, INCIDENT_ACTION.
    """
    get_row(store, run_id)
    one = _find(load_run(store, run_id), incident)
    allowed = INCIDENT_ACTIONS[one.kind]
    if action not in allowed:
        message = f"{action!r} does not repair a {one.kind} incident; use one of: {', '.join(allowed)}"
        raise CallerError("INCIDENT_ACTION", message)
    if (action == "deliver") != (outputs is not None):
        raise CallerError("INCIDENT_ACTION", "`deliver` and outputs `{port: value}` belong together")
    body = {"incident": one.id, "action": action, "outputs": outputs, "edge": edge, "reason": reason}
    return ask(store, "incident.resolve", run_id, body, principal=principal)
