"""Runs: rows, details, trails, visits, actions."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from worktrail.web.models.common import Asked, Failure, Json, Model, Page

__all__ = [
    "BatchReport",
    "BulkAsked",
    "BulkPreview",
    "BulkRequest",
    "Event",
    "Graph",
    "GraphEdge",
    "GraphStep",
    "RunCounts",
    "RunDetail",
    "RunPage",
    "RunRow",
    "RunStart",
    "RunStarted",
    "StepResult",
    "TrailPage",
    "VisitDetail",
    "Wait",
]

RunStatus = Literal["running", "waiting", "paused", "completed", "failed", "cancelled", "timed_out"]
WaitsFor = Literal["person", "timer", "message", "child run", "retry", "incident"]


class Wait(Model):
    """What an open run waits for, since when; ``due`` where a clock ends it. ``who``: the assignee or the
    groups of a person's task."""

    visit: str
    wait_for: WaitsFor = Field(alias="for")
    since: str | None
    due: str | None = None
    task_id: str | None = None
    who: str | None = None


class RunRow(Model):
    """A run as lists show it. ``strip`` is the trail strip: one letter a visit of the top level, in order of start:
    ``s`` scheduled, ``r`` running, ``c`` completed, ``p`` waits for a person, ``t`` for time, ``m`` for a message or child,
    ``y`` retrying, ``f`` failed, ``i`` incident, ``k`` skipped, ``x`` cancelled, ``.`` not reached; null where not known."""

    run_id: str
    segment_id: str
    segment_name: str | None = None
    status: RunStatus
    business_key: str | None
    created_at: str
    updated_at: str
    ended_at: str | None
    duration_ms: int | None = Field(description="From start to end; null while it is open.")
    error_code: str | None
    waiting: list[Wait]
    labels: dict[str, str]
    instance_id: str
    workspace_id: str
    root_run_id: str | None
    parent_run_id: str | None
    parent_visit: str | None
    segment_hash: str
    lock_hash: str
    owned: bool
    strip: str | None = None


class RunPage(Page):
    runs: list[RunRow]


class RunCounts(Model):
    """How many runs fit a filter, by status and by what the open ones wait for. ``position``: as of this journal position."""

    total: int
    by_status: dict[str, int]
    by_wait: dict[str, int]
    position: int


class StepResult(Model):
    """One visit in short: ``{status, attempts, …}``."""

    status: str
    attempts: int | None = None
    outputs: Json = None
    error: Failure | None = None
    duration_ms: int | None = None
    reason: str | None = None


class OpenIncident(Model):
    incident: str
    visit: str
    kind: Literal["failure", "uncertain", "condition"]
    error_code: str
    actions: list[str]
    opened_at: str | None = None
    edges: list[int] = []
    error: Failure | None = None


class RunDetail(RunRow):
    """Everything that is known of a run now, but its trail. Large values are cut: ``{"$cut": …}``, see /values."""

    input: Json
    parameters: Json = None
    outputs: Json
    error: Failure | None
    steps_completed: int
    steps_total: int
    steps: dict[str, StepResult] = Field({}, description="Visit → what became of it, for visits of the top level.")
    incidents: list[OpenIncident]
    principal: str | None = Field(None, description="Who started it.")
    version: str | None = Field(None, description="Version of the segment.")
    children: list[str] = Field([], description="Run ids of child runs, in order of start; at most 100.")
    last_seq: int = Field(description="Sequence number of the newest event that this answer knows.")
    position: int = Field(description="Journal position that this answer knows: follow the stream from here.")


class Event(Model):
    """A public event; keys with null are left out. ``seq`` counts in the run from 1."""

    event_id: str
    seq: int
    event_type: str
    timestamp: str
    visit: str | None = None
    step_id: str | None = None
    step_type: str | None = None
    attempt: int | None = None
    severity: str = "info"
    principal: str | None = None
    payload: dict[str, Json] = {}
    error: Failure | None = None
    reason: str | None = None
    duration_ms: int | None = None


class TrailPage(Page):
    """``next`` is the seq to go on after."""

    run_id: str
    segment_id: str
    events: list[Event]
    last_seq: int
    position: int


class GraphStep(Model):
    step_id: str
    step_type: str
    kind: str
    name: str | None = None
    container: str | None = Field(None, description="The map or loop it stands in.")
    description: str | None = None
    effect: str = "repeatable"
    policy: dict[str, Json] = {}
    config: dict[str, Json] = {}
    x: float | None = None
    y: float | None = None
    outputs: list[str] = []


