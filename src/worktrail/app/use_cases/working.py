"""The worker: goes on with the runs of a database until it is stopped, or until nothing works that it can serve."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from worktrail.app.wiring import Wiring
from worktrail.runtime import Driver
from worktrail.store import RunFilter

__all__ = ["Worker"]

LOOK_S = 0.2


class Worker:
    """``run()`` once; ``stop()`` from the loop. ``tell(facts)`` hears of every run that ends or parks here."""

    def __init__(
        self, wiring: Wiring, *, concurrency: int | None = None, tell: Callable[[dict[str, Any]], None] | None = None
    ) -> None:
        self._wiring = wiring
        self._concurrency = concurrency
        self._tell = tell or (lambda facts: None)
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Parks everything; `run` returns."""
        self._stop.set()

    async def run(self, *, until_idle: bool = False, grace_s: float = 5.0) -> dict[str, Any]:
        """``{"runs_ended", "steps", "retries", "interrupted"}``. Raises what ended the driver (STORE_…, LEASE_LOST)."""
        driver = self._wiring.driver(concurrency=self._concurrency)
        await driver.open()
        driver.watch(lambda live, first_seq, events: self._seen(live))
        quiet = 0
        try:
            while not self._stop.is_set() and driver.dead is None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), LOOK_S)
                if until_idle:
                    busy = self._works(driver) or driver.store.pending(driver.lease, 1)
                    quiet = 0 if busy else quiet + 1
                    if quiet >= 2:
                        break
        finally:
            interrupted = self._stop.is_set()
            await driver.close(grace_s=grace_s)
            await self._wiring.leave_loop()
        if driver.dead is not None:
            raise driver.dead
        stats = driver.stats
        return {
            "runs_ended": stats.runs_ended,
            "steps": stats.steps_completed,
            "retries": stats.retries,
            "interrupted": interrupted,
        }

    def _works(self, driver: Driver) -> bool:
        """Whether a run that this process can serve works, here or where it was left; others may never go on."""
        after = None
        while rows := driver.store.list_runs(RunFilter(status=("running",), after=after)):
            if any(driver.can_serve(row.lock_hash) for row in rows):
                return True
            after = rows[-1].run_id
        return False

    def _seen(self, live: Any) -> None:
        if live.run.ended:
            error = live.run.error.error_code if live.run.error is not None else None
            self._tell({"run_id": live.run.id, "segment_id": live.place.segment_id, "status": live.written, "error_code": error})
