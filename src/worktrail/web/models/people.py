"""Human tasks, incidents, what needs attention."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from worktrail.web.models.common import Failure, Json, Model, Page

__all__ = [
    "Attention",
    "Cause",
    "Decision",
    "IncidentDetail",
    "IncidentList",
    "Resolution",
    "TaskDetail",
    "TaskPage",
    "TaskRow",
]

TaskStatus = Literal["open", "completed", "expired", "cancelled"]


class TaskRow(Model):
    task_id: str
    status: TaskStatus
    task_type: Literal["approval", "choice", "input", "review"]
    title: str
    priority: str
    assignee: str | None
    candidate_groups: list[str]
    created_at: str
    due_at: str | None
    version: int
    run_id: str | None
    visit: str | None
    outcome: str | None
    decided_by: str | None
    ended_at: str | None
    workspace_id: str
    segment_id: str | None = None
    business_key: str | None = None


class TaskPage(Page):
    tasks: list[TaskRow]
    open_count: int


class Answer(Model):
    """What an outcome must and may bring along."""

    must: list[str]
    may: list[str]


class Why(Model):
    """Why you are asked: the path to the task, step by step, with what was decided and what it was decided on."""

    visit: str
    step_type: str
    sentence: str
    at: str | None = None
    value: Json = None


class TaskDetail(TaskRow):
    """A task, its form, what the person is shown, what may be answered, and why it is asked."""

    description: str | None
    form: dict[str, Json]
    data: Json
    options: list[dict[str, Json]] = []
    schema_: dict[str, Json] | None = Field(None, alias="schema", description="JSON Schema of what is filled in.")
    answers: dict[str, Answer]
    decision: dict[str, Json] | None = None
    history: list[dict[str, Json]] = Field([], description="{at, event, principal, text}, oldest first.")
    why: list[Why] = []
    next: list[dict[str, Json]] = Field([], description="{outcome, target, step_type, effect}: what each outcome leads to.")
    problems: list[str] = []


class Decision(Model):
    """``expected_version``: the version you looked at; another one is refused with 409."""

    outcome: str = Field(max_length=100, examples=["approved"])
    expected_version: int = Field(ge=1, examples=[1])
    option: Json = None
    input: Json = None
    changes: Json = None
    comment: str | None = Field(None, max_length=10_000)
    reason: str | None = Field(None, max_length=10_000)


class IncidentDetail(Model):
    run_id: str
    business_key: str | None = None
    workspace_id: str = "default"
    incident: str
    segment_id: str
    visit: str
    kind: Literal["failure", "uncertain", "condition"]
    error: Failure
    edges: list[int]
    opened_at: str | None
    actions: list[str]
    outputs: Json = None
    inputs: Json = None
    attempts: int | None = None


class IncidentList(Page):
    incidents: list[IncidentDetail]


class Resolution(Model):
    action: Literal["retry", "deliver", "skip", "fail", "true", "false"] = Field(examples=["retry"])
    outputs: dict[str, Json] | None = None
    edge: int | None = Field(None, ge=0, description="For a condition: only this edge.")
    reason: str | None = Field(None, max_length=2000)


class Cause(Model):
    """Runs that stopped for the same cause: one row of Home. ``sample`` leads straight to the visit."""

    kind: Literal["incident", "failed", "retrying"]
    error_code: str
    message: str
    hint: str
    segment_id: str
    step_id: str | None
    runs: int
    since: str
    last: str
    sample_run_id: str
    sample_visit: str | None
    query: str = Field(description="The filter of GET /runs that lists them.")


class Attention(Model):
    """What needs a person: decisions that wait, and causes that stopped runs."""

    open_tasks: int
    due_next: str | None
    causes: list[Cause]
    position: int
