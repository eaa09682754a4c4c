"""What all aggregates of one handle share: the database, the tenant's number and its key."""

from __future__ import annotations

import os
import time

import apsw

from worktrail.errors import CallerError
from worktrail.store import chain, rules
from worktrail.store.protocols import Lease
from worktrail.store.sqlite.connection import Database

__all__ = ["Tenant"]


class Tenant:
    """A tenant of a database; made, with its key, when it is new."""

    def __init__(self, database: Database, tenant_id: str) -> None:
        if not tenant_id:
            raise CallerError("STORE_VALUE", "a tenant id is empty")
        self.tenant_id = tenant_id
        self._database = database
        found = database.row(_FIND, (tenant_id,))
        if found is None:
            found = database.transact(self._make)
        self._tenant: int = found[0]
        self._key: bytes = found[1]
        self._link = chain.linker(self._key)
        self._leases: dict[tuple[str, int], int] = {}  # (lease id, epoch) → its number, checked in this generation
        self._leases_generation = -1

    def _make(self, cursor: apsw.Cursor) -> tuple[int, bytes]:
        found = cursor.execute(_FIND, (self.tenant_id,)).fetchone()
        if found is not None:
            return found[0], found[1]
        now_us, secret = time.time_ns() // 1000, os.urandom(chain.KEY_BYTES)
        cursor.execute("INSERT INTO tenants (tenant_id, created_us) VALUES (?, ?)", (self.tenant_id, now_us))
        number = cursor.connection.last_insert_rowid()
        cursor.execute(
            "INSERT INTO keys (tenant, purpose, secret, created_us) VALUES (?, 'hmac', ?, ?)", (number, secret, now_us)
        )
        return number, secret

    def _fence(self, cursor: apsw.Cursor, lease: Lease) -> int:
        """The lease's number, if its epoch still holds; inside a transaction. A look into a dictionary when nobody wrote."""
        if self._leases_generation != self._database.generation:
            self._leases.clear()
            self._leases_generation = self._database.generation
        number = self._leases.get((lease.lease_id, lease.epoch))
        if number is None:
            row = cursor.execute(
                "SELECT number FROM leases WHERE tenant = ? AND lease_id = ? AND epoch = ?",
                (self._tenant, lease.lease_id, lease.epoch),
            ).fetchone()
            if row is None:
                raise rules.lease_lost(lease)
            number = self._leases[lease.lease_id, lease.epoch] = row[0]
        return number


_FIND = "SELECT t.number, k.secret FROM tenants t JOIN keys k ON k.tenant = t.number AND k.purpose = 'hmac' WHERE t.tenant_id = ?"
