"""Clocks: one heap of due times for a process, one wake-up of the loop; and the time limits of what is in flight.

Rule: the due time is a fact of the trail or follows from it; an entry here is only a reminder. When it comes due, the
engine is asked again with what the state says then, so a stale entry does nothing. Overdue ones fire once.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Clocks", "Due", "Limits"]

AT_ONCE = 200  # reminders handled before the loop breathes


class Due(NamedTuple):
    """``kind``: wait, retry, deadline, run (its limits), task (a person's clock). ``key`` is a run or task id."""

    due_us: int
    order: int
    kind: str
    key: str
    visit: str


class Limits:
    """Time limits of what begins and, nearly always, ends within them: ``fire(key)`` for what does not.

    All limits of one length are passed in the order in which they were set, so that one timer of the loop serves them all, and
    what ends in time costs a dict one entry: a timer each would cost more than the decision that follows the answer.
    """

    def __init__(self, fire: Callable[[Any], None]) -> None:
        self._fire = fire
        self._loop = asyncio.get_running_loop()
        self._running: dict[float, dict[Any, float]] = {}  # length in seconds → key → when it is over, in order
        self._armed: dict[float, asyncio.TimerHandle] = {}

    def add(self, key: Any, limit_s: float) -> None:
        over = self._loop.time() + limit_s
        running = self._running.get(limit_s)
        if running is None:
            running = self._running[limit_s] = {}
        running[key] = over
        if limit_s not in self._armed:
            self._armed[limit_s] = self._loop.call_at(over, self._look, limit_s)

    def end(self, key: Any, limit_s: float) -> None:
        """It has ended; idempotent."""
        running = self._running.get(limit_s)
        if running is not None:
            running.pop(key, None)

    def close(self) -> None:
        for handle in self._armed.values():
            handle.cancel()
        self._armed.clear()
        self._running.clear()

    def _look(self, limit_s: float) -> None:
        """The oldest of one length was due when this was armed: fire what is over, come back for the next."""
        running = self._running[limit_s]
        now = self._loop.time()
        over = []
        for key, at in running.items():
            if at > now:
                self._armed[limit_s] = self._loop.call_at(at, self._look, limit_s)
                break
            over.append(key)
        else:
            del self._armed[limit_s], self._running[limit_s]
        for key in over:
            running.pop(key, None)
            self._fire(key)


class Clocks:
    """Calls ``fire(due)`` when its time has come."""

    def __init__(self, now_us: Callable[[], int], fire: Callable[[Due], None]) -> None:
        self._now_us = now_us
        self._fire = fire
        self._heap: list[Due] = []
        self._set: set[tuple[int, str, str, str]] = set()  # a run folded again sets its clocks again
        self._count = 0
        self._handle: asyncio.TimerHandle | None = None
        self._armed_us = 0
        self._planned = False
        self._loop = asyncio.get_running_loop()
        self._closed = False

    def add(self, due_us: int, kind: str, key: str, visit: str = "") -> None:
        mark = (due_us, kind, key, visit)
        if mark in self._set or self._closed:
            return
        self._set.add(mark)
        self._count += 1
        heapq.heappush(self._heap, Due(due_us, self._count, kind, key, visit))
        if not self._planned and (self._handle is None or due_us < self._armed_us):
            self._planned = True  # once for all that this turn of the loop adds: recovery sets the clocks of every open task
            self._loop.call_soon(self._arm)

    def __len__(self) -> int:
        return len(self._heap)

    def close(self) -> None:
        self._closed = True
        self._heap.clear()
        self._set.clear()
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _arm(self) -> None:
        self._planned = False
        if self._closed or not self._heap:
            return
        due_us = self._heap[0].due_us
        if self._handle is not None:
            if self._armed_us <= due_us:
                return
            self._handle.cancel()
        self._armed_us = due_us
        self._handle = self._loop.call_later(max(0.0, (due_us - self._now_us()) / 1e6), self._wake)

    def _wake(self) -> None:
        self._handle = None
        left = AT_ONCE
        now_us = self._now_us()
        try:
            while self._heap and self._heap[0].due_us <= now_us and left and not self._closed:
                due = heapq.heappop(self._heap)
                self._set.discard((due.due_us, due.kind, due.key, due.visit))
                self._fire(due)
                left -= 1
        finally:
            self._arm()
