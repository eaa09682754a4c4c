"""The process of a command that does nothing but run workflows until it is stopped."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from typing import Any, Final

from worktrail.cli.exits import INTERRUPTED
from worktrail.cli.output import warn

__all__ = ["guarded", "only_runs_workflows"]

# The engine makes nothing that only a collection could free; what a server makes of it is little.
NEW_OBJECTS: Final = 10_000


def only_runs_workflows() -> None:
    """Tells the garbage collector: what was imported stays and need not be looked at again and again, which stops everybody for
    tens of milliseconds each time, and new objects need a look every 10,000, not every 700 (together a quarter of the processor
    time of a step). A library must not decide that for a program; a command may for its own process."""
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 10, 10)


async def guarded(work: Any, stop: Any) -> Any:
    """Runs `work`; the first SIGINT or SIGTERM calls `stop`, the second leaves at once (everything acknowledged is durable)."""
    only_runs_workflows()
    loop = asyncio.get_running_loop()
    seen: list[int] = []

    def handle() -> None:
        if seen:
            os._exit(INTERRUPTED)
        seen.append(1)
        stop()
        warn("stopping: what runs gets 5 s, then it is parked; again to leave at once")

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, handle)
    try:
        return await work
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
