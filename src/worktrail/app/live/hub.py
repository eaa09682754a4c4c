"""The hub: all readers of one tenant in one loop, woken together.

Rule: a reader is a number (the position up to which it has everything) and a view. It is never sent to; it takes what stands
after its number when its connection has room, so one that does not read costs what its connection buffers and no more. Who is
behind the ring is given the journal again, page by page; further behind than READ_AGAIN appends it gets a ``gap`` that says
from where to where, and where that can be read. Every reader sees each append of its topics once, in order, or in a gap.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Final

from worktrail.app.live.areas import PLACES, seq_of
from worktrail.app.live.follower import Batch
from worktrail.app.live.frames import ACTIVITY, COUNTS, FEED, INBOX, entry_of, message
from worktrail.app.live.ring import Ring, Taken, View, taken_from
from worktrail.errors import CallerError, WorktrailError
from worktrail.store import Followed

__all__ = ["HEARTBEAT_S", "READ_AGAIN", "STREAMS_EACH", "TOPICS", "Hub", "Reader", "read_topics"]

READ_AGAIN: Final = 10_000
PAGE: Final = 500
PAGES_KEPT: Final = 16
HEARTBEAT_S: Final = 15.0
TICK_S: Final = 0.5
LOOK_S: Final = 1.0
STREAMS_EACH: Final = 32
TOPICS_EACH: Final = 32
# The order says which frame of an append wins for a reader of several topics.
TOPICS: Final = (ACTIVITY, INBOX, FEED, COUNTS)
_RANK: Final = {topic: number for number, topic in enumerate(TOPICS, start=1)}


def read_topics(text: str) -> tuple[str, ...]:
    """The topics of ``run:<id>,activity,inbox,counts``, each once. CallerError ARGUMENT_INVALID."""
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not found or len(found) > TOPICS_EACH:
        raise CallerError("ARGUMENT_INVALID", f"{len(found)} topics; from 1 to {TOPICS_EACH} are allowed", pointer="/topics")
    for topic in found:
        if topic not in {ACTIVITY, INBOX, COUNTS} and not (topic.startswith("run:") and len(topic) > 4):
            message = f"there is no topic {topic[:60]!r}; known are run:<id>, {ACTIVITY}, {INBOX}, {COUNTS}"
            raise CallerError("ARGUMENT_INVALID", message, pointer="/topics")
    return found


class Reader:
    """One connection. ``take()`` answers the bytes to send next, null at the end."""

    __slots__ = (
        "_counted",
        "_first",
        "_hub",
        "_last",
        "_waiting",
        "beat_at",
        "counts",
        "cut",
        "had",
        "owner",
        "position",
        "ticket",
        "view",
    )

    def __init__(
        self, hub: Hub, view: View, *, owner: Hashable, ticket: Hashable, position: int, counts: bool, had: int = 0
    ) -> None:
        self._hub = hub
        self.view = view
        self.owner = owner
        self.ticket = ticket
        self.position = position
        self.counts = counts
        self.cut: Callable[[], object] | None = None  # ends a connection that does not take what it is sent
        self._first: bytes | None = None
        self._last: list[bytes] | None = None
        self.had = had  # messages up to this id were had before
        self._counted = 0
        self._waiting: asyncio.Future[None] | None = None
        self.beat_at = time.monotonic()

    @property
    def ended(self) -> bool:
        return self._last is not None

    @property
    def last_id(self) -> int:
        """The id of a message that says: everything up to my position was told."""
        return seq_of(self.position, PLACES - 1) if FEED in self.view.topics else self.position

    def greet(self, data: bytes) -> None:
        """What is sent before anything else."""
        self._first = data

    def end(self, *last: bytes) -> None:
        """Nothing follows but these."""
        if self._last is None:
            self._last = list(last)
        self.wake()

    def wake(self) -> None:
        waiting = self._waiting
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    async def take(self) -> bytes | None:
        """The next bytes: whole messages, joined. Waits while there is nothing."""
        while True:
            data = self._at_once()
            if data is None and self._last is None:
                data = await self._from_ring()
            if data:
                self.beat_at = time.monotonic()
                return data
            if self._last is not None:
                if not self._last:
                    return None
                continue
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting

    def _at_once(self) -> bytes | None:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        if self._last:
            last, self._last = b"".join(self._last), []
            return last
        return None

    async def _from_ring(self) -> bytes:
        taken = self._hub.ring.take(self.view, self.position) if self.view.topics else None
        if taken is None and self.view.topics:
            data = await self._hub.read_again(self)
        elif taken is not None:
            self.position = taken.position
            data = taken.data
        else:
            data = b""
        if data and self.had:
            data, self.had = _without(data, self.had), 0
        if self.counts:
            number, counted = self._hub.counted(self.view.workspaces)
            if number != self._counted:
                self._counted = number
                data += counted
        if not data and time.monotonic() - self.beat_at >= HEARTBEAT_S:
            return self._hub.heartbeat(self)
        return data


def _without(data: bytes, had: int) -> bytes:
    """Messages with an id above `had`."""
    kept = [part for part in data.split(b"\n\n") if part and int(part.partition(b"\n")[0].removeprefix(b"id: ")) > had]
    return b"".join(part + b"\n\n" for part in kept)


class Hub:
    """Readers, their views, and what wakes them. Belongs to one loop; only ``publish`` may be called from another thread."""

    def __init__(
        self,
        *,
        position: int,
        follow: Callable[[int, int], list[Followed]],
        server: str = "",
        count: Callable[[frozenset[str] | None], Mapping[str, Any]] | None = None,
        allowed: Callable[[Hashable], tuple[str, str] | None] | None = None,
        ring: Ring | None = None,
        streams_each: int = STREAMS_EACH,
        read_again: int = READ_AGAIN,
    ) -> None:
        self.ring = Ring(position) if ring is None else ring
        self._read_again = read_again
        self.server = server
        self.readers: set[Reader] = set()
        self.interest: frozenset[str] = frozenset()
        self._follow = follow
        self._count = count
        self._allowed = allowed or (lambda ticket: None)
        self._streams_each = streams_each
        self._views: dict[tuple[tuple[str, ...], frozenset[str] | None], View] = {}
        self._by_view: dict[View, set[Reader]] = {}
        self._by_topic: dict[str, set[View]] = {}
        self._loop = asyncio.get_running_loop()
        self._pages: dict[tuple[View, int], asyncio.Future[Taken]] = {}
        self._counts: dict[frozenset[str] | None, tuple[int, bytes]] = {}
        self._counts_at = 0
        self._counted_position = -1
        self._ticker = self._loop.create_task(self._tick())
        self._counting: asyncio.Task[None] | None = None
        self._empty = asyncio.Event()
        self.gaps = 0

    # --- readers ----------------------------------------------------------------------------------------------------

    def attach(
        self,
        topics: Iterable[str],
        *,
        workspaces: frozenset[str] | None = None,
        owner: Hashable = None,
        ticket: Hashable = None,
        after: int | None = None,
        had: int = 0,
    ) -> Reader:
        """A new reader, from now on or from after a position. ``owner`` is whose streams are counted, ``ticket`` what is asked
        every second whether it still holds. CallerError TOO_MANY."""
        if owner is not None and sum(reader.owner == owner for reader in self.readers) >= self._streams_each:
            hint = "Close another one: one stream carries many topics."
            raise CallerError("TOO_MANY", f"{self._streams_each} streams are open already", hint=hint)
        wanted = sorted(set(topics) - {COUNTS}, key=lambda topic: (_RANK.get(topic, 0), topic))
        view = self._view(tuple(wanted), workspaces)
        position = self.ring.position if after is None else after
        counts = COUNTS in topics
        reader = Reader(self, view, owner=owner, ticket=ticket, position=position, counts=counts, had=had)
        self.readers.add(reader)
        self._by_view[view].add(reader)
        if reader.counts and workspaces not in self._counts:
            self._counting = self._loop.create_task(self._guarded(self._count_again()))
        return reader

    def _view(self, topics: tuple[str, ...], workspaces: frozenset[str] | None) -> View:
        view = self._views.get((topics, workspaces))
        if view is None:
            view = self._views[topics, workspaces] = View(topics, workspaces)
            self._by_view[view] = set()
            for topic in topics:
                self.ring.open(topic)
                self._by_topic.setdefault(topic, set()).add(view)
            self.interest = frozenset(self._by_topic)
        return view

    def detach(self, reader: Reader) -> None:
        """The connection is gone; idempotent."""
        if reader not in self.readers:
            return
        self.readers.discard(reader)
        if not self.readers:
            self._empty.set()
        view = reader.view
        self._by_view[view].discard(reader)
        if self._by_view[view]:
            return
        del self._by_view[view], self._views[view.topics, view.workspaces]
        for topic in view.topics:
            views = self._by_topic[topic]
            views.discard(view)
            if not views:
                del self._by_topic[topic]
                self.ring.close(topic)
        self.interest = frozenset(self._by_topic)

    # --- what comes -------------------------------------------------------------------------------------------------

    def publish(self, batch: Batch, done: Callable[[], None]) -> None:
        """A batch of the follower, from its thread."""
        try:
            self._loop.call_soon_threadsafe(self._take_in, batch, done)
        except RuntimeError:
            done()  # the loop is closed: nobody is left to tell

    def _take_in(self, batch: Batch, done: Callable[[], None]) -> None:
        done()
        touched = self.ring.add(batch.entries, batch.position, self.interest - batch.interest)
        touched |= self.interest - batch.interest
        for view in {view for topic in touched for view in self._by_topic.get(topic, ())}:
            for reader in self._by_view[view]:
                reader.wake()

    async def read_again(self, reader: Reader) -> bytes:
        """The journal again for a reader that is behind the ring: a page of it, or a gap."""
        behind = self.ring.start(reader.view) - reader.position
        if behind > self._read_again:
            return self._gap(reader)
        key = (reader.view, reader.position)
        page = self._pages.get(key)
        if page is None:
            while len(self._pages) >= PAGES_KEPT:
                del self._pages[next(iter(self._pages))]
            page = self._pages[key] = asyncio.ensure_future(asyncio.to_thread(self._page, *key))
        try:
            taken = await asyncio.shield(page)
        except Exception:
            self._pages.pop(key, None)
            raise
        if taken.position <= reader.position:
            self._pages.pop(key, None)  # the journal is shorter than the reader's number
            reader.position = self.ring.start(reader.view)
            return b""
        reader.position = taken.position
        return taken.data

    def _page(self, view: View, position: int) -> Taken:
        """Read on a thread of its own: blocks on the disk."""
        appends = self._follow(position, PAGE)
        interest = frozenset(view.topics)
        entries = [entry for append in appends if (entry := entry_of(append, interest)) is not None]
        return taken_from(view, entries, appends[-1].position if appends else position, self.ring.room_bytes)

    def _gap(self, reader: Reader) -> bytes:
        start, reader.position, reader.had = reader.position, self.ring.start(reader.view), 0
        self.gaps += 1
        runs = [topic for topic in reader.view.topics if topic.startswith("run:")]
        href = f"/api/v1/runs/{runs[0][4:]}/trail" if len(reader.view.topics) == len(runs) == 1 else "/api/v1/activity"
        return message("gap", {"from": start, "to": reader.position, "href": href}, reader.last_id)

    def heartbeat(self, reader: Reader) -> bytes:
        """A comment, and the number to go on from, so that a quiet reader does not come back with an old one."""
        return b": heartbeat\nid: %d\n\n" % reader.last_id if reader.view.topics else b": heartbeat\n\n"

    # --- counts -----------------------------------------------------------------------------------------------------

    def counted(self, workspaces: frozenset[str] | None) -> tuple[int, bytes]:
        """(number of this count, its message); 0 and nothing before the first."""
        return self._counts.get(workspaces, (0, b""))

    async def _count_again(self) -> None:
        if self._count is None:
            return
        scopes = {reader.view.workspaces for reader in self.readers if reader.counts}
        moved = self.ring.position != self._counted_position
        self._counts = {scope: told for scope, told in self._counts.items() if scope in scopes}
        wanted = [scope for scope in scopes if moved or scope not in self._counts]
        if not wanted:
            return
        self._counted_position = self.ring.position
        self._counts.update((scope, (0, b"")) for scope in wanted if scope not in self._counts)
        for scope in wanted:
            told = await asyncio.to_thread(self._count, scope)
            self._counts_at += 1
            self._counts[scope] = (self._counts_at, message("counts", told))
        for reader in self.readers:
            if reader.counts:
                reader.wake()

    # --- the clock --------------------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        """Rights and counts each second, heartbeats and what does not end in between."""
        looked = 0.0
        while True:
            await asyncio.sleep(TICK_S)
            for reader in list(self.readers):
                if reader.ended and reader.cut is not None:
                    reader.cut()  # told half a second ago and still there: it does not read
            if time.monotonic() - looked >= LOOK_S - TICK_S / 2:
                looked = time.monotonic()
                await self._look_at_rights()
                await self._guarded(self._count_again())
            for reader in self.readers:
                if time.monotonic() - reader.beat_at >= HEARTBEAT_S:
                    reader.wake()

    async def _guarded(self, what: Any) -> None:
        """A database that cannot be read now is tried again at the next tick."""
        try:
            await what
        except WorktrailError:
            self._counted_position = -1

    async def _look_at_rights(self) -> None:
        tickets = {reader.ticket for reader in self.readers if reader.ticket is not None}
        if not tickets:
            return
        gone = await asyncio.to_thread(self._without_right, tickets)
        for reader in list(self.readers):
            if reader.ticket in gone:
                code, why = gone[reader.ticket]
                reader.end(message("closed", {"code": code, "message": why}))

    def _without_right(self, tickets: set[Hashable]) -> dict[Hashable, tuple[str, str]]:
        """A look-up that fails is no right."""
        gone = {}
        for ticket in tickets:
            try:
                found = self._allowed(ticket)
            except Exception:  # noqa: BLE001  whatever it is: no answer is no right
                found = ("FORBIDDEN", "the right could not be looked up")
            if found is not None:
                gone[ticket] = found
        return gone

    async def close(self, *, within_s: float = 1.0) -> None:
        """The server stops: everybody is told to come back, and gone within a moment."""
        self._ticker.cancel()
        for reader in list(self.readers):
            after_ms = 200 + secrets.randbelow(1_300)  # so that not all come back at once
            reader.end(message("reconnect", {"after_ms": after_ms}))
        self._empty.clear()
        if self.readers:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), within_s)
        for reader in list(self.readers):
            if reader.cut is not None:
                reader.cut()
