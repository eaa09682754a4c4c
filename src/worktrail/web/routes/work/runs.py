"""Runs: lists, counts, one whole, its trail, its beginning."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Header, Query

from worktrail.app import StartRun, Who, count_runs, list_runs, show_run, show_trail, start_run, trail_lines
from worktrail.web.answers import Raw
from worktrail.web.models.runs import RunCounts, RunDetail, RunPage, RunStart, RunStarted, TrailPage
from worktrail.web.routes.work.filters import RunId, RunListQuery, RunQuery, Text
from worktrail.web.routing import Route

__all__ = ["ROUTES"]


def get_runs(who: Who, query: Annotated[RunListQuery, Query()]) -> Any:
    """A page of runs, newest first unless `order` says else. Without `parent` or `root` only runs that are nobody's child."""
    return list_runs(who.caller, query.where(limit=query.limit, after=query.cursor, order=query.order))


def get_run_counts(who: Who, query: Annotated[RunQuery, Query()]) -> Any:
    """How many runs fit a filter, by status and by what the open ones wait for."""
    return count_runs(who.caller, query.where())


def post_run(
    who: Who,
    body: RunStart,
    idempotency_key: Annotated[
        str | None, Header(max_length=200, description="Makes the call safe to repeat for 24 hours.", examples=["order-1017"])
    ] = None,
) -> Any:
    """Begins a run. It is durable when this answers; whoever works on the database goes on with it."""
    asked = StartRun(**{name: getattr(body, name) for name in StartRun.__struct_fields__})
    return start_run(who.caller, who.service.wiring, asked, idempotency_key=idempotency_key)


def get_run(who: Who, run_id: RunId) -> Any:
    """Everything that is known of a run now, but its trail. Values over 64 KiB are cut: `{"$cut": {bytes, href}}`."""
    return show_run(who.caller, run_id)


def get_trail(
    who: Who,
    run_id: RunId,
    after: Annotated[int, Query(ge=0, le=2**62, description="Only events after this seq.")] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000, description="How many at most; `jsonl` gives all.")] = 500,
    event_type: Annotated[list[Text] | None, Query(description="Only these types.", examples=[["step.failed"]])] = None,
    visit: Annotated[str | None, Query(max_length=2000, description="Only this visit and what is inside of it.")] = None,
    format: Annotated[Literal["json", "jsonl"], Query(description="`jsonl`: the whole trail, to keep.")] = "json",  # noqa: A002
) -> Any:
    """What happened to a run, oldest first."""
    if format == "jsonl":
        lines = trail_lines(who.caller, run_id, after_seq=after, event_types=event_type, visit=visit)
        name = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in run_id)[:80]
        return Raw(lines, "application/jsonl", headers={"Content-Disposition": f'attachment; filename="trail-{name}.jsonl"'})
    return show_trail(who.caller, run_id, after_seq=after, limit=limit, event_types=event_type, visit=visit)


ROUTES = (
    Route("GET", "/api/v1/runs", get_runs, "runs", "List runs", RunPage),
    Route("GET", "/api/v1/runs/counts", get_run_counts, "runs", "Count runs", RunCounts),
    Route("POST", "/api/v1/runs", post_run, "runs", "Start a run", RunStarted),
    Route("GET", "/api/v1/runs/{run_id}", get_run, "runs", "Show a run", RunDetail),
    Route("GET", "/api/v1/runs/{run_id}/trail", get_trail, "runs", "Read a trail", TrailPage),
)
