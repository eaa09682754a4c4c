"""The follower: one thread that reads the journal behind everybody's commits and hands entries to the hub.

Rule: nobody tells it what was written; it reads. A commit of this process nudges it, a commit of another one shows in the
store's ``version``, looked at every 50 ms. So a reader can never be told what is not durable, and never misses what another
process wrote. What it hands over is bounded: a hub that does not keep up makes it wait.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from worktrail.app.live.frames import Entry, entry_of
from worktrail.errors import WorktrailError
from worktrail.store import Followed

__all__ = ["Batch", "Followable", "Follower"]

POLL_S: Final = 0.05
# Between two looks: what is committed meanwhile becomes one batch. The more there was to deliver, the longer: many readers of
# much are told five times a second, so that the driver keeps three quarters of its pace; who follows one run is told at once.
PAUSE_S: Final = 0.02
PAUSE_EACH_S: Final = 1e-5  # an entry to a reader
PAUSE_MOST_S: Final = 0.2
AGAIN_S: Final = 0.2
READ_AT_ONCE: Final = 2000  # each page wakes its readers; 500 cost the driver five in a hundred more
AHEAD: Final = 4  # batches that the hub has not taken yet


class Followable(Protocol):
    """What of a store is followed."""

    def version(self) -> int: ...

    def position(self) -> int: ...

    def follow(self, position: int, limit: int = 1000) -> list[Followed]: ...


class Batch(NamedTuple):
    """Entries of the appends up to ``position``, for those who read the topics of ``interest``."""

    entries: list[Entry]
    position: int
    interest: frozenset[str]


class Follower:
    """``publish(batch, done)`` is called on the follower's thread; whoever took the batch calls ``done()``.

    ``interest()`` says which topics are read now; ``on_foreign()`` hears of commits that nobody here nudged for.
    """

    def __init__(
        self,
        store: Followable,
        publish: Callable[[Batch, Callable[[], None]], None],
        interest: Callable[[], frozenset[str]],
        *,
        on_foreign: Callable[[], None] | None = None,
        readers: Callable[[], int] = lambda: 0,
        poll_s: float = POLL_S,
    ) -> None:
        self._store = store
        self._publish = publish
        self._interest = interest
        self._readers = readers
        self._on_foreign = on_foreign or (lambda: None)
        self._poll_s = poll_s
        self._bell = threading.Event()
        self._stopping = False
        self._nudged = False
        self._ahead = threading.Semaphore(AHEAD)
        self._thread: threading.Thread | None = None
        self.position = store.position()
        self.trouble: str | None = None  # why it cannot read now, for people

    def start(self) -> None:
        """Begins to follow, after `position`."""
        self._thread = threading.Thread(target=self._run, name="worktrail-follower", daemon=True)
        self._thread.start()

    def nudge(self) -> None:
        """This process committed something. From any thread; costs nothing."""
        self._nudged = True
        self._bell.set()

    def stop(self) -> None:
        """Ends the thread; returns when it has ended."""
        self._stopping = True
        self._bell.set()
        self._ahead.release()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        version = -1
        while not self._stopping:
            self._bell.wait(self._poll_s)
            self._bell.clear()
            nudged, self._nudged = self._nudged, False
            try:
                found = self._store.version()
                if found == version and not nudged:
                    continue
                if not nudged and version != -1:
                    self._on_foreign()
                version = found
                told = self._read()
                self.trouble = None
            except WorktrailError as error:
                if error.code == "STORE_CLOSED":
                    return
                self.trouble, version = error.message, -1
                time.sleep(AGAIN_S)
                continue
            time.sleep(min(PAUSE_MOST_S, PAUSE_S + told * self._readers() * PAUSE_EACH_S))

    def _read(self) -> int:
        """Hands over everything after our position; how many entries."""
        told = 0
        while not self._stopping:
            interest = self._interest()
            end = self._store.position()  # before reading: what is read is at least up to here
            if end <= self.position:
                break
            if not interest:
                self._hand_over(Batch([], end, interest))
                break
            appends = self._store.follow(self.position, READ_AT_ONCE)
            full = len(appends) == READ_AT_ONCE
            reached = appends[-1].position if appends and (full or appends[-1].position > end) else end
            entries = [entry for append in appends if (entry := entry_of(append, interest)) is not None]
            self._hand_over(Batch(entries, reached, interest))
            told += len(entries)
            if not full:
                break
        return told

    def _hand_over(self, batch: Batch) -> None:
        self._ahead.acquire()
        if not self._stopping:
            self._publish(batch, self._ahead.release)
            self.position = batch.position