class GraphEdge(Model):
    """``number`` is what events name it by: its place in document order within its container, from 0; ``leaves`` is its place
    among the edges that leave its step: the letter at that place in ``ends`` tells its fate."""

    number: int
    leaves: int
    source_step: str
    source_port: str
    target_step: str
    target_port: str
    container: str | None = None
    condition: str | None = None
    label: str | None = None


class Graph(Model):
    """The segment that a run runs, ready to draw."""

    segment_id: str
    name: str | None
    version: str | None
    segment_hash: str
    steps: list[GraphStep]
    edges: list[GraphEdge]


class AttemptDetail(Model):
    number: int
    started_at: str | None
    ended_at: str | None
    outcome: Literal["running", "completed", "failed", "timed_out", "interrupted", "cancelled"]
    error: Failure | None = None
    next_at: str | None = None


class Cause(Model):
    """Why a visit ran, or did not: the rule, its sentence, and the inbound edges with their fates."""

    rule: str | None
    sentence: str
    edges: list[dict[str, Json]] = []


class VisitDetail(Model):
    """One visit, whole: what the inspector shows. Values over 64 KiB are cut: ``{"$cut": {bytes, href}}``."""

    visit: str
    step_id: str
    step_type: str
    kind: str
    status: str
    scheduled_at: str | None
    started_at: str | None
    ended_at: str | None
    duration_ms: int | None
    attempts: list[AttemptDetail]
    inputs: dict[str, Json]
    outputs: dict[str, Json] | None
    error: Failure | None
    handled: bool | None = None
    cause: Cause
    caused: list[dict[str, Json]] = Field([], description="The edges that left it: {edge, target, port, fate, condition, error}.")
    waits: Wait | None = None
    incident: OpenIncident | None = None
    task_id: str | None = None
    child_run_id: str | None = None
    items: dict[str, int] | None = Field(None, description="Of a map or loop: {count, completed, failed, running}.")
    idempotency_key: str | None = None
    policy: dict[str, Json] = {}
    config: dict[str, Json] = {}
    retryable: bool = Field(False, description="Whether POST …/retry would be accepted now.")


class RunStart(Model):
    """Begin a run. The header ``Idempotency-Key`` makes the call safe to repeat."""

    segment_id: str = Field(max_length=200, examples=["expenses"])
    version: str | None = Field(None, max_length=200, description="A published version; null: the newest, or the project's own.")
    input: Json = Field(None, examples=[{"amount": 12.50}])
    parameters: dict[str, Json] = {}
    business_key: str | None = Field(None, min_length=1, max_length=500, examples=["A-1017"])
    labels: dict[str, str] = {}
    workspace_id: str = Field("default", min_length=1, max_length=500)
    instance_id: str = Field("default", min_length=1, max_length=500)
    run_id: str | None = Field(None, min_length=1, max_length=500, description="An id of your own; null: one is made.")
    timeout_seconds: float | None = Field(None, gt=0, le=100 * 366 * 86_400)


class RunStarted(Model):
    run_id: str
    status: Literal["started", "already_started"]


class BulkRequest(Model):
    """Which runs: their ids, or a filter in the form of the list's query. ``dry_run`` only says what would happen."""

    action: Literal["cancel", "pause", "resume"]
    run_ids: list[str] | None = Field(None, max_length=1000)
    query: str | None = Field(
        None, description="As the query string of GET /runs.", max_length=4000, examples=["status=waiting&segment_id=expenses"]
    )
    reason: str | None = Field(None, max_length=2000)
    dry_run: bool = True


class BulkLine(Model):
    run_id: str
    business_key: str | None = None
    status: RunStatus
    can: bool
    why: str | None = Field(None, description="Why not, or what it touches besides.")
    children: int = 0
    open_tasks: int = 0
    once_running: int = 0


class BulkPreview(Model):
    action: str
    matched: int
    can: int
    cannot: int
    lines: list[BulkLine] = Field(description="At most 100, those that cannot first.")
    truncated: bool


class BulkAsked(Model):
    """One answer a run."""

    action: str
    accepted: int
    queued: int
    refused: int
    answers: list[dict[str, Json]]


class BatchReport(Model):
    """A file of rows on its way. Bad rows stop no others."""

    batch_id: str
    segment_id: str
    file_name: str | None
    state: Literal["reading", "running", "ended", "failed"]
    rows: int | None = Field(description="Rows of the file; null while it is being read.")
    started: int
    already: int
    skipped: int
    by_status: dict[str, int]
    bad_rows: list[dict[str, Json]] = Field(description="{row, line, code, message, hint, pointer}; at most 100.")
    created_at: str
    error: dict[str, Json] | None = None


class Retried(Asked):
    incident: str | None = None
