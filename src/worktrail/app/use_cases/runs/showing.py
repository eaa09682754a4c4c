"""One run, whole: what is known of it now, or was at one of its events."""

from __future__ import annotations

from typing import Any

from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.runs.incidents import INCIDENT_ACTIONS
from worktrail.app.use_cases.runs.rows import iso, run_rows, with_hint
from worktrail.app.use_cases.runs.values import Cutter
from worktrail.engine import Incident, Status, Visit
from worktrail.errors import CallerError
from worktrail.events import decode_body
from worktrail.runtime import load_run
from worktrail.store import RunFilter

__all__ = ["CHILDREN", "open_incident", "show_run", "show_state"]

CHILDREN = 100


def open_incident(one: Incident) -> dict[str, Any]:
    """An open incident in short."""
    return {
        "incident": one.id,
        "visit": one.visit,
        "kind": one.kind,
        "error_code": one.error.error_code,
        "actions": list(INCIDENT_ACTIONS[one.kind]),
        "opened_at": iso(one.opened_us),
        "edges": list(one.edges or ()),
        "error": with_hint(one.error.to_dict()),
    }


@allowed
def show_run(caller: Caller, run_id: str) -> dict[str, Any]:
    """Everything that is known of a run now, but its trail; large values are cut (see `Cutter`)."""
    position = caller.store.position()
    row = caller.run(run_id)
    run = load_run(caller.store, run_id, plans=caller.shelf.plans)
    cutter = Cutter(caller, run)
    lock = run.plan.lock
    began = [one for one in run.root.visits if one is not None]
    parameters = None if run.started is None else run.started.parameters
    children = caller.store.list_runs(
        RunFilter(parent_run_id=run_id, workspaces=caller.workspaces, order="oldest", limit=CHILDREN)
    )
    return {
        **run_rows(caller, [row])[0],
        "input": cutter.read(run.input, "input"),
        "parameters": None if parameters is None else {name: cutter.read(ref, "input") for name, ref in parameters.items()},
        "outputs": cutter.read(run.outputs, "outputs"),
        "error": None if run.error is None else with_hint(run.error.to_dict()),
        "steps_completed": sum(one.status == Status.COMPLETED for one in began),
        "steps_total": len(run.root.visits),
        "steps": {one.id: _step(cutter, one) for one in began},
        "incidents": [open_incident(one) for one in run.incidents.values()],
        "principal": _starter(caller, run_id),
        "version": lock.segment_version or None,
        "children": [child.run_id for child in children],
        "last_seq": run.seq,
        "position": position,
    }


def _step(cutter: Cutter, visit: Visit) -> dict[str, Any]:
    return {
        "status": visit.status,
        "attempts": visit.attempt,
        "outputs": cutter.ports(visit.outputs, "outputs", visit.id),
        "error": None if visit.error is None else with_hint(visit.error.to_dict()),
    }


def _starter(caller: Caller, run_id: str) -> str | None:
    """Who began it: the origin of its first append."""
    first = caller.store.read_stream(f"run:{run_id}", 0, 1)
    origin = decode_body(first[0].body).origin if first else None
    return None if origin is None else origin.principal


@allowed
def show_state(caller: Caller, run_id: str, seq: int | None = None) -> dict[str, Any]:
    """The state after an event (null: the newest): ``{run_id, seq, at, status, paused, error, visits, edges, incidents}``.

    ``visits`` are those that the state holds (inside of ended containers none); ``edges`` has, for each scope (``""`` the run,
    ``map#3`` an item), the letter of each edge by its number, ``.`` while it is open. CallerError NOT_FOUND for a seq beyond
    the trail.
    """
    caller.run(run_id)
    run = load_run(caller.store, run_id, plans=caller.shelf.plans, seq=seq)
    if seq is not None and (seq < 1 or run.seq < seq):
        raise CallerError("NOT_FOUND", f"run {run_id!r} has {run.seq} events, none with seq {seq}", pointer="/seq")
    return {
        "run_id": run_id,
        "seq": run.seq,
        "at": iso(run.now_us),
        "status": run.status,
        "paused": run.paused,
        "error": None if run.error is None else with_hint(run.error.to_dict()),
        "visits": [_state_of(one) for scope in run.scopes.values() for one in scope.visits if one is not None],
        "edges": {key: "".join(letter or "." for letter in scope.ends) for key, scope in run.scopes.items()},
        "incidents": [open_incident(one) for one in run.incidents.values()],
    }


def _state_of(visit: Visit) -> dict[str, Any]:
    told = {
        "visit": visit.id,
        "step_id": visit.step.id,
        "status": visit.status,
        "attempt": visit.attempt or None,
        "scheduled_at": iso(visit.scheduled_us),
        "due_at": iso(visit.due_us or None),
        "task_id": visit.task_id,
        "child_run_id": visit.child,
        "error_code": None if visit.error is None else visit.error.error_code,
    }
    return {name: value for name, value in told.items() if value is not None}
