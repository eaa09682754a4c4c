"""What happened, what needs somebody, how much goes through."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query

from worktrail.app import ActivityFilter, Who, attention, list_activity, throughput
from worktrail.web.models.live import ActivityPage, Throughput
from worktrail.web.models.people import Attention
from worktrail.web.routes.work.filters import moment_us
from worktrail.web.routing import Route

__all__ = ["ROUTES"]

_Before = Annotated[int | None, Query(description="A journal position: what lies before it.", ge=0, le=2**62)]
_Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
_Areas = Annotated[list[str] | None, Query(description="workflow, human, workspace …; again for more.")]
_Events = Annotated[list[str] | None, Query(description="Names of the feed, or types of the trail; again for more.")]
_Principal = Annotated[str | None, Query(max_length=500, description="Only what this principal did.")]
_Run = Annotated[str | None, Query(max_length=500, description="Only of this run.")]
_Until = Annotated[datetime | None, Query(description="The end of the time looked at, ISO 8601. Default: now.")]
_Segment = Annotated[str | None, Query(max_length=500, description="Only of this segment.")]
_Workspace = Annotated[str | None, Query(max_length=500, description="Only of this workspace.")]


def get_activity(
    who: Who,
    before: _Before = None,
    limit: _Limit = 50,
    area: _Areas = None,
    event: _Events = None,
    principal: _Principal = None,
    run_id: _Run = None,
    segment_id: _Segment = None,
    workspace_id: _Workspace = None,
) -> Any:
    """Headlines of the journal, newest first. An empty page with a `next` means: nothing so far, go on before it."""
    where = ActivityFilter(before, limit, area, event, principal, run_id, segment_id)
    return list_activity(who.caller.within(workspace_id), where)


def get_attention(who: Who, until: _Until = None, workspace_id: _Workspace = None) -> Any:
    """Decisions that wait, and what stopped runs, one line a cause; failures of the day before `until`."""
    return attention(who.caller.within(workspace_id), until_us=moment_us(until))


def get_throughput(
    who: Who,
    bucket_s: Annotated[int, Query(ge=1, le=366 * 86_400, description="Seconds of a bucket.")] = 300,
    buckets: Annotated[int, Query(ge=1, le=500, description="How many buckets, the last one not over yet.")] = 24,
    segment_id: _Segment = None,
    until: _Until = None,
    workspace_id: _Workspace = None,
) -> Any:
    """Runs that began and ended, by buckets of time, and how long they took."""
    caller, until_us = who.caller.within(workspace_id), moment_us(until)
    return throughput(caller, bucket_s=bucket_s, buckets=buckets, segment_id=segment_id, until_us=until_us)


ROUTES = (
    Route("GET", "/api/v1/activity", get_activity, "live", "What happened", ActivityPage),
    Route("GET", "/api/v1/attention", get_attention, "live", "What needs somebody", Attention),
    Route("GET", "/api/v1/throughput", get_throughput, "live", "How much goes through", Throughput),
)
