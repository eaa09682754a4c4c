"""What people set up, as rows: keys, sessions, views, published versions, and calls that may be repeated.

Rule: keys and published versions change in the commit of the event that says so (streams ``tenant:<id>``, ``segment:<id>``);
sessions, views and remembered calls are no facts and have no stream. No secret is kept, only its digest (``guard``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

__all__ = ["Access", "AccessKey", "Calls", "PublishedRow", "Publishing", "RememberedCall", "Session", "View", "Views"]


class AccessKey(msgspec.Struct, frozen=True):
    """A key of the tenant. ``workspaces`` null means all; ``revoked_us`` and ``expires_us`` end it."""

    key_id: str
    name: str
    permissions: Sequence[str]
    workspaces: Sequence[str] | None
    salt: bytes
    digest: bytes
    created_us: int
    created_by: str
    expires_us: int | None = None
    revoked_us: int | None = None
    last_used_us: int | None = None


class Session(msgspec.Struct, frozen=True):
    """A browser that showed a key; it ends with the key, too."""

    session_id: str
    key_id: str
    salt: bytes
    digest: bytes
    created_us: int
    expires_us: int
    closed_us: int | None = None


class View(msgspec.Struct, frozen=True):
    """A stored filter of a page; ``query`` as the page's own query string."""

    view_id: str
    page: str
    name: str
    query: str
    shared: bool
    owner: str
    created_us: int


class PublishedRow(msgspec.Struct, frozen=True):
    """A published version; ``segment_hash`` and ``lock_hash`` name stored definitions."""

    segment_id: str
    version: str
    segment_hash: str
    lock_hash: str
    published_us: int
    published_by: str
    workspace_id: str = "default"
    name: str | None = None
    description: str | None = None
    notes: str | None = None
    document: str | None = None  # the definition with names and places, stored under this digest


class RememberedCall(msgspec.Struct, frozen=True):
    """What was answered to a call with an idempotency key of a principal, and what the call said."""

    key: str
    principal: str
    request_hash: str
    answer: bytes
    expires_us: int


class Access(Protocol):
    """Keys and sessions. Keys are written by a ``Commit`` with the event that says so."""

    def get_key(self, key_id: str) -> AccessKey | None: ...

    def list_keys(self) -> list[AccessKey]:
        """Newest first, revoked ones too."""
        ...

    def touch_key(self, key_id: str, now_us: int) -> None:
        """Remember that it was used."""
        ...

    def open_session(self, session: Session) -> None:
        """Also forgets sessions that ended before."""
        ...

    def get_session(self, session_id: str) -> Session | None: ...

    def close_session(self, session_id: str, now_us: int) -> None:
        """Idempotent."""
        ...

    def tenants(self) -> list[str]:
        """All tenants of this database: for a process that serves them all."""
        ...

    def tenant_of(self, secret_id: str) -> str | None:
        """The tenant of a key or session of this database, whichever tenant it is of: how a secret finds its tenant."""
        ...


class Views(Protocol):
    def put_view(self, view: View) -> None: ...

    def get_view(self, view_id: str) -> View | None: ...

    def list_views(self, owner: str, page: str | None = None) -> list[View]:
        """Those of the owner and those that are shared, in the order they were made."""
        ...

    def delete_view(self, view_id: str) -> None: ...


class Publishing(Protocol):
    """Published versions, written by a ``Commit`` with the event that says so."""

    def get_published(self, segment_id: str, version: str | None = None) -> PublishedRow | None:
        """A version; null: the newest."""
        ...

    def list_published(self, segment_id: str | None = None) -> list[PublishedRow]:
        """All versions of a segment, newest first; null: the newest version of every segment, by segment id."""
        ...


class Calls(Protocol):
    """Calls that may be repeated, remembered by the ``Commit`` that carries them out."""

    def get_call(self, key: str, principal: str, now_us: int) -> RememberedCall | None:
        """Null once it has expired."""
        ...
