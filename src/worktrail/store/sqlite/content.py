"""What is named by its hash: definitions and blobs; and the snapshots, which may be deleted at any time."""

from __future__ import annotations

import apsw

from worktrail.store import chain, rules
from worktrail.store.borders import border
from worktrail.store.sqlite.tenant import Tenant

__all__ = ["Content"]


class Content(Tenant):
    """Definitions, blobs, snapshots. Blobs are written by the commit whose events name them."""

    def put_definition(self, digest: str, kind: str, body: bytes) -> None:
        row = (self._tenant, digest, kind, body)
        if self._database.row("SELECT 1 FROM definitions WHERE tenant = ? AND digest = ?", row[:2]) is None:
            sql = "INSERT INTO definitions (tenant, digest, kind, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
            self._put(sql, row)
        border("store.definition.put.after")

    def get_definition(self, digest: str) -> bytes:
        row = self._database.row("SELECT body FROM definitions WHERE tenant = ? AND digest = ?", (self._tenant, digest))
        if row is None:
            raise rules.not_found("definition", digest)
        return bytes(row[0])

    def blob_address(self, body: bytes) -> str:
        return chain.address_of(self._key, body)

    def get_blob(self, address: str) -> bytes:
        try:
            key = bytes.fromhex(address)
        except ValueError:
            raise rules.not_found("blob", address) from None
        row = self._database.row("SELECT body FROM blobs WHERE tenant = ? AND address = ?", (self._tenant, key))
        if row is None:
            raise rules.not_found("blob", address)
        return bytes(row[0])

    def put_snapshot(self, run_id: str, seq: int, digest: bytes, body: bytes) -> None:
        sql = """INSERT INTO snapshots (tenant, run_id, seq, digest, body) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (tenant, run_id) DO UPDATE SET seq = excluded.seq, digest = excluded.digest, body = excluded.body
        WHERE excluded.seq >= snapshots.seq"""
        self._put(sql, (self._tenant, run_id, seq, digest, body))

    def get_snapshot(self, run_id: str) -> tuple[int, bytes, bytes] | None:
        row = self._database.row(
            "SELECT seq, digest, body FROM snapshots WHERE tenant = ? AND run_id = ?", (self._tenant, run_id)
        )
        return None if row is None else (row[0], row[1], row[2])

    def _put(self, sql: str, row: tuple[object, ...]) -> None:
        def work(cursor: apsw.Cursor) -> None:
            cursor.execute(sql, row)

        self._database.transact(work)
