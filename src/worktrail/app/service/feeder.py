"""The feeder: one thread that reads the files of batches, of all tenants of this process.

Rule: whichever process claims a batch reads it; one that dies gives it back by saying nothing for a while. Stopped, it leaves
the file where it is: the next process begins it anew, and what was started is found.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

import msgspec

from worktrail.app.batch import HAND_US, Feeding, read_options
from worktrail.app.caller import Caller
from worktrail.app.service.service import Service
from worktrail.app.use_cases.runs.starting import segment_to_start
from worktrail.errors import WorktrailError
from worktrail.guard import Principal
from worktrail.store import BatchRow

__all__ = ["Feeder"]

LOOK_S: Final = 2.0  # for what other processes left


def _now_us() -> int:
    return time.time_ns() // 1000


class Feeder:
    """``services()`` are those to read for; ``wrote(tenant)`` is called when runs were begun."""

    def __init__(self, services: Callable[[], list[Service]], wrote: Callable[[str], None]) -> None:
        self._services = services
        self._wrote = wrote
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worktrail-feeder", daemon=True)

    def start(self) -> None:
        """Begins to look for files; idempotent."""
        if self._thread.ident is None:
            self._thread.start()

    def wake(self) -> None:
        """A file has come. From any thread."""
        self._bell.set()

    def stop(self) -> None:
        """Returns when the thread has ended; a file in hand stays for the next process."""
        self._stopping.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._bell.wait(LOOK_S)
            self._bell.clear()
            for service in self._services():
                try:
                    while not self._stopping.is_set() and self._feed_one(service):
                        pass
                except WorktrailError:
                    continue  # a database in trouble: tried again; the batch stays as it is

    def _feed_one(self, service: Service) -> bool:
        """Whether there was something to read."""
        now_us = _now_us()
        batch = service.store.claim_batch(now_us=now_us, until_us=now_us + HAND_US)
        if batch is None:
            return False
        try:
            self._feed(service, batch)
        finally:
            self._give_back(service, batch.batch_id)
        return True

    def _feed(self, service: Service, batch: BatchRow) -> None:
        tenant_id = service.store.tenant_id
        # What it may do was looked at when the file came.
        principal = Principal(batch.principal, tenant_id, permissions=frozenset(("view", "run")))
        version = read_options(batch.options).version
        try:
            segment, children = segment_to_start(
                Caller(service.store, principal, service.shelf), service.wiring, batch.segment_id, version
            )
        except WorktrailError as error:
            if error.code.startswith("STORE_"):
                raise
            told = msgspec.json.encode(error.to_dict())
            service.store.put_batch(msgspec.structs.replace(batch, state="failed", error=told))
            return
        feeding = Feeding(
            service.wiring,
            batch,
            segment,
            children,
            clock=_now_us,
            pause=self._stopping.wait,
            committed=lambda: self._wrote(tenant_id),
        )
        feeding.run()

    def _give_back(self, service: Service, batch_id: str) -> None:
        row = service.store.get_batch(batch_id)
        if row is not None and row.state == "reading":
            service.store.put_batch(msgspec.structs.replace(row, fed_until_us=0 if self._stopping.is_set() else row.fed_until_us))
