"""Human tasks as lists and forms; deciding goes through the owner of the task's run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worktrail.app.caller import Caller, allowed
from worktrail.app.schema_checker import JsonSchemaChecker
from worktrail.app.use_cases.asking import ask
from worktrail.app.use_cases.people.asking_why import leads_to, way_to
from worktrail.app.use_cases.runs.rows import iso
from worktrail.errors import CallerError
from worktrail.events import Origin
from worktrail.human import TASK_TYPES, TYPE_RULES, Task, TaskDecided, TaskDesk, decode_task_body, fold_task, task_stream
from worktrail.store import RunRow, TaskFilter, TaskRow

__all__ = ["TASK_STATUSES", "decide_task", "list_tasks", "match_option", "show_task"]

TASK_STATUSES = ("open", "completed", "expired", "cancelled")


def task_rows(caller: Caller, rows: Sequence[TaskRow]) -> list[dict[str, Any]]:
    """Tasks as lists show them, with what is known of their runs."""
    runs = {str(row.run_id): caller.store.get_run(row.run_id) for row in rows if row.run_id is not None}
    return [_shape(row, runs.get(row.run_id or "")) for row in rows]


def _shape(row: TaskRow, run: RunRow | None) -> dict[str, Any]:
    return {
        "workspace_id": row.workspace_id,
        "segment_id": None if run is None else run.segment_id,
        "business_key": None if run is None else run.business_key,
        "task_id": row.task_id,
        "status": row.status,
        "task_type": row.task_type,
        "title": row.title,
        "priority": row.priority,
        "assignee": row.assignee,
        "candidate_groups": list(row.candidate_groups),
        "created_at": iso(row.created_us),
        "due_at": iso(row.due_us),
        "version": row.version,
        "run_id": row.run_id,
        "visit": row.visit,
        "outcome": row.outcome,
        "decided_by": row.decided_by,
        "ended_at": iso(row.ended_us),
    }


@allowed
def list_tasks(
    caller: Caller,
    *,
    status: Sequence[str] | None = ("open",),
    run_id: str | None = None,
    assignee: str | None = None,
    prefix: str | None = None,
    order: str = "newest",
    limit: int = 100,
    after: str | None = None,
) -> dict[str, Any]:
    """A page: ``{"tasks": […], "next": task id or null, "open_count"}``; status null means any; assignee ``me``: what
    waits for the caller, by name or for nobody in particular.

    CallerError ARGUMENT_INVALID for a cursor that names no task.
    """
    if after is not None and caller.store.get_task(after) is None:
        raise CallerError("ARGUMENT_INVALID", f"the cursor {after[:60]!r} is of no page", pointer="/cursor")
    where = TaskFilter(
        status=status,
        run_id=run_id,
        assignee=None if assignee == "me" else assignee,
        names=sorted(caller.principal.names or ()) or None if assignee == "me" else None,
        workspaces=caller.workspaces,
        prefix=prefix,
        order=order,
        limit=limit + 1,
        after=after,
    )
    rows = caller.store.list_tasks(where)
    more = len(rows) > limit
    rows = rows[:limit]
    return {
        "tasks": task_rows(caller, rows),
        "next": rows[-1].task_id if more else None,
        "open_count": caller.store.count_tasks(TaskFilter(workspaces=caller.workspaces)),
    }


def load_task(caller: Caller, task_id: str) -> Task:
    """The task as its stream says it is. CallerError TASK_NOT_FOUND."""
    caller.task(task_id)
    return fold_task(task_id, [stored.body for stored in caller.store.read_stream(task_stream(task_id))])


@allowed
def show_task(caller: Caller, task_id: str) -> dict[str, Any]:
    """The row, the form, the data, which answers may be given, why it is asked, what each answer leads to, what happened."""
    row = caller.task(task_id)
    task = load_task(caller, task_id)
    told, form = task.to_dict(), task.created.form
    rules = TYPE_RULES[form.task_type]
    is_open = task.status == "open"
    here = row.run_id is not None and row.visit is not None
    return {
        **task_rows(caller, [row])[0],
        "description": form.description or None,
        "form": told["form"],
        "data": told["data"],
        "options": [{"value": each.value, "label": each.label or None} for each in form.options],
        "schema": form.input_schema,
        "answers": {one: {"must": list(takes.must), "may": list(takes.may)} for one, takes in rules.items()} if is_open else {},
        "decision": _decision(task),
        "history": _history(caller, task_id),
        "why": way_to(caller, row.run_id, row.visit) if here else [],  # type: ignore[arg-type]
        "next": leads_to(caller, row.run_id, row.visit, list(rules)) if here and is_open else [],  # type: ignore[arg-type]
        "problems": list(form.problems),
    }


def _decision(task: Task) -> dict[str, Any] | None:
    """How it ended: ``{outcome, comment, reason, option?, input?, changes?}``."""
    if task.status == "open":
        return None
    ended = task.ended
    if not isinstance(ended, TaskDecided):
        return {"outcome": task.outcome, "comment": None, "reason": getattr(ended, "reason", None)}
    return {"outcome": ended.outcome, "comment": ended.comment, "reason": ended.reason, **(ended.given or {})}


def _history(caller: Caller, task_id: str) -> list[dict[str, Any]]:
    """What happened to it, oldest first."""
    told = []
    for stored in caller.store.read_stream(task_stream(task_id)):
        append = decode_task_body(stored.body)
        for event in append.events:
            text = " · ".join(str(value) for name in ("outcome", "comment", "reason") if (value := getattr(event, name, None)))
            principal = None if append.origin is None else append.origin.principal
            kind = TASK_TYPES[event.__struct_config__.tag]  # type: ignore[index]
            told.append({"at": iso(append.at_us), "event": kind, "principal": principal, "text": text or None})
    return told


@allowed
def match_option(caller: Caller, task_id: str, text: str) -> Any:
    """The option that a typed text means: its value as text, its JSON, or its label; else the text itself (then refused)."""
    options = load_task(caller, task_id).created.form.options
    for option in options:
        if option.value == text:
            return option.value
    for option in options:
        if not isinstance(option.value, str) and _json(option.value) == text:
            return option.value
    return next((option.value for option in options if option.label and option.label == text), text)


def _json(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@allowed
def decide_task(caller: Caller, task_id: str, decision: Mapping[str, Any]) -> dict[str, Any]:
    """The owner's answer (see `ask`). CallerError TASK_NOT_FOUND, TASK_NOT_OPEN, TASK_VERSION, DECISION_INVALID."""
    row = caller.task(task_id)
    # Asked here first, so that what cannot be is refused at once and not in the inbox of a worker to come.
    history = [stored.body for stored in caller.store.read_stream(task_stream(task_id))]
    said = {key: value for key, value in decision.items() if value is not None}
    TaskDesk(JsonSchemaChecker()).decide_task(row, history, said, Origin(caller.principal.id), caller.now_us())
    return ask(caller, "task.decide", task_id, decision)
