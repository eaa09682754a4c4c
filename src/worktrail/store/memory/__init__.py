"""MemoryStore: the same promises without a disk, for tests, demos and the analysis of a trail. One handle, one tenant, nothing
shared.
"""

from __future__ import annotations

from worktrail.store.memory.store import MemoryStore

__all__ = ["MemoryStore"]
