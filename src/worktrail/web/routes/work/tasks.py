"""What waits for people."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query

from worktrail.app import Who, decide_task, list_tasks, show_task
from worktrail.web.models.common import Asked
from worktrail.web.models.people import Decision, TaskDetail, TaskPage, TaskStatus
from worktrail.web.routes.work.filters import Cursor, Limit, TaskId, Text
from worktrail.web.routing import Route

__all__ = ["ROUTES"]


def get_tasks(
    who: Who,
    status: Annotated[list[TaskStatus | Literal["any"]] | None, Query(description="Left out: open ones.")] = None,
    run_id: Annotated[Text | None, Query(description="Only of this run.")] = None,
    assignee: Annotated[Text | None, Query(description="`me`, or a name.")] = None,
    q: Annotated[Text | None, Query(description="Begins a task id, run id or title.")] = None,
    workspace_id: Annotated[Text | None, Query(description="Only of this workspace.")] = None,
    order: Annotated[Literal["due", "newest"], Query(description="`due`: what is due first, first.")] = "due",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """A page of tasks; open ones unless told."""
    wanted = ["open"] if status is None else None if "any" in status else list(status)
    return list_tasks(
        who.caller.within(workspace_id),
        status=wanted,
        run_id=run_id,
        assignee=assignee,
        prefix=q or None,
        order=order,
        limit=limit,
        after=cursor,
    )


def get_task(who: Who, task_id: TaskId) -> Any:
    """A task: its form, what it is about, what may be answered, why it is asked and what each answer leads to."""
    return show_task(who.caller, task_id)


def post_decision(who: Who, task_id: TaskId, body: Decision) -> Any:
    """Decides a task, in the caller's name, at most once. 409 where it changed since `expected_version`."""
    return decide_task(who.caller, task_id, body.model_dump(exclude_none=True))


ROUTES = (
    Route("GET", "/api/v1/tasks", get_tasks, "tasks", "List tasks", TaskPage),
    Route("GET", "/api/v1/tasks/{task_id}", get_task, "tasks", "Show a task", TaskDetail),
    Route("POST", "/api/v1/tasks/{task_id}/decide", post_decision, "tasks", "Decide a task", Asked),
)
