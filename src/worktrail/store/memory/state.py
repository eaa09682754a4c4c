"""The state that all aggregates of the memory store share, under one lock."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field

from worktrail.errors import CallerError
from worktrail.store import chain, rules
from worktrail.store.passing import BatchRow, PresenceRow
from worktrail.store.protocols import CommandRow, Lease, RunRow, StoredAppend, TaskRow
from worktrail.store.setup import AccessKey, PublishedRow, RememberedCall, Session, View

__all__ = ["Memory", "Stream"]


@dataclass
class Stream:
    """A stream as a commit sees it."""

    salt: bytes
    next_seq: int = 1
    head: bytes = chain.GENESIS
    appends: list[StoredAppend] = field(default_factory=list)


class Memory:
    """The state that all aggregates share."""

    def __init__(self, tenant_id: str = "default") -> None:
        self.tenant_id = tenant_id
        self._lock = threading.RLock()
        self._closed = False
        self._key = os.urandom(chain.KEY_BYTES)
        self._link = chain.linker(self._key)
        self._journal: list[StoredAppend] = []
        self._streams: dict[str, Stream] = {}
        self._runs: dict[str, RunRow] = {}
        self._tasks: dict[str, TaskRow] = {}
        self._commands: dict[str, CommandRow] = {}
        self._leases: dict[str, Lease] = {}
        self._epoch = 0
        self._definitions: dict[str, bytes] = {}
        self._blobs: dict[str, bytes] = {}
        self._keys: dict[str, AccessKey] = {}
        self._sessions: dict[str, Session] = {}
        self._views: dict[str, View] = {}
        self._published: dict[tuple[str, str], PublishedRow] = {}
        self._calls: dict[tuple[str, str], RememberedCall] = {}
        self._presence: dict[str, PresenceRow] = {}
        self._batches: dict[str, BatchRow] = {}
        self._version = 0
        self._snapshots: dict[str, tuple[int, bytes, bytes]] = {}

    def _open(self) -> None:
        if self._closed:
            raise CallerError("STORE_CLOSED", "this store in memory was closed")

    def _stands(self, lease: Lease) -> bool:
        known = self._leases.get(lease.lease_id)
        return known is not None and known.epoch == lease.epoch

    def _holds(self, lease: Lease) -> None:
        if not self._stands(lease):
            raise rules.lease_lost(lease)

    def _next_epoch(self) -> int:
        self._epoch += 1
        return self._epoch

    def _owner(self, target: str) -> str | None:
        """Lease id of who owns a command's target: a run, or a task's run."""
        task = self._tasks.get(target)
        run = self._runs.get(target) or (self._runs.get(task.run_id or "") if task is not None else None)
        return None if run is None else run.owner
