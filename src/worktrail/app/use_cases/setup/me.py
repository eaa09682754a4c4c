"""Who I am: the principal, its rights, and what the server is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worktrail import __version__
from worktrail.app.use_cases.runs.rows import iso
from worktrail.guard import PERMISSIONS

if TYPE_CHECKING:
    from worktrail.app.service.host import Who

__all__ = ["me"]


def me(who: Who) -> dict[str, Any]:
    """``{principal, display_name, tenant_id, workspaces, active_workspace, permissions, mode, server, …}``."""
    principal = who.principal
    seen = sorted(principal.workspaces) if principal.workspaces is not None else who.service.store.list_workspaces()
    spaces = list(dict.fromkeys((*(("default",) if principal.sees("default") else ()), *seen)))
    described = who.host.describe()
    return {
        "principal": principal.id,
        "display_name": principal.display_name,
        "tenant_id": principal.tenant_id,
        "workspaces": spaces,
        "active_workspace": spaces[0] if spaces else "default",
        "permissions": [each for each in PERMISSIONS if each in principal.permissions],
        "mode": who.host.mode,
        "session_expires_at": None if who.session is None else iso(who.session.expires_us),
        "server": {"version": __version__, **described},
    }
