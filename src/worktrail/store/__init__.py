"""Where trails are kept: stores in memory and in SQLite behind the same small protocols. Never: decisions.

Only a handle bound to one tenant leaves this room: ``open_store``.
"""

from __future__ import annotations

from worktrail.store.borders import BORDERS, border
from worktrail.store.memory import MemoryStore
from worktrail.store.opening import open_store
from worktrail.store.passing import Batches, BatchRow, CauseRow, PresenceRow, Presences, Tick
from worktrail.store.protocols import (
    Blobs,
    CommandRow,
    Commands,
    Commit,
    Committed,
    Definitions,
    Followed,
    Inbox,
    Journal,
    Lease,
    Leases,
    NewRun,
    RunFilter,
    RunRow,
    Runs,
    RunTally,
    RunTotal,
    RunUpdate,
    Snapshots,
    Store,
    StoredAppend,
    StreamAppend,
    TaskFilter,
    TaskRow,
)
from worktrail.store.setup import Access, AccessKey, Calls, PublishedRow, Publishing, RememberedCall, Session, View, Views
from worktrail.store.sqlite import SqliteStore

__all__ = [
    "BORDERS",
    "Access",
    "AccessKey",
    "BatchRow",
    "Batches",
    "Blobs",
    "Calls",
    "CauseRow",
    "CommandRow",
    "Commands",
    "Commit",
    "Committed",
    "Definitions",
    "Followed",
    "Inbox",
    "Journal",
    "Lease",
    "Leases",
    "MemoryStore",
    "NewRun",
    "PresenceRow",
    "Presences",
    "PublishedRow",
    "Publishing",
    "RememberedCall",
    "RunFilter",
    "RunRow",
    "RunTally",
    "RunTotal",
    "RunUpdate",
    "Runs",
    "Session",
    "Snapshots",
    "SqliteStore",
    "Store",
    "StoredAppend",
    "StreamAppend",
    "TaskFilter",
    "TaskRow",
    "Tick",
    "View",
    "Views",
    "border",
    "open_store",
]
