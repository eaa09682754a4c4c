"""A tenant's live side: follower and hub on the web's loop, and the bus that programs tell by.

Rule: the follower runs as long as the server does, because it is also what notices that another process wrote, and wakes the
driver then; frames are built only while somebody reads.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Hashable
from typing import Any, Final

from worktrail.app.live import FEED, Follower, Hub, RealtimeBus
from worktrail.errors import WorktrailError
from worktrail.store import RunFilter, Store, TaskFilter

__all__ = ["Live"]

CHORES_S: Final = 1.0
BATCHES: Final = 20  # the newest that are looked at


class Live:
    """Made on the loop that serves; ``close`` it there. ``allowed(ticket)`` says whether a stream may go on."""

    def __init__(
        self,
        store: Store,
        *,
        server: str,
        allowed: Callable[[Hashable], tuple[str, str] | None],
        on_foreign: Callable[[], None],
    ) -> None:
        self._store = store
        self.hub = Hub(position=store.position(), follow=store.follow, server=server, count=self.count, allowed=allowed)
        self.follower = Follower(
            store,
            self.hub.publish,
            lambda: self.hub.interest,
            on_foreign=on_foreign,
            readers=lambda: len(self.hub.readers),
        )
        self.bus = RealtimeBus(store, committed=self.follower.nudge, subscribers=self.subscribers)
        self.follower.start()
        self._chores = asyncio.get_running_loop().create_task(self._do_chores())

    def subscribers(self, workspaces: frozenset[str] | None) -> int:
        """Streams of the feed, as far as a scope shares a workspace with them."""
        scopes = [reader.view.workspaces for reader in list(self.hub.readers) if FEED in reader.view.topics]
        return sum(workspaces is None or scope is None or bool(workspaces & scope) for scope in scopes)

    def count(self, workspaces: frozenset[str] | None) -> dict[str, Any]:
        """What the topic `counts` tells: ``{by_status, by_wait, open_tasks, position, batches}``; ``batches`` are the files that
        are being read, ``{batch_id, rows, started, already, skipped}``. Blocks on the disk."""
        position = self._store.position()
        seen = None if workspaces is None else sorted(workspaces)
        tally = self._store.tally_runs(RunFilter(workspaces=seen))
        tasks = self._store.count_tasks(TaskFilter(workspaces=seen))
        reading = [row for row in self._store.list_batches(BATCHES) if row.state == "reading"]
        return {
            "by_status": tally.by_status,
            "by_wait": tally.by_wait,
            "open_tasks": tasks,
            "position": position,
            "batches": [
                {name: getattr(row, name) for name in ("batch_id", "rows", "started", "already", "skipped")}
                for row in reading
                if workspaces is None or row.workspace_id in workspaces
            ],
        }

    async def _do_chores(self) -> None:
        while True:
            await asyncio.sleep(CHORES_S)
            with contextlib.suppress(WorktrailError):  # a database in trouble: tried again
                await asyncio.to_thread(self.bus.presence.chores)

    async def close(self) -> None:
        """Streams are told to come back; nothing follows the journal any more."""
        self._chores.cancel()
        await self.hub.close()
        await asyncio.to_thread(self.follower.stop)
