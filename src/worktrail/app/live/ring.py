"""The ring: the newest entries, once for all readers; a reader is a number.

Rule: memory is bounded by what stands here (`max_bytes`, `max_entries`), never by how many read or how slowly. A topic has a
channel while somebody reads it. ``start`` of a channel is the position after which it is complete: who stands before it must
read the journal. An entry that is evicted moves the start of its channels.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from operator import attrgetter
from typing import Final, NamedTuple

from worktrail.app.live.frames import Entry

__all__ = ["MAX_BYTES", "MAX_ENTRIES", "Ring", "Taken", "View", "taken_from"]

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_ENTRIES: Final = 10_000
ROOM_BYTES: Final = 256 * 1024  # what a reader is given at once
_ENTRY_BYTES: Final = 400  # what an entry costs besides its frames, about
_position = attrgetter("position")


class View:
    """What a reader follows: topics, the richest first, and the workspaces it may see (null: all). Shared by equal readers."""

    __slots__ = ("cache", "topics", "workspaces")

    def __init__(self, topics: tuple[str, ...], workspaces: frozenset[str] | None) -> None:
        self.topics = topics
        self.workspaces = workspaces
        self.cache: tuple[int, int, Taken] | None = None  # after, version of the ring, what came out

    def frame(self, entry: Entry) -> bytes | None:
        """The bytes of an entry for this view, null where it is not for it."""
        if self.workspaces is not None and entry.workspace_id not in self.workspaces:
            return None
        for topic in self.topics:
            found = entry.frames.get(topic)
            if found is not None:
                return found
        return None


class Taken(NamedTuple):
    """What a reader gets: its bytes, and the position up to which it then has everything."""

    data: bytes
    position: int


class _Channel:
    """The entries of one topic, in order; ``head`` of them are gone."""

    __slots__ = ("entries", "head", "start")

    def __init__(self, start: int) -> None:
        self.entries: list[Entry] = []
        self.head = 0
        self.start = start

    def after(self, position: int) -> list[Entry]:
        return self.entries[bisect_right(self.entries, position, self.head, key=_position) :]

    def evict(self, entry: Entry) -> None:
        self.start = max(self.start, entry.position)
        if self.head < len(self.entries) and self.entries[self.head] is entry:
            self.head += 1
            if self.head > 64 and self.head * 2 > len(self.entries):
                del self.entries[: self.head]
                self.head = 0


class Ring:
    """Entries by topic. Belongs to one loop; nothing here blocks or locks."""

    def __init__(
        self, position: int = 0, *, max_bytes: int = MAX_BYTES, max_entries: int = MAX_ENTRIES, room_bytes: int = ROOM_BYTES
    ) -> None:
        self.position = position  # up to here every append was offered
        self.version = 0
        self.bytes = 0
        self.room_bytes = room_bytes
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        self._order: deque[Entry] = deque()
        self._channels: dict[str, _Channel] = {}

    def __len__(self) -> int:
        return len(self._order)

    def open(self, topic: str) -> None:
        """The topic has a reader: from now on it is kept."""
        self._channels.setdefault(topic, _Channel(self.position))

    def close(self, topic: str) -> None:
        """Nobody reads it any more."""
        self._channels.pop(topic, None)

    def add(self, entries: Iterable[Entry], position: int, missed: Iterable[str]) -> set[str]:
        """Entries up to `position`; `missed` are topics that were not looked for (they got a reader meanwhile). The topics that
        have something new."""
        touched: set[str] = set()
        for entry in entries:
            self._order.append(entry)
            self.bytes += entry.size + _ENTRY_BYTES
            for topic in entry.frames:
                channel = self._channels.get(topic)
                if channel is not None:
                    channel.entries.append(entry)
                    touched.add(topic)
        self.position = max(self.position, position)
        self.version += 1
        for topic in missed:
            if topic in self._channels:
                self._channels[topic].start = self.position
        while self._order and (self.bytes > self._max_bytes or len(self._order) > self._max_entries):
            self._evict()
        return touched

    def _evict(self) -> None:
        entry = self._order.popleft()
        self.bytes -= entry.size + _ENTRY_BYTES
        for topic in entry.frames:
            channel = self._channels.get(topic)
            if channel is not None:
                channel.evict(entry)

    def start(self, view: View) -> int:
        """The position after which the ring has everything of a view."""
        return max((self._channels[topic].start for topic in view.topics), default=0)

    def take(self, view: View, after: int) -> Taken | None:
        """What stands after a position for a view, joined, about ``room_bytes`` at most; null where the reader is behind."""
        cached = view.cache
        if cached is not None and cached[0] == after and cached[1] == self.version:
            return cached[2]
        if after < self.start(view):
            return None
        lists = [found for topic in view.topics if (found := self._channels[topic].after(after))]
        entries = lists[0] if len(lists) == 1 else _merged(lists)
        taken = taken_from(view, entries, max(after, self.position), self.room_bytes)
        view.cache = (after, self.version, taken)
        return taken


def _merged(lists: list[list[Entry]]) -> list[Entry]:
    """Entries of several channels in order, each once."""
    found = {entry.position: entry for entries in lists for entry in entries}
    return [found[position] for position in sorted(found)]


def taken_from(view: View, entries: list[Entry], end: int, room_bytes: int) -> Taken:
    """The frames of entries for a view, as many as there is room for; `end` is the position behind the last of them."""
    frames, size = [], 0
    for entry in entries:
        frame = view.frame(entry)
        if frame is None:
            continue
        frames.append(frame)
        size += len(frame)
        if size >= room_bytes:
            return Taken(b"".join(frames), entry.position)
    return Taken(b"".join(frames), end)
