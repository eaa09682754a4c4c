"""Presence and batches as rows, each change a small transaction of its own."""

# ruff: noqa: S608 - statements are put together from the constants of this room; values are always bound

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import apsw
import msgspec

from worktrail.store.passing import BatchRow, PresenceRow, fields_of
from worktrail.store.sqlite.tenant import Tenant

__all__ = ["Passing"]

_PRESENCE: Final = ", ".join(PresenceRow.__struct_fields__)
_BATCH: Final = ", ".join(BatchRow.__struct_fields__)


def _put(table: str, key: str, names: tuple[str, ...]) -> str:
    marks = ", ".join(["?"] * (len(names) + 1))
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name != key)
    return f"""INSERT INTO {table} (tenant, {", ".join(names)}) VALUES ({marks})
    ON CONFLICT (tenant, {key}) DO UPDATE SET {changes}"""


_PUT_PRESENCE: Final = _put("presence", "client_id", PresenceRow.__struct_fields__)
_PUT_BATCH: Final = _put("batches", "batch_id", BatchRow.__struct_fields__)


class Passing(Tenant):
    """Who is here, and files on their way."""

    def put_presence(self, row: PresenceRow) -> None:
        self._change(_PUT_PRESENCE, (self._tenant, *fields_of(row)))

    def renew_presence(self, seen_us: Mapping[str, int]) -> None:
        rows = [(at_us, self._tenant, client_id) for client_id, at_us in seen_us.items()]

        def work(cursor: apsw.Cursor) -> None:
            cursor.executemany("UPDATE presence SET seen_us = max(seen_us, ?) WHERE tenant = ? AND client_id = ?", rows)

        if rows:
            self._database.transact(work)

    def get_presence(self, client_id: str) -> PresenceRow | None:
        sql = f"SELECT {_PRESENCE} FROM presence WHERE tenant = ? AND client_id = ?"
        row = self._database.row(sql, (self._tenant, client_id))
        return None if row is None else PresenceRow(*row)

    def list_presence(self) -> list[PresenceRow]:
        rows = self._database.rows(f"SELECT {_PRESENCE} FROM presence WHERE tenant = ? ORDER BY number", (self._tenant,))
        return [PresenceRow(*row) for row in rows]

    def drop_presence(self, client_ids: Iterable[str], unseen_since_us: int | None = None) -> list[PresenceRow]:
        wanted = msgspec.json.encode(list(client_ids)).decode()

        def work(cursor: apsw.Cursor) -> list[PresenceRow]:
            sql = f"""DELETE FROM presence WHERE tenant = ?1 AND client_id IN (SELECT value FROM json_each(?2))
            AND (?3 IS NULL OR seen_us < ?3) RETURNING {_PRESENCE}"""
            return [PresenceRow(*row) for row in cursor.execute(sql, (self._tenant, wanted, unseen_since_us))]

        return self._database.transact(work)

    def put_batch(self, row: BatchRow) -> None:
        self._change(_PUT_BATCH, (self._tenant, *fields_of(row)))

    def get_batch(self, batch_id: str) -> BatchRow | None:
        row = self._database.row(f"SELECT {_BATCH} FROM batches WHERE tenant = ? AND batch_id = ?", (self._tenant, batch_id))
        return None if row is None else BatchRow(*row)

    def list_batches(self, limit: int = 100) -> list[BatchRow]:
        sql = f"SELECT {_BATCH} FROM batches WHERE tenant = ? ORDER BY number DESC LIMIT ?"
        return [BatchRow(*row) for row in self._database.rows(sql, (self._tenant, limit))]

    def claim_batch(self, *, now_us: int, until_us: int) -> BatchRow | None:
        def work(cursor: apsw.Cursor) -> BatchRow | None:
            sql = f"""UPDATE batches SET fed_until_us = ? WHERE number = (
            SELECT min(number) FROM batches WHERE tenant = ? AND state = 'reading' AND fed_until_us <= ?) RETURNING {_BATCH}"""
            row = cursor.execute(sql, (until_us, self._tenant, now_us)).fetchone()
            return None if row is None else BatchRow(*row)

        return self._database.transact(work)

    def _change(self, sql: str, row: tuple[Any, ...]) -> None:
        def work(cursor: apsw.Cursor) -> None:
            cursor.execute(sql, row)

        self._database.transact(work)
