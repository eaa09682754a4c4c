"""Leases and commands: who may run what, and what was wished from outside.

Rule: an epoch is given once in the life of a file. Whatever takes runs away from a lease (a claim after it expired, its
release) raises or removes its epoch in the same transaction, and every commit checks the epoch. Clocks decide who may be
fenced, never whether a commit is good.
"""

# ruff: noqa: S608 - statements are put together from the constants of this room; values are always bound

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import apsw
import msgspec

from worktrail.store.borders import border
from worktrail.store.protocols import CommandRow, Lease, RunRow
from worktrail.store.sqlite.projections import RUN_FIELDS, run_row
from worktrail.store.sqlite.tenant import Tenant

__all__ = ["Commands", "Leases"]

_LEASE: Final = "lease_id, epoch, expires_us, address, process"
# Two looks into the index of open runs: those of nobody, and those of leases that are over.
_CLAIMABLE: Final = """
SELECT number FROM runs WHERE tenant = ?1 AND ended_us IS NULL AND owner IS NULL
UNION ALL
SELECT number FROM runs WHERE tenant = ?1 AND ended_us IS NULL
  AND owner IN (SELECT number FROM leases WHERE tenant = ?1 AND expires_us <= ?2 AND number IS NOT ?3)
"""
_TAKE: Final = f"""
SELECT number, owner FROM runs WHERE number IN ({_CLAIMABLE}) AND (?4 IS NULL OR lock_hash IN (SELECT value FROM json_each(?4)))
ORDER BY number LIMIT ?5
"""
_COMMAND: Final = "command_id, target, kind, body, principal, created_us, answer, answered_us"
# The run a command is about: its target, or the run of the task that is its target.
_OWNER: Final = """
(SELECT r.owner FROM streams s JOIN runs r ON r.number = s.number WHERE s.tenant = c.tenant AND s.name = 'run:' || coalesce(
  (SELECT t.run_id FROM tasks t WHERE t.tenant = c.tenant AND t.task_id = c.target), c.target))
"""


