"""Segments and what they are made of."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from worktrail.app import Who, list_segments, list_step_types, publish_segment, show_segment, validate_segment
from worktrail.web.models.setup import Catalogue, Check, CheckRequest, Published, PublishRequest, SegmentDetail, SegmentList
from worktrail.web.routing import Route

__all__ = ["ROUTES"]

SegmentId = Annotated[str, Path(max_length=200, description="Id of a segment.", examples=["expenses"])]


def get_segments(
    who: Who,
    workspace_id: Annotated[str | None, Query(max_length=500, description="Only of this workspace.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most.")] = 100,
    cursor: Annotated[str | None, Query(max_length=500, description="`next` of the page before.")] = None,
) -> Any:
    """Segments by id: what is published, and what only the project has."""
    return list_segments(who.caller, who.service.wiring, workspace_id=workspace_id, limit=limit, after=cursor)


def get_segment(
    who: Who,
    segment_id: SegmentId,
    version: Annotated[str | None, Query(max_length=200, description="A published version; left out: the newest.")] = None,
) -> Any:
    """A segment: its definition, its published versions, what a check finds."""
    return show_segment(who.caller, who.service.wiring, segment_id, version)


def post_validation(who: Who, body: CheckRequest) -> Any:
    """Checks a definition; nothing is stored."""
    return validate_segment(who.caller, who.service.wiring, body.definition)


def post_version(who: Who, segment_id: SegmentId, body: PublishRequest) -> Any:
    """Publishes a version, which never changes again. The same content once more answers as the first time."""
    return publish_segment(
        who.caller, who.service.wiring, segment_id, definition=body.definition, version=body.version, notes=body.notes
    )


def get_catalog(who: Who) -> Any:
    """The step types that a segment may use here, with the schemas of their configs."""
    return list_step_types(who.caller, who.service.wiring)


ROUTES = (
    Route("GET", "/api/v1/catalog", get_catalog, "segments", "List step types", Catalogue),
    Route("GET", "/api/v1/segments", get_segments, "segments", "List segments", SegmentList),
    Route("POST", "/api/v1/segments/validate", post_validation, "segments", "Check a definition", Check),
    Route("GET", "/api/v1/segments/{segment_id}", get_segment, "segments", "Show a segment", SegmentDetail),
    Route("POST", "/api/v1/segments/{segment_id}/versions", post_version, "segments", "Publish a version", Published),
)
