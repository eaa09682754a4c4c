"""Wishes about a run: cancel, pause, resume, retry."""

from __future__ import annotations

from typing import Any

from worktrail.app import Who, cancel_run, pause_run, resume_run, retry_visit
from worktrail.web.models.common import Asked, Reason
from worktrail.web.models.runs import Retried
from worktrail.web.routes.work.filters import RunId
from worktrail.web.routes.work.inside import Visit
from worktrail.web.routing import Route

__all__ = ["ROUTES"]


def post_cancel(who: Who, run_id: RunId, body: Reason) -> Any:
    """Cancels a run. Work that must happen once is awaited first."""
    return cancel_run(who.caller, run_id, reason=body.reason)


def post_pause(who: Who, run_id: RunId, body: Reason) -> Any:
    """Pauses a run: what runs goes on to its end, nothing more is started."""
    return pause_run(who.caller, run_id, reason=body.reason)


def post_resume(who: Who, run_id: RunId, body: Reason) -> Any:
    """Resumes a paused run."""
    return resume_run(who.caller, run_id, reason=body.reason)


def post_retry(who: Who, run_id: RunId, visit: Visit, body: Reason) -> Any:
    """Tries a visit again that stopped with an incident; 409 says why it cannot be."""
    return retry_visit(who.caller, run_id, visit, reason=body.reason)


ROUTES = (
    Route("POST", "/api/v1/runs/{run_id}/cancel", post_cancel, "runs", "Cancel a run", Asked),
    Route("POST", "/api/v1/runs/{run_id}/pause", post_pause, "runs", "Pause a run", Asked),
    Route("POST", "/api/v1/runs/{run_id}/resume", post_resume, "runs", "Resume a run", Asked),
    Route("POST", "/api/v1/runs/{run_id}/retry", post_retry, "runs", "Retry a visit", Retried),
)
