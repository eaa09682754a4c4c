"""``open_store``: the one way to a store by its path."""

from __future__ import annotations

from pathlib import Path

from worktrail.store.memory import MemoryStore
from worktrail.store.protocols import Store
from worktrail.store.sqlite import SqliteStore

__all__ = ["open_store"]


def open_store(path: str | Path | None, tenant_id: str = "default") -> Store:
    """A tenant's store: in the SQLite file at ``path`` (made when absent), or in memory for null and ``":memory:"``.

    Errors: CallerError STORE_PATH, STORE_NETWORK, STORE_VERSION; ProviderError STORE_READ_ONLY, STORE_PRAGMA, STORE_FULL,
    STORE_CORRUPT.
    """
    if path is None or str(path) == ":memory:":
        return MemoryStore(tenant_id)
    return SqliteStore(path, tenant_id)
