"""Stored views: filters of a page under a name, of one person or shared.

Rule: a shared view is seen by all and changed by its owner alone (or by who may administer).
"""

from __future__ import annotations

import secrets
from typing import Any, Final

import msgspec

from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.runs.rows import iso
from worktrail.errors import CallerError
from worktrail.guard import refusal
from worktrail.store import View

__all__ = ["PAGES", "create_view", "delete_view", "list_views", "replace_view"]

PAGES: Final = ("runs", "inbox", "activity")
NAME_MAX: Final = 80
QUERY_MAX: Final = 4000
VIEWS_EACH: Final = 500


def _shape(caller: Caller, view: View) -> dict[str, Any]:
    return {
        "view_id": view.view_id,
        "page": view.page,
        "name": view.name,
        "query": view.query,
        "shared": view.shared,
        "owner": view.owner,
        "mine": view.owner == caller.principal.id,
        "created_at": iso(view.created_us),
    }


def _check(page: str, name: str, query: str) -> None:
    if page not in PAGES:
        raise CallerError("ARGUMENT_INVALID", f"{page!r} is no page; use {', '.join(PAGES)}", pointer="/page")
    if not 1 <= len(name.strip()) <= NAME_MAX or not name.isprintable():
        raise CallerError("ARGUMENT_INVALID", f"a view's name has 1 to {NAME_MAX} signs that can be shown", pointer="/name")
    if len(query) > QUERY_MAX or not query.isprintable():
        raise CallerError("ARGUMENT_INVALID", f"a query has up to {QUERY_MAX} signs that can be shown", pointer="/query")


@allowed
def list_views(caller: Caller, page: str | None = None) -> dict[str, Any]:
    """``{"views": […]}``: the caller's own and those that are shared."""
    return {"views": [_shape(caller, view) for view in caller.store.list_views(caller.principal.id, page)]}


@allowed
def create_view(caller: Caller, *, page: str, name: str, query: str, shared: bool = False) -> dict[str, Any]:
    """The new view. CallerError ARGUMENT_INVALID; TOO_MANY over 500 views of one person."""
    _check(page, name, query)
    owner = caller.principal.id
    if sum(view.owner == owner for view in caller.store.list_views(owner)) >= VIEWS_EACH:
        raise CallerError("TOO_MANY", f"{owner} has {VIEWS_EACH} views", hint="Delete one first.")
    view = View(secrets.token_hex(8), page, name.strip(), query, shared, owner, caller.now_us())
    caller.store.put_view(view)
    return _shape(caller, view)


@allowed
def replace_view(caller: Caller, view_id: str, *, page: str, name: str, query: str, shared: bool = False) -> dict[str, Any]:
    """The changed view. CallerError NOT_FOUND, FORBIDDEN, ARGUMENT_INVALID."""
    view = _own(caller, view_id)
    _check(page, name, query)
    view = msgspec.structs.replace(view, page=page, name=name.strip(), query=query, shared=shared)
    caller.store.put_view(view)
    return _shape(caller, view)


@allowed
def delete_view(caller: Caller, view_id: str) -> None:
    """CallerError NOT_FOUND, FORBIDDEN."""
    caller.store.delete_view(_own(caller, view_id).view_id)


def _own(caller: Caller, view_id: str) -> View:
    """A view that the caller may change."""
    view = caller.store.get_view(view_id)
    if view is None or not (view.shared or view.owner == caller.principal.id):
        raise CallerError("NOT_FOUND", f"there is no view {view_id!r}")
    if view.owner != caller.principal.id and refusal(caller.principal, "admin") is not None:
        raise CallerError("FORBIDDEN", f"view {view.name!r} is of {view.owner}", details={"permission": "admin"})
    return view
