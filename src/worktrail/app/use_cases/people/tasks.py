"""Human tasks as lists and forms; deciding goes through the owner of the task's run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worktrail.app.caller import Caller, allowed
from worktrail.app.schema_checker import JsonSchemaChecker
from worktrail.app.use_cases.asking import ask
from worktrail.app.use_cases.runs.rows import iso
from worktrail.errors import CallerError
from worktrail.events import Origin
from worktrail.human import TYPE_RULES, Task, TaskDesk, fold_task, task_stream
from worktrail.store import TaskFilter, TaskRow

__all__ = ["TASK_STATUSES", "decide_task", "list_tasks", "match_option", "show_task", "task_row"]

TASK_STATUSES = ("open", "completed", "expired", "cancelled")


def task_row(row: TaskRow) -> dict[str, Any]:
    """A task as lists show it."""
    return {
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
    """A page: ``{"tasks": […], "next": task id or null, "open_count"}``; status null means any, assignee ``me`` the caller.

    CallerError ARGUMENT_INVALID for a cursor that names no task.
    """
    if after is not None and caller.store.get_task(after) is None:
        raise CallerError("ARGUMENT_INVALID", f"the cursor {after[:60]!r} is of no page", pointer="/cursor")
    where = TaskFilter(
        status=status,
        run_id=run_id,
        assignee=caller.principal.display_name if assignee == "me" else assignee,
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
        "tasks": [task_row(row) for row in rows],
        "next": rows[-1].task_id if more else None,
        "open_count": caller.store.count_tasks(TaskFilter(workspaces=caller.workspaces)),
    }


def load_task(caller: Caller, task_id: str) -> Task:
    """The task as its stream says it is. CallerError TASK_NOT_FOUND."""
    caller.task(task_id)
    return fold_task(task_id, [stored.body for stored in caller.store.read_stream(task_stream(task_id))])


@allowed
def show_task(caller: Caller, task_id: str) -> dict[str, Any]:
    """The form, the data, the state, and which answers may be given."""
    task = load_task(caller, task_id)
    rules = TYPE_RULES[task.created.form.task_type]
    answers = {outcome: {"must": list(takes.must), "may": list(takes.may)} for outcome, takes in rules.items()}
    return {**task.to_dict(), "answers": answers if task.status == "open" else {}}


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
