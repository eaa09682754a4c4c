"""Tenure: the lease of this process, from its beginning to its end.

Rule: a heartbeat renews it three times in its life; one that is lost ends the driver. Meanwhile the process looks around for
runs that nobody owns and for wishes in the inbox: the slow safety net under doorbell and foreign-write notice. A lease whose
process has certainly ended is not waited for: it is released in its place, which fences it as any release does.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from worktrail.errors import WorktrailError
from worktrail.runtime.driver.core import Core
from worktrail.runtime.driver.processes.presence import is_gone, this_process
from worktrail.runtime.driver.processes.recovery import claim_runs, recover
from worktrail.runtime.driver.processes.wishes import Wishes

__all__ = ["Tenure"]

POLL_S = 1.0
SOON_S = 0.01  # looks that are asked for within it are one
_PASSING = frozenset(("STORE_BUSY", "STORE_FULL"))


class Tenure:
    """Holds the lease; ``on_lost`` is told when it is gone."""

    def __init__(self, core: Core, wishes: Wishes, *, ttl_s: float, on_lost: Callable[[WorktrailError], None]) -> None:
        self._core = core
        self._wishes = wishes
        self._ttl_us = int(ttl_s * 1e6)
        self._on_lost = on_lost
        self._id = secrets.token_hex(8)
        self._chores: list[asyncio.Task[None]] = []
        self._soon: asyncio.TimerHandle | None = None

    def begin(self, address: str | None) -> None:
        """Acquire the lease, take over what nobody owns, keep both up."""
        core = self._core
        core.committer.lease = core.store.acquire(
            self._id, now_us=core.now_us(), ttl_us=self._ttl_us, address=address, process=this_process()
        )
        self.take_over()
        self._chores = [asyncio.create_task(self._renew()), asyncio.create_task(self._poll())]

    def look_soon(self) -> None:
        """Look for wishes and for runs that nobody owns, within a moment: somebody wrote."""
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(SOON_S, self._looked_for)

    def _looked_for(self) -> None:
        self._soon = None
        with self._core.own_errors:
            self._look_around()

    def stop(self) -> None:
        """No further heartbeat."""
        if self._soon is not None:
            self._soon.cancel()
        for chore in self._chores:
            chore.cancel()

    def end(self) -> None:
        """Give the runs back."""
        core = self._core
        if core.committer.lease is not None:
            core.store.release(core.committer.lease, now_us=core.now_us())

    def take_over(self) -> int:
        """Claim and go on with runs that nobody owns; how many."""
        core = self._core
        lease = core.committer.lease
        assert lease is not None
        self._release_the_dead()
        rows = claim_runs(core, lease)
        recover(core, rows)
        core.turns.start_waiting()
        return len(rows)

    def _release_the_dead(self) -> None:
        core = self._core
        for lease in core.store.list_leases():
            if lease.lease_id != self._id and is_gone(lease.process):
                core.store.release(lease, now_us=core.now_us())

    async def _renew(self) -> None:
        core = self._core
        while True:
            await asyncio.sleep(self._ttl_us / 3e6)
            lease = core.committer.lease
            assert lease is not None
            try:
                core.committer.lease = await asyncio.to_thread(core.store.renew, lease, now_us=core.now_us(), ttl_us=self._ttl_us)
            except WorktrailError as error:
                if error.code == "LEASE_LOST":
                    self._on_lost(error)
                    return

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            with self._core.own_errors:
                self._look_around()

    def _look_around(self) -> None:
        core = self._core
        try:
            self._wishes.take_inbox()
            self._release_the_dead()
            if core.store.unclaimed_locks(now_us=core.now_us()):
                self.take_over()
        except WorktrailError as error:
            if error.code == "LEASE_LOST":
                self._on_lost(error)
            elif error.code not in _PASSING:
                raise