class Leases(Tenant):
    """Leases and the ownership of runs."""

    def acquire(self, lease_id: str, *, now_us: int, ttl_us: int, address: str | None, process: str) -> Lease:
        def work(cursor: apsw.Cursor) -> Lease:
            self._distrust()
            # Leases that are over and own nothing are forgotten; their epochs never come again.
            cursor.execute(
                """DELETE FROM leases WHERE tenant = ? AND expires_us = 0 AND lease_id <> ? AND NOT EXISTS (
                SELECT 1 FROM runs r WHERE r.tenant = leases.tenant AND r.owner = leases.number AND r.ended_us IS NULL)""",
                (self._tenant, lease_id),
            )
            lease = Lease(lease_id, self._next_epoch(cursor), now_us + ttl_us, address, process)
            cursor.execute(
                """INSERT INTO leases (tenant, lease_id, epoch, expires_us, address, process) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (tenant, lease_id) DO UPDATE SET epoch = excluded.epoch, expires_us = excluded.expires_us,
                address = excluded.address, process = excluded.process""",
                (self._tenant, lease_id, lease.epoch, lease.expires_us, address, process),
            )
            return lease

        lease = self._database.transact(work)
        border("store.lease.acquire.after")
        return lease

    def renew(self, lease: Lease, *, now_us: int, ttl_us: int) -> Lease:
        def work(cursor: apsw.Cursor) -> Lease:
            number = self._fence(cursor, lease)
            cursor.execute("UPDATE leases SET expires_us = ? WHERE number = ?", (now_us + ttl_us, number))
            return msgspec.structs.replace(lease, expires_us=now_us + ttl_us)

        return self._database.transact(work)

    def release(self, lease: Lease, *, now_us: int) -> None:
        def work(cursor: apsw.Cursor) -> None:
            self._distrust()
            row = cursor.execute(
                "SELECT number FROM leases WHERE tenant = ? AND lease_id = ? AND epoch = ?",
                (self._tenant, lease.lease_id, lease.epoch),
            ).fetchone()
            if row is not None:
                cursor.execute(
                    "UPDATE runs SET owner = NULL WHERE tenant = ? AND owner = ? AND ended_us IS NULL", (self._tenant, row[0])
                )
                cursor.execute("UPDATE leases SET expires_us = 0, epoch = ? WHERE number = ?", (self._next_epoch(cursor), row[0]))

        self._database.transact(work)

    def claim(self, lease: Lease, *, now_us: int, locks: Sequence[str] | None, limit: int = 1000) -> list[RunRow]:
        wanted = None if locks is None else msgspec.json.encode(list(locks)).decode()

        def work(cursor: apsw.Cursor) -> list[RunRow]:
            self._distrust()
            own = self._fence(cursor, lease)
            found = cursor.execute(_TAKE, (self._tenant, now_us, own, wanted, limit)).fetchall()
            for owner in sorted({owner for _, owner in found if owner is not None}):
                cursor.execute("UPDATE leases SET epoch = ?, expires_us = 0 WHERE number = ?", (self._next_epoch(cursor), owner))
            taken = msgspec.json.encode([number for number, _ in found]).decode()
            cursor.execute("UPDATE runs SET owner = ? WHERE number IN (SELECT value FROM json_each(?))", (own, taken))
            sql = f"""SELECT {RUN_FIELDS}, ?, r.error_visit FROM runs r
            WHERE r.number IN (SELECT value FROM json_each(?)) ORDER BY r.number"""
            return [run_row(row) for row in cursor.execute(sql, (lease.lease_id, taken))]

        runs = self._database.transact(work)
        border("store.claim.after")
        return runs

    def unclaimed_locks(self, *, now_us: int) -> list[str]:
        sql = f"SELECT DISTINCT lock_hash FROM runs WHERE number IN ({_CLAIMABLE}) ORDER BY lock_hash"
        return [lock for (lock,) in self._database.rows(sql, (self._tenant, now_us, None))]

    def owner_of(self, run_id: str) -> Lease | None:
        sql = f"""SELECT {_LEASE} FROM streams s JOIN runs r ON r.number = s.number JOIN leases l ON l.number = r.owner
        WHERE s.tenant = ? AND s.name = ? AND l.expires_us > 0"""
        row = self._database.row(sql, (self._tenant, f"run:{run_id}"))
        return None if row is None else Lease(*row)

    def list_leases(self) -> list[Lease]:
        sql = f"SELECT {_LEASE} FROM leases WHERE tenant = ? AND expires_us > 0 ORDER BY number"
        return [Lease(*row) for row in self._database.rows(sql, (self._tenant,))]

    def _distrust(self) -> None:
        """Ownership is about to change: what this handle itself cached of leases and streams is read again."""
        self._database.generation += 1

    def _next_epoch(self, cursor: apsw.Cursor) -> int:
        return int(cursor.execute("UPDATE meta SET value = value + 1 WHERE name = 'epoch' RETURNING value").get)


class Commands(Tenant):
    """The inbox of wishes; their answers are written by the commit that acts on them."""

    def send(self, command: CommandRow) -> bool:
        row = (
            self._tenant,
            command.command_id,
            command.target,
            command.kind,
            command.body,
            command.principal,
            command.created_us,
        )

        def work(cursor: apsw.Cursor) -> bool:
            sql = """INSERT INTO commands (tenant, command_id, target, kind, body, principal, created_us)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING number"""
            return bool(cursor.execute(sql, row).fetchall())

        fresh = self._database.transact(work)
        border("store.command.send.after")
        return fresh

    def pending(self, lease: Lease | None, limit: int = 1000) -> list[CommandRow]:
        owner = "NULL"
        bindings: list[Any] = [self._tenant, limit]
        if lease is not None:
            owner = "(SELECT number FROM leases WHERE tenant = ?1 AND lease_id = ?3 AND epoch = ?4)"
            bindings += [lease.lease_id, lease.epoch]
        sql = f"""SELECT {_COMMAND} FROM commands c WHERE c.tenant = ?1 AND c.answer IS NULL AND {_OWNER} IS {owner}
        ORDER BY c.number LIMIT ?2"""
        if lease is not None:
            sql = sql.replace("ORDER BY", f"AND EXISTS {owner} ORDER BY")
        return [CommandRow(*row) for row in self._database.rows(sql, bindings)]

    def get_command(self, command_id: str) -> CommandRow | None:
        sql = f"SELECT {_COMMAND} FROM commands WHERE tenant = ? AND command_id = ?"
        row = self._database.row(sql, (self._tenant, command_id))
        return None if row is None else CommandRow(*row)

    def list_commands(self, limit: int = 100) -> list[CommandRow]:
        sql = f"SELECT {_COMMAND} FROM commands WHERE tenant = ? ORDER BY number DESC LIMIT ?"
        return [CommandRow(*row) for row in self._database.rows(sql, (self._tenant, limit))]
