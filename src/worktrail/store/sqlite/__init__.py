"""The store in one SQLite file, through apsw."""

from __future__ import annotations

from worktrail.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
