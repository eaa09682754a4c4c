"""Presence: who has which page open.

Rule: a client id belongs to the principal that joined with it; nobody else renews or removes it. It ends when it leaves, or
when nothing was heard of it for EXPIRES_S. Where it is (a row) is shared by all server processes of a database; that it came
and went is told in the stream ``workspace:<id>``, so every process' readers hear of it, with a number like all else. A
heartbeat is neither: it is kept in memory and written for all clients together, so that a hundred open pages cost one small
write every FLUSH_S.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec

from worktrail.app.live.frames import iso
from worktrail.app.live.notices import Noticeboard
from worktrail.errors import CallerError
from worktrail.events import Origin, PresenceJoined, PresenceLeft
from worktrail.store import PresenceRow, Store

__all__ = ["CLIENTS_EACH", "EXPIRES_S", "FLUSH_S", "Presence"]

EXPIRES_S: Final = 45.0
FLUSH_S: Final = 5.0
IDLE_S: Final = 25.0
CLIENTS_EACH: Final = 64
replace = msgspec.structs.replace


def _now_us() -> int:
    return time.time_ns() // 1000


class Presence:
    """One tenant's. Methods block on the disk; thread-safe."""

    def __init__(self, store: Store, board: Noticeboard, *, clock: Callable[[], int] = _now_us) -> None:
        self._store = store
        self._board = board
        self._clock = clock
        self._lock = threading.Lock()
        self._heard: dict[str, int] = {}  # heartbeats that are not written yet
        self._flushed_us = 0

    def join(
        self,
        user: str,
        workspace_id: str,
        client_id: str | None = None,
        *,
        page: str | None = None,
        doing: str | None = None,
    ) -> dict[str, Any]:
        """The record of a client that is here now. CallerError FORBIDDEN (the id is another's), TOO_MANY."""
        now = self._clock()
        client_id = client_id or secrets.token_hex(8)
        known = self._known(client_id, user)
        if known is None and sum(row.user == user for row in self._present()) >= CLIENTS_EACH:
            raise CallerError("TOO_MANY", f"{CLIENTS_EACH} pages are open already", hint="Close some of them.")
        stays = known is not None and known.workspace_id == workspace_id
        joined_us = known.joined_us if known is not None and stays else now
        row = PresenceRow(client_id, user, workspace_id, joined_us, now, page, doing)
        if known is not None and not stays:
            self._tell_left(known, None)
        self._store.put_presence(row)
        if not stays:
            self._tell(workspace_id, PresenceJoined(client_id, user, workspace_id), user)
        return _record(row, now)

    def heartbeat(self, user: str, client_id: str, *, page: str | None = None, doing: str | None = None) -> dict[str, Any]:
        """The record, renewed. CallerError NOT_FOUND (it expired: join again), FORBIDDEN."""
        known = self._known(client_id, user)
        if known is None:
            raise CallerError("NOT_FOUND", f"client {client_id!r} is not here any more", hint="Join again.")
        now = self._clock()
        row = replace(known, seen_us=now, page=page or known.page, doing=doing if page is not None else doing or known.doing)
        if (row.page, row.doing) != (known.page, known.doing):
            self._store.put_presence(row)
        with self._lock:
            self._heard[client_id] = now
        return _record(row, now)

    def leave(self, user: str, client_id: str | None) -> None:
        """Gone; nothing where it was not here. CallerError FORBIDDEN (the id is another's)."""
        if client_id is None or self._known(client_id, user) is None:
            return
        with self._lock:
            self._heard.pop(client_id, None)
        for row in self._store.drop_presence([client_id]):
            self._tell_left(row, None)

    def here(self, workspaces: frozenset[str] | None) -> list[dict[str, Any]]:
        """The records that a scope may see, in the order they joined."""
        now = self._clock()
        return [_record(row, now) for row in self._present() if workspaces is None or row.workspace_id in workspaces]

    def chores(self) -> None:
        """Writes heartbeats and tells who is gone. To be called every second or so, in every process."""
        now = self._clock()
        if now - self._flushed_us < FLUSH_S * 1e6:
            return
        self._flushed_us = now
        with self._lock:
            heard, self._heard = self._heard, {}
        self._store.renew_presence(heard)
        since = now - int(EXPIRES_S * 1e6)
        gone = [row.client_id for row in self._store.list_presence() if row.seen_us < since]
        for row in self._store.drop_presence(gone, since) if gone else ():
            self._tell_left(row, "expired")

    def _present(self) -> list[PresenceRow]:
        """Who was heard of lately, here or at another process."""
        since = self._clock() - int(EXPIRES_S * 1e6)
        rows = [self._renewed(row) for row in self._store.list_presence()]
        return [row for row in rows if row.seen_us >= since]

    def _renewed(self, row: PresenceRow) -> PresenceRow:
        heard = self._heard.get(row.client_id, 0)
        return row if heard <= row.seen_us else replace(row, seen_us=heard)

    def _known(self, client_id: str, user: str) -> PresenceRow | None:
        row = self._store.get_presence(client_id)
        if row is None:
            return None
        row = self._renewed(row)
        if row.seen_us < self._clock() - int(EXPIRES_S * 1e6):
            for gone in self._store.drop_presence([client_id], row.seen_us + 1):
                self._tell_left(gone, "expired")
            return None
        if row.user != user:
            raise CallerError("FORBIDDEN", "this client id is somebody else's", hint="Join without one: you are given your own.")
        return row

    def _tell_left(self, row: PresenceRow, reason: str | None) -> None:
        self._tell(row.workspace_id, PresenceLeft(row.client_id, row.user, row.workspace_id, reason), row.user)

    def _tell(self, workspace_id: str, notice: PresenceJoined | PresenceLeft, user: str) -> None:
        self._board.write(f"workspace:{workspace_id}", self._clock(), Origin(user), notice)


def _record(row: PresenceRow, now_us: int) -> dict[str, Any]:
    return {
        "client_id": row.client_id,
        "user": row.user,
        "workspace_id": row.workspace_id,
        "joined_at": iso(row.joined_us),
        "last_seen": iso(row.seen_us),
        "page": row.page,
        "doing": row.doing,
        "idle": now_us - row.seen_us > IDLE_S * 1e6,
    }
