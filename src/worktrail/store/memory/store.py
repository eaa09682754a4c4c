"""MemoryStore: a tenant's handle, put together from its aggregates."""

from __future__ import annotations

from typing import Any

from worktrail.store import checks
from worktrail.store.memory.content import Content
from worktrail.store.memory.journal import Journal
from worktrail.store.memory.passing import Passing
from worktrail.store.memory.projections import Projections
from worktrail.store.memory.setup import Setup
from worktrail.store.memory.work import Work

__all__ = ["MemoryStore"]


class MemoryStore(Journal, Projections, Content, Work, Setup, Passing):
    """A tenant's store in memory: the protocol ``Store``."""

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "memory",
            "tenant_id": self.tenant_id,
            "durable": False,
            "appends": len(self._journal),
            "runs": len(self._runs),
        }

    def check(self) -> list[str]:
        with self._lock:
            self._open()
            found = [problem for stream in self._streams for problem in self.verify(stream)]
            for run_id, row in self._runs.items():
                found += checks.projection_problems(run_id, row.status, self.read_stream(f"run:{run_id}"))
            return found

    def close(self) -> None:
        self._closed = True
