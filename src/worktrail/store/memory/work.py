"""Commands and leases."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from worktrail.store.borders import border
from worktrail.store.memory.state import Memory
from worktrail.store.protocols import CommandRow, Lease, RunRow

__all__ = ["Work"]

replace = msgspec.structs.replace


class Work(Memory):
    """Commands and leases."""

    def send(self, command: CommandRow) -> bool:
        with self._lock:
            self._open()
            if command.command_id in self._commands:
                return False
            self._commands[command.command_id] = replace(command, answer=None, answered_us=None)
        border("store.command.send.after")
        return True

    def pending(self, lease: Lease | None, limit: int = 1000) -> list[CommandRow]:
        owner = None if lease is None else lease.lease_id
        with self._lock:
            self._open()
            if lease is not None and not self._stands(lease):
                return []
            found = [each for each in self._commands.values() if each.answer is None and self._owner(each.target) == owner]
        return found[:limit]

    def get_command(self, command_id: str) -> CommandRow | None:
        with self._lock:
            self._open()
            return self._commands.get(command_id)

    def list_commands(self, limit: int = 100) -> list[CommandRow]:
        with self._lock:
            self._open()
            return list(reversed(self._commands.values()))[:limit]

    def acquire(self, lease_id: str, *, now_us: int, ttl_us: int, address: str | None, process: str) -> Lease:
        with self._lock:
            self._open()
            lease = Lease(lease_id, self._next_epoch(), now_us + ttl_us, address, process)
            self._leases[lease_id] = lease
        border("store.lease.acquire.after")
        return lease

    def renew(self, lease: Lease, *, now_us: int, ttl_us: int) -> Lease:
        with self._lock:
            self._open()
            self._holds(lease)
            renewed = replace(self._leases[lease.lease_id], expires_us=now_us + ttl_us)
            self._leases[lease.lease_id] = renewed
            return renewed

    def release(self, lease: Lease, *, now_us: int) -> None:
        with self._lock:
            self._open()
            if not self._stands(lease):
                return
            del self._leases[lease.lease_id]
            for run_id, row in self._runs.items():
                if row.owner == lease.lease_id:
                    self._runs[run_id] = replace(row, owner=None)

    def claim(self, lease: Lease, *, now_us: int, locks: Sequence[str] | None, limit: int = 1000) -> list[RunRow]:
        with self._lock:
            self._open()
            self._holds(lease)
            free = [row for row in self._claimable(now_us, lease.lease_id) if locks is None or row.lock_hash in locks][:limit]
            for lost in {row.owner for row in free if row.owner is not None}:
                if lost in self._leases:
                    self._leases[lost] = replace(self._leases[lost], epoch=self._next_epoch(), expires_us=0)
            taken = [replace(row, owner=lease.lease_id) for row in free]
            self._runs.update((row.run_id, row) for row in taken)
        border("store.claim.after")
        return taken

    def _claimable(self, now_us: int, own: str | None) -> list[RunRow]:
        dead = {lease.lease_id for lease in self._leases.values() if lease.expires_us <= now_us} - {own}
        return [row for row in self._runs.values() if row.ended_us is None and (row.owner is None or row.owner in dead)]

    def unclaimed_locks(self, *, now_us: int) -> list[str]:
        with self._lock:
            self._open()
            return sorted({row.lock_hash for row in self._claimable(now_us, None)})

    def owner_of(self, run_id: str) -> Lease | None:
        with self._lock:
            self._open()
            row = self._runs.get(run_id)
            lease = None if row is None or row.owner is None else self._leases.get(row.owner)
            return lease if lease is not None and lease.expires_us else None

    def list_leases(self) -> list[Lease]:
        with self._lock:
            self._open()
            return [lease for lease in self._leases.values() if lease.expires_us]
