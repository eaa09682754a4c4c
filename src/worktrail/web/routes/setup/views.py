"""Stored views."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path, Query

from worktrail.app import Who, create_view, delete_view, list_views, replace_view
from worktrail.web.models.common import Done
from worktrail.web.models.setup import View, ViewList, ViewRequest
from worktrail.web.routing import Route

__all__ = ["ROUTES"]

ViewId = Annotated[str, Path(max_length=100, description="Id of a view.", examples=["a1b2c3d4e5f60718"])]


def get_views(
    who: Who, page: Annotated[Literal["runs", "inbox", "activity"] | None, Query(description="Only of this page.")] = None
) -> Any:
    """The caller's own views, and those that are shared."""
    return list_views(who.caller, page)


def post_view(who: Who, body: ViewRequest) -> Any:
    """Stores a filter under a name."""
    return create_view(who.caller, **body.model_dump())


def put_view(who: Who, view_id: ViewId, body: ViewRequest) -> Any:
    """Changes a view; only its owner may, or an administrator."""
    return replace_view(who.caller, view_id, **body.model_dump())


def remove_view(who: Who, view_id: ViewId) -> Any:
    """Deletes a view; only its owner may, or an administrator."""
    delete_view(who.caller, view_id)
    return {}


ROUTES = (
    Route("GET", "/api/v1/views", get_views, "views", "List views", ViewList),
    Route("POST", "/api/v1/views", post_view, "views", "Store a view", View),
    Route("PUT", "/api/v1/views/{view_id}", put_view, "views", "Change a view", View),
    Route("DELETE", "/api/v1/views/{view_id}", remove_view, "views", "Delete a view", Done),
)
