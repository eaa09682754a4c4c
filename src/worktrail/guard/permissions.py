"""Who may do what: principals, and the table of permissions.

Rule: a permission is one word of ``PERMISSIONS``; none implies another, so that a key that only starts runs can exist. A
workspace that a principal does not see is not there for it: whoever asks gets NOT_FOUND, never FORBIDDEN, so that nobody
learns ids by asking. Why a table: the command line, the server and the documents read the same one.
"""

from __future__ import annotations

from typing import Final

import msgspec

__all__ = ["PERMISSIONS", "Principal", "refusal"]

PERMISSIONS: Final[dict[str, str]] = {
    "view": "Look at runs, tasks, segments, activity.",
    "run": "Start runs; cancel, pause, resume and repair them.",
    "decide": "Decide human tasks.",
    "edit": "Store views; draft segments.",
    "publish": "Publish versions of segments.",
    "admin": "Make and revoke keys; change what others have shared.",
}


class Principal(msgspec.Struct, frozen=True):
    """Who acts: ``cli:<os user>``, ``local:<os user>``, ``key:<name>``. ``workspaces`` null means all of the tenant."""

    id: str
    tenant_id: str = "default"
    display_name: str = ""
    permissions: frozenset[str] = frozenset(PERMISSIONS)
    workspaces: frozenset[str] | None = None

    @property
    def names(self) -> frozenset[str] | None:
        """What tasks for this principal may call it. Null for whoever sits at the machine itself: there is nobody else."""
        return None if self.id.startswith(("local:", "cli:")) else frozenset((self.id, self.display_name))

    def sees(self, workspace_id: str) -> bool:
        """Whether the workspace exists for this principal."""
        return self.workspaces is None or workspace_id in self.workspaces


def refusal(principal: Principal, permission: str) -> str | None:
    """Why the principal may not, in one sentence; null where it may. KeyError for a word that is no permission."""
    about = PERMISSIONS[permission]
    if permission in principal.permissions:
        return None
    return f"{principal.id} has no right '{permission}' ({about[0].lower()}{about[1:].rstrip('.')})"
