"""SqliteStore: a tenant's handle on a file, put together from its aggregates; what `doctor` asks of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw

from worktrail.store import checks
from worktrail.store.sqlite.connection import BUSY_TIMEOUT_MS, CHECKPOINT_PAGES, Database
from worktrail.store.sqlite.content import Content
from worktrail.store.sqlite.filesystem import file_system, sync_times_us
from worktrail.store.sqlite.journal import Journal
from worktrail.store.sqlite.migrations import SCHEMA_VERSION
from worktrail.store.sqlite.passing import Figures, Passing
from worktrail.store.sqlite.projections import Projections
from worktrail.store.sqlite.setup import Setup
from worktrail.store.sqlite.work import Commands, Leases

__all__ = ["SqliteStore"]


class SqliteStore(Journal, Projections, Commands, Leases, Content, Setup, Passing, Figures):
    """The protocol ``Store`` on one SQLite file. Thread-safe; methods block on the disk.

    ``busy_timeout_ms`` is how long a write waits for another process; ``checkpoint_pages`` how many pages the log holds
    before they move into the file; ``vfs`` names an apsw VFS (for tests of failing disks).
    """

    def __init__(
        self,
        path: str | Path,
        tenant_id: str = "default",
        *,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        checkpoint_pages: int = CHECKPOINT_PAGES,
        vfs: str | None = None,
    ) -> None:
        database = Database(path, busy_timeout_ms=busy_timeout_ms, checkpoint_pages=checkpoint_pages, vfs=vfs)
        try:
            super().__init__(database, tenant_id)
        except BaseException:
            database.close()
            raise

    @property
    def path(self) -> Path:
        """The database file."""
        return self._database.path

    def describe(self) -> dict[str, Any]:
        path = self._database.path
        return {
            "kind": "sqlite",
            "tenant_id": self.tenant_id,
            "durable": True,
            "path": str(path),
            "sqlite_version": apsw.sqlite_lib_version(),
            "apsw_version": apsw.apsw_version(),
            "schema_version": SCHEMA_VERSION,
            "created_by": self._meta("created_by"),
            "pragmas": self._database.pragmas(),
            "file_system": file_system(path),
            "file_mode": f"{path.stat().st_mode & 0o777:04o}",
            "sync_us": sync_times_us(path.parent),
            "sizes_bytes": {file.name: file.stat().st_size for file in self._files() if file.exists()},
            "dead": self._database.dead,
        }

    def _meta(self, name: str) -> str | None:
        row = self._database.row("SELECT value FROM meta WHERE name = ?", (name,))
        return None if row is None else str(row[0])

    def _files(self) -> tuple[Path, ...]:
        path = self._database.path
        return path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")

    def check(self) -> list[str]:
        found = [f"database: {row[0]}" for row in self._database.rows("PRAGMA integrity_check") if row[0] != "ok"]
        found += [
            f"database: table {table} row {rowid} names a row of {parent} that is not there"
            for table, rowid, parent, _ in self._database.rows("PRAGMA foreign_key_check")
        ]
        for (name,) in self._database.rows("SELECT name FROM streams WHERE tenant = ? ORDER BY number", (self._tenant,)):
            found += self.verify(name)
        statuses = self._database.rows("SELECT run_id, status FROM runs WHERE tenant = ? ORDER BY number", (self._tenant,))
        for run_id, status in statuses:
            found += checks.projection_problems(run_id, status, self.read_stream(f"run:{run_id}"))
        sql = "SELECT address, body FROM blobs WHERE tenant = ?"
        for address, body in self._database.rows(sql, (self._tenant,)):
            if self.blob_address(body) != address.hex():
                found.append(f"blob {address.hex()}: its bytes are not those it is named after")
        return found

    def close(self) -> None:
        self._database.close()
