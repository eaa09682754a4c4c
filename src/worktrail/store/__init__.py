"""Where trails are kept: stores in memory and in SQLite behind the same small protocols. Never: decisions.

Only a handle bound to one tenant leaves this room: ``open_store``.
"""

from __future__ import annotations

from worktrail.store.borders import BORDERS, border
from worktrail.store.memory import MemoryStore
from worktrail.store.opening import open_store
from worktrail.store.protocols import (
    Blobs,
    CommandRow,
    Commands,
    Commit,
    Committed,
    Definitions,
    Inbox,
    Journal,
    Lease,
    Leases,
    NewRun,
    RunFilter,
    RunRow,
    Runs,
    RunUpdate,
    Snapshots,
    Store,
    StoredAppend,
    StreamAppend,
    TaskFilter,
    TaskRow,
)
from worktrail.store.sqlite import SqliteStore

__all__ = [
    "BORDERS",
    "Blobs",
    "CommandRow",
    "Commands",
    "Commit",
    "Committed",
    "Definitions",
    "Inbox",
    "Journal",
    "Lease",
    "Leases",
    "MemoryStore",
    "NewRun",
    "RunFilter",
    "RunRow",
    "RunUpdate",
    "Runs",
    "Snapshots",
    "SqliteStore",
    "Store",
    "StoredAppend",
    "StreamAppend",
    "TaskFilter",
    "TaskRow",
    "border",
    "open_store",
]
