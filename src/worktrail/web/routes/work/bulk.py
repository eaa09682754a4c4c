"""Many runs at once."""

from __future__ import annotations

from typing import Any

from worktrail.app import Who, change_many, preview_bulk
from worktrail.web.models.runs import BulkAsked, BulkPreview, BulkRequest
from worktrail.web.routes.work.filters import of_query_string
from worktrail.web.routing import Route

__all__ = ["ROUTES"]


def post_bulk_preview(who: Who, body: BulkRequest) -> Any:
    """What an action would touch; nothing is changed."""
    where = None if body.query is None else of_query_string(body.query)
    return preview_bulk(who.caller, body.action, run_ids=body.run_ids, where=where)


def post_bulk(who: Who, body: BulkRequest) -> Any:
    """Asks every run that fits, at most 1,000; one answer a run. With `dry_run` (the default) nothing is asked."""
    where = None if body.query is None else of_query_string(body.query)
    if body.dry_run:
        told = preview_bulk(who.caller, body.action, run_ids=body.run_ids, where=where)
        return {"action": body.action, "accepted": 0, "queued": 0, "refused": told["cannot"], "answers": []}
    return change_many(who.caller, body.action, run_ids=body.run_ids, where=where, reason=body.reason)


ROUTES = (
    Route("POST", "/api/v1/runs/bulk/preview", post_bulk_preview, "runs", "Preview a change of many", BulkPreview),
    Route("POST", "/api/v1/runs/bulk", post_bulk, "runs", "Change many runs", BulkAsked),
)
