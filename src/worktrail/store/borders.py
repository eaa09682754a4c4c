"""Borders: the named points where durability changes.

Rule: every change of what is durable passes ``border("name")``. Nothing happens there in production; the crash tests walk
``BORDERS`` and end the process at each of them: with ``WORKTRAIL_BORDER=name[:n]`` in the environment the process kills
itself (SIGKILL, so nothing is flushed or cleaned up) at the n-th passing. An unknown name is refused, so that a test cannot
silently test nothing.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Final

__all__ = ["BORDERS", "border", "hooks"]

BORDERS: Final[tuple[str, ...]] = (
    "store.commit.before",  # nothing written
    "store.commit.inside",  # all rows written, transaction open
    "store.commit.after",  # durable, the caller does not know yet
    "store.lease.acquire.after",
    "store.claim.after",
    "store.command.send.after",
    "store.definition.put.after",
    "driver.dispatch",  # the attempt's start is durable, its handler is not called yet
    "driver.answer",  # the handler has answered, nothing of it is recorded
    "driver.acknowledge",  # durable, the waiting caller is not told yet
    "driver.recovered",  # runs were taken over and folded, nothing is dispatched yet
)

hooks: list[Callable[[str], None]] = []


def border(name: str) -> None:
    """Pass a border: free of charge unless somebody listens."""
    if hooks:
        for hook in hooks:
            hook(name)


def killer(setting: str) -> Callable[[str], None]:
    """A hook that kills this process at the n-th passing of the border named in ``name[:n]``."""
    name, _, times = setting.partition(":")
    if name not in BORDERS:
        raise ValueError(f"WORKTRAIL_BORDER names no border: {name!r}; known are {', '.join(BORDERS)}")
    if times and not times.isdecimal():
        raise ValueError(f"WORKTRAIL_BORDER counts passings in digits: {setting!r}")
    left = int(times or 1)

    def kill(passed: str) -> None:
        nonlocal left
        if passed == name:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return kill


if setting := os.environ.get("WORKTRAIL_BORDER"):
    hooks.append(killer(setting))
