"""What stopped and waits for a repair."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from worktrail.app import Who, list_incidents, resolve_incident, show_incident
from worktrail.web.models.common import Asked
from worktrail.web.models.people import IncidentDetail, IncidentList, Resolution
from worktrail.web.routes.work.filters import Cursor, Limit, RunId, Text
from worktrail.web.routing import Route

__all__ = ["ROUTES"]

IncidentId = Annotated[str, Path(max_length=2000, description="Id of an incident in its run.", examples=["pay!12"])]


def get_incidents(
    who: Who,
    run_id: Annotated[Text | None, Query(description="Only of this run.")] = None,
    segment_id: Annotated[Text | None, Query(description="Only of runs of this segment.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """Open incidents, those of the newest run first. A page ends with the last one of a run."""
    return list_incidents(who.caller, run_id, segment_id=segment_id, limit=limit, after=cursor)


def get_incident(who: Who, run_id: RunId, incident: IncidentId) -> Any:
    """One open incident with the inputs of its visit."""
    return show_incident(who.caller, run_id, incident)


def post_resolution(who: Who, run_id: RunId, incident: IncidentId, body: Resolution) -> Any:
    """Repairs an incident: retry, deliver (with `outputs`), skip, fail; for conditions true or false."""
    return resolve_incident(who.caller, run_id, incident, body.action, outputs=body.outputs, edge=body.edge, reason=body.reason)


ROUTES = (
    Route("GET", "/api/v1/incidents", get_incidents, "incidents", "List incidents", IncidentList),
    Route("GET", "/api/v1/runs/{run_id}/incidents/{incident}", get_incident, "incidents", "Show an incident", IncidentDetail),
    Route(
        "POST", "/api/v1/runs/{run_id}/incidents/{incident}/resolve", post_resolution, "incidents", "Resolve an incident", Asked
    ),
)
