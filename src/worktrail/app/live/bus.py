"""The realtime bus: what programs tell by hand, and the feed that everybody reads, both on the journal.

Rule: ``publish`` may be called from any thread and never raises; it answers when the event is durable, with the number it has
for everybody (``seq``), or, where the database refuses, with ``seq`` 0 and the reason: a program that tells must not fail
because nobody can listen. Readers are not waited for: they read the journal. What is always there (``seq``, ``received_at``,
``area``, ``event_type``, ``workspace_id``, ``payload``) is never overwritten by what the source brought along.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from worktrail import __version__
from worktrail.app.live.areas import seq_of
from worktrail.app.live.frames import feed_of, notice_event
from worktrail.app.live.notices import Noticeboard
from worktrail.app.live.presence import Presence
from worktrail.errors import WorktrailError
from worktrail.events import Custom
from worktrail.store import Store

__all__ = ["EVENT_MAX_BYTES", "FEED_MAX", "RealtimeBus"]

FEED_MAX: Final = 200
EVENT_MAX_BYTES: Final = 64 * 1024
SCAN_PAGE: Final = 1_000
SCAN_MOST: Final = 20_000  # appends that one question looks through
WORDS: Final = frozenset(("seq", "received_at", "area", "event_type", "workspace_id", "payload", "timestamp", "id"))
NAME_MAX: Final = 100
_encode = msgspec.json.Encoder(enc_hook=str, decimal_format="number").encode


class RealtimeBus:
    """One tenant's. ``bus(event)`` is ``bus.publish(event)``."""

    def __init__(
        self,
        store: Store,
        *,
        committed: Callable[[], None] = lambda: None,
        subscribers: Callable[[frozenset[str] | None], int] = lambda workspaces: 0,
        workspace_id: str = "default",
    ) -> None:
        self._store = store
        self._subscribers = subscribers
        self._workspace_id = workspace_id
        self._board = Noticeboard(store, committed)
        self.presence = Presence(store, self._board)

    def publish(self, event: Any) -> dict[str, Any]:
        """The event as readers get it: ``{seq, received_at, area, event_type, workspace_id, payload, id, timestamp, …}``."""
        at_us = time.time_ns() // 1000
        notice = self._read(event)
        try:
            position, seq = self._board.write("observed", at_us, None, notice)
        except WorktrailError as error:
            return {**notice_event(0, at_us, "", notice), "error": error.to_dict()}
        return notice_event(seq_of(position, 0), at_us, f"observed:{seq}", notice)

    __call__ = publish

    @property
    def event_sink(self) -> Callable[[Any], dict[str, Any]]:
        """What a program that tells its events takes as its sink."""
        return self.publish

    def _read(self, event: Any) -> Custom:
        """Whatever was told, as a notice: what JSON cannot hold becomes text, what is no object becomes a payload."""
        source = event if isinstance(event, Mapping) else {"payload": {"value": event}}
        plain = _plain({str(name): value for name, value in source.items()})
        more = {name: value for name, value in plain.items() if name not in WORDS}
        if plain.get("id") is not None:
            more["source_id"] = plain["id"]
        if plain.get("timestamp") is not None:
            more["source_timestamp"] = plain["timestamp"]
        return Custom(
            _name(plain.get("area"), "workspace"),
            _name(plain.get("event_type"), "event"),
            _name(plain.get("workspace_id"), self._workspace_id),
            plain.get("payload"),
            more or None,
        )

    def recent(
        self, limit: int = 50, workspaces: frozenset[str] | None = None, *, before: int | None = None
    ) -> list[dict[str, Any]]:
        """The newest events that a scope may see, newest first; from 1 to FEED_MAX; perhaps of before a journal position."""
        return read_feed(self._store, limit=max(1, min(limit, FEED_MAX)), workspaces=workspaces, before=before)

    def stats(self, workspaces: frozenset[str] | None = None, *, feed_size: int | None = None) -> dict[str, Any]:
        """What a scope may know: ``{version, subscribers, presence, feed_size, transport}``."""
        return {
            "version": __version__,
            "subscribers": self._subscribers(workspaces),
            "presence": len(self.presence.here(workspaces)),
            "feed_size": len(self.recent(FEED_MAX, workspaces)) if feed_size is None else feed_size,
            "transport": "sse",
        }


def _name(value: Any, usual: str) -> str:
    return usual if value is None or value == "" else str(value)[:NAME_MAX]


def _plain(source: dict[str, Any]) -> dict[str, Any]:
    """JSON values only, at most EVENT_MAX_BYTES of them."""
    try:
        raw = _encode(source)
    except (TypeError, ValueError, RecursionError):
        raw = b""
    if not raw or len(raw) > EVENT_MAX_BYTES:
        kept = {
            name: value for name, value in source.items() if name in WORDS and isinstance(value, str) and len(value) < NAME_MAX
        }
        return {**kept, "payload": {"cut": "this event could not be kept whole", "bytes": len(raw)}}
    plain: dict[str, Any] = msgspec.json.decode(raw)
    return plain


def read_feed(store: Store, *, limit: int, workspaces: frozenset[str] | None, before: int | None = None) -> list[dict[str, Any]]:
    """The newest events of the feed in a scope, newest first, read back from the end of the journal, or from a position."""
    found: list[dict[str, Any]] = []
    before, looked = store.position() + 1 if before is None else before, 0
    while len(found) < limit and looked < SCAN_MOST:
        page = store.follow_back(before, SCAN_PAGE)
        for append in page:
            told = [each for each in feed_of(append) if workspaces is None or each["workspace_id"] in workspaces]
            found.extend(reversed(told))
        if len(page) < SCAN_PAGE:
            break
        before, looked = page[-1].position, looked + len(page)
    return found[:limit]
