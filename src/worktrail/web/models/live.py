"""Activity, statistics, presence."""

from __future__ import annotations

from pydantic import Field

from worktrail.web.models.common import Json, Model, Page
from worktrail.web.models.runs import BatchReport

__all__ = [
    "ActivityPage",
    "BatchList",
    "Bucket",
    "FeedAnswer",
    "JoinRequest",
    "LeaveRequest",
    "Left",
    "Presence",
    "PresenceAnswer",
    "PresenceMade",
    "Throughput",
]


class ActivityLine(Model):
    """A headline of the journal. ``area`` and ``event`` are the names of the realtime feed."""

    position: int
    seq: int
    event_id: str
    area: str
    event: str
    event_type: str
    at: str
    workspace_id: str | None = Field(description="Null: it is the tenant's (a key was made, a version published).")
    principal: str | None
    run_id: str | None = None
    segment_id: str | None = None
    business_key: str | None = None
    task_id: str | None = None
    visit: str | None = None
    severity: str = "info"
    payload: dict[str, Json] = {}


class ActivityPage(Page):
    """Newest first; ``next`` is the position to read before."""

    events: list[ActivityLine]
    position: int


class Bucket(Model):
    start: str
    started: int
    completed: int
    failed: int


class Durations(Model):
    segment_id: str
    runs: int
    p50_ms: int
    p95_ms: int


class Throughput(Model):
    """``buckets`` of equal length, oldest first, the last one is not over yet."""

    bucket_s: int
    buckets: list[Bucket]
    started: int
    completed: int
    failed: int
    median_ms: int | None
    durations: list[Durations]


class Presence(Model):
    client_id: str
    user: str
    workspace_id: str
    joined_at: str
    last_seen: str
    page: str | None = None
    doing: str | None = None
    idle: bool = False


class Stats(Model):
    version: str
    subscribers: int
    presence: int
    feed_size: int
    transport: str = "sse"


class PresenceAnswer(Model):
    presence: list[Presence]
    stats: Stats


class BatchList(Model):
    batches: list[BatchReport]


class PresenceMade(Model):
    presence: Presence


class Left(Model):
    status: str = "ok"


class FeedAnswer(Model):
    events: list[dict[str, Json]]
    stats: Stats


class JoinRequest(Model):
    client_id: str | None = Field(None, max_length=64)
    workspace_id: str | None = Field(None, max_length=500)
    page: str | None = Field(None, max_length=200)
    doing: str | None = Field(None, max_length=200)


class LeaveRequest(Model):
    client_id: str | None = Field(None, max_length=64)
