"""What the tests of live streams share: a journal to write to, and a reader that keeps what it is told."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from worktrail.app.live import Follower, Hub, Reader, Ring
from worktrail.events import NULL, Origin, SegmentCompleted, SegmentStarted, StepCompleted, StepScheduled, encode_body
from worktrail.human import Form, TaskCreated, encode_task_body
from worktrail.store import Commit, NewRun, Store, StreamAppend, TaskRow

_times = itertools.count(1_700_000_000_000_000, 1000)


class Writer:
    """Writes runs and tasks into a store, without an engine."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.seqs: dict[str, int] = {}

    def begin(self, run_id: str, workspace_id: str = "default") -> int:
        """A run begins: one append that is a headline. Its position."""
        started = SegmentStarted("orders", "sha256:1", "sha256:2", NULL, "seed")
        new = NewRun(run_id, "orders", "sha256:1", "sha256:2", next(_times), workspace_id, business_key=f"key of {run_id}")
        return self._append(run_id, [started], [new])

    def step(self, run_id: str, name: str = "a") -> int:
        """Two events that are no headlines."""
        return self._append(run_id, [StepScheduled(name), StepCompleted(name, {"output": NULL})])

    def end(self, run_id: str) -> int:
        """The run's end: a headline."""
        return self._append(run_id, [SegmentCompleted(NULL)])

    def ask(self, task_id: str, workspace_id: str = "default") -> int:
        """A task opens: an append of the inbox."""
        body = encode_task_body(next(_times), Origin("somebody"), [TaskCreated(Form(title="?"), b"null")])  # type: ignore[arg-type]
        row = TaskRow(task_id, "open", "approval", "?", next(_times), 1, workspace_id=workspace_id)
        append = StreamAppend(f"task:{task_id}", 1, 1, body)
        return self.store.commit(Commit(appends=[append], tasks=[row])).position

    def _append(self, run_id: str, events: list[Any], new: list[NewRun] | None = None) -> int:
        seq = self.seqs.get(run_id, 1)
        append = StreamAppend(f"run:{run_id}", seq, len(events), encode_body(next(_times), None, events))
        position = self.store.commit(Commit(appends=[append], new_runs=new or [])).position
        self.seqs[run_id] = seq + len(events)
        return position


@asynccontextmanager
async def following(store: Store, *, ring: Ring | None = None, **options: Any) -> AsyncIterator[tuple[Hub, Follower]]:
    """A hub over a store, and the follower that feeds it."""
    hub = Hub(position=store.position(), follow=store.follow, ring=ring, **options)
    follower = Follower(store, hub.publish, lambda: hub.interest, poll_s=0.002)
    follower.start()
    try:
        yield hub, follower
    finally:
        await hub.close(within_s=0.0)
        await asyncio.to_thread(follower.stop)


def messages(data: bytes) -> list[dict[str, Any]]:
    """The messages in bytes of a stream: ``{id?, event?, data?}``."""
    found = []
    for block in data.decode().split("\n\n"):
        one: dict[str, Any] = {}
        for line in block.splitlines():
            name, _, text = line.partition(": ")
            if name:
                one[name] = json.loads(text) if name == "data" else int(text) if name == "id" else text
        if one:
            found.append(one)
    return found


class Listener:
    """A client: takes what it is given and remembers it."""

    def __init__(self, hub: Hub, topics: tuple[str, ...], **options: Any) -> None:
        self.hub = hub
        self.topics = topics
        self.options = options
        self.told: list[dict[str, Any]] = []
        self.last_id: int | None = options.get("after")
        self.reader: Reader | None = None

    def connect(self) -> None:
        options = {**self.options, "after": self.last_id}
        self.reader = self.hub.attach(self.topics, **options)
        if self.last_id is None:
            self.last_id = self.reader.position

    def disconnect(self) -> None:
        assert self.reader is not None
        self.hub.detach(self.reader)
        self.reader = None

    async def take(self) -> list[dict[str, Any]]:
        """The next messages; remembers ids as a browser does."""
        assert self.reader is not None
        data = await self.reader.take()
        found = [] if data is None else messages(data)
        for one in found:
            self.last_id = one.get("id", self.last_id)
        self.told += found
        return found

    async def until(self, position: int) -> None:
        """Takes until everything up to a position was told."""
        while (self.last_id or 0) < position:
            await asyncio.wait_for(self.take(), 30)

    @property
    def positions(self) -> list[int]:
        return [one["data"]["position"] for one in self.told if one.get("event") == "append"]

    @property
    def gaps(self) -> list[tuple[int, int]]:
        return [(one["data"]["from"], one["data"]["to"]) for one in self.told if one.get("event") == "gap"]
