"""The driver's thread: runs go on in a loop of their own, so that steps never wait for the web and the web never for steps.

Rule: nobody else touches that loop (``call`` asks it). Commands reach the driver as everybody's do (doorbell, inbox), starts as
rows in the database; ``wake`` only says that there is something to look for. A lost lease (a machine that slept) is acquired
again; a store that is dead stays dead, and the facts say why, so that whoever supervises the process starts it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from functools import partial
from typing import Any, Final, TypeVar

from worktrail.app.wiring import Wiring
from worktrail.errors import WorktrailError
from worktrail.runtime import Driver

__all__ = ["DriverThread", "new_loop"]

T = TypeVar("T")
GRACE_S: Final = 5.0
AGAIN_S: Final = 1.0  # before a lost lease is acquired anew


def new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where it is installed."""
    with contextlib.suppress(ImportError):
        import uvloop  # noqa: PLC0415  an extra: not on the way of the command line

        return uvloop.new_event_loop()
    return asyncio.new_event_loop()


class _Engine:
    """One tenant's driver, opened again when its lease was lost."""

    def __init__(self, wiring: Wiring, concurrency: int | None, committed: Callable[[], None]) -> None:
        self._wiring = wiring
        self._concurrency = concurrency
        self._committed = committed
        self._again: asyncio.Task[None] | None = None
        self.driver: Driver | None = None
        self.reopened = 0

    async def open(self) -> None:
        driver = self._wiring.driver(concurrency=self._concurrency)
        driver.on_dead = self._died
        await driver.open()
        driver.watch(lambda live, first_seq, events: self._committed())
        self.driver = driver
        self._committed()  # what was taken over may have been written to

    def _died(self, error: WorktrailError) -> None:
        if error.code == "LEASE_LOST":
            self._again = asyncio.get_running_loop().create_task(self._reopen())

    async def _reopen(self) -> None:
        if self.driver is not None:
            await self.driver.close(grace_s=0.0)
        while True:
            await asyncio.sleep(AGAIN_S)
            try:
                await self.open()
            except WorktrailError as error:
                if not error.code.startswith("STORE_"):
                    raise
                continue
            self.reopened += 1
            return

    async def close(self, grace_s: float) -> None:
        if self._again is not None:
            self._again.cancel()
        if self.driver is not None:
            await self.driver.close(grace_s=grace_s)
        await self._wiring.leave_loop()

    def facts(self) -> dict[str, Any]:
        driver = self.driver
        if driver is None:
            return {"running": False, "why": "not opened"}
        stats = driver.stats
        return {
            "running": driver.dead is None,
            "why": driver.troubled if driver.dead is None else driver.dead.message,
            "code": None if driver.dead is None else driver.dead.code,
            "runs_started": stats.runs_started,
            "runs_ended": stats.runs_ended,
            "attempts_started": stats.attempts_started,
            "steps_completed": stats.steps_completed,
            "retries": stats.retries,
            "runs_in_memory": driver.in_memory,
            "reopened": self.reopened,
        }


class DriverThread:
    """The drivers of all tenants of a process, on one thread. ``committed(tenant)`` is called there after every commit."""

    def __init__(self, *, concurrency: int | None = None, committed: Callable[[str], None] = lambda tenant: None) -> None:
        self._concurrency = concurrency
        self._committed = committed
        self._engines: dict[str, _Engine] = {}
        self._began: Future[None] = Future()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._grace_s = GRACE_S
        self._thread = threading.Thread(target=self._run, name="worktrail-driver", daemon=True)

    def start(self) -> None:
        """Returns when the loop runs."""
        self._thread.start()
        self._began.result()

    def add(self, tenant: str, wiring: Wiring) -> None:
        """Opens a tenant's driver; returns when it has taken over what nobody owns. Raises what opening raised (STORE_…)."""
        loop = self._loop
        if loop is None or tenant in self._engines:
            return
        engine = self._engines[tenant] = _Engine(wiring, self._concurrency, partial(self._committed, tenant))
        try:
            asyncio.run_coroutine_threadsafe(engine.open(), loop).result()
        except BaseException:
            del self._engines[tenant]
            raise

    def stop(self, grace_s: float = GRACE_S) -> None:
        """Attempts get the grace period, everything is parked, the lease given back; returns when the thread has ended."""
        self._grace_s = grace_s
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # it ended by itself meanwhile
                loop.call_soon_threadsafe(stop.set)
        self._thread.join()

    def wake(self, tenant: str) -> None:
        """Somebody else wrote to the tenant's database: look for commands, and for runs without an owner. From any thread."""
        if self._loop is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._look, tenant)

    def _look(self, tenant: str) -> None:
        engine = self._engines.get(tenant)
        if engine is not None and engine.driver is not None:
            engine.driver.look_around()

    def call(self, tenant: str, work: Callable[[Driver], Coroutine[Any, Any, T]]) -> T:
        """Runs something with a tenant's driver on its loop, and waits for it: the one way in. Not from that loop."""
        engine = self._engines[tenant]
        assert engine.driver is not None
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work(engine.driver), self._loop).result()

    def facts(self, tenant: str) -> dict[str, Any]:
        """For health and metrics: ``{running, why, code, runs_started, runs_ended, steps_completed, retries, …}``."""
        engine = self._engines.get(tenant)
        return {"running": False, "why": "not opened"} if engine is None else engine.facts()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._began.set_result(None)
        await self._stop.wait()
        await asyncio.gather(*(engine.close(self._grace_s) for engine in self._engines.values()))
