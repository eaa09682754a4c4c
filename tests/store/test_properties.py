"""Two handles on one file, in any interleaving, answer as the store in memory does; and what is written is read back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.store.build import ENDINGS, NOW, TTL, append, new_run, started
from worktrail.errors import WorktrailError
from worktrail.store import CommandRow, Commit, Lease, MemoryStore, RunFilter, RunUpdate, SqliteStore, Store, StreamAppend

RUNS = st.sampled_from(["a", "b", "c", "d", "e", "f"])
LEASES = st.sampled_from(["L1", "L2", "L3"])
HOLDERS = st.sampled_from(["L1", "L2", "L3", None])
TRAILS = st.sampled_from(["run:a", "run:b", "task:t", "task:u", "observed"])
HANDLES = st.integers(0, 1)


def outcome(work: Callable[[], Any]) -> Any:
    """What a call did, comparable between stores: the code of a refusal, or the answer without epochs."""
    try:
        answer = work()
    except WorktrailError as error:
        return error.code
    if isinstance(answer, Lease):
        return ("lease", answer.lease_id, answer.expires_us)
    return answer


class TwoHandles(RuleBasedStateMachine):
    """Every rule is done through one of two handles on a file and in memory, and must come out alike."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.handles = [self.opened(), self.opened()]
        self.memory = MemoryStore()
        self.now = NOW
        self.held: dict[str, tuple[Lease, Lease]] = {}  # what each process believes: lease on the file, lease in memory
        self.wishes = 0

    def opened(self) -> SqliteStore:
        return SqliteStore(Path(self.folder.name) / "trail.db")

    def both(self, handle: int, work: Callable[[Store, int], Any]) -> Any:
        on_file = outcome(lambda: work(self.handles[handle], 0))
        in_memory = outcome(lambda: work(self.memory, 1))
        assert on_file == in_memory
        return on_file

    def lease(self, name: str | None, which: int) -> Lease | None:
        return None if name is None or name not in self.held else self.held[name][which]

    @rule(handle=HANDLES, name=LEASES)
    def acquire(self, handle: int, name: str) -> None:
        more: dict[str, Any] = {"now_us": self.now, "ttl_us": TTL, "address": None, "process": ""}
        self.held[name] = (self.handles[handle].acquire(name, **more), self.memory.acquire(name, **more))

    @rule(handle=HANDLES, name=LEASES)
    def renew(self, handle: int, name: str) -> None:
        if name in self.held:
            self.both(handle, lambda store, which: store.renew(self.held[name][which], now_us=self.now, ttl_us=TTL))

    @rule(handle=HANDLES, name=LEASES)
    def release(self, handle: int, name: str) -> None:
        if name in self.held:
            self.both(handle, lambda store, which: store.release(self.held[name][which], now_us=self.now))

    @rule(handle=HANDLES, name=LEASES, limit=st.integers(1, 3), locks=st.sampled_from([None, ["x"], ["x", "y"]]))
    def claim(self, handle: int, name: str, limit: int, locks: list[str] | None) -> None:
        if name in self.held:
            self.both(handle, lambda store, which: store.claim(self.held[name][which], now_us=self.now, locks=locks, limit=limit))

    @rule(amount=st.sampled_from([1, TTL // 2, TTL]))
    def later(self, amount: int) -> None:
        self.now += amount

    @rule(handle=HANDLES, name=HOLDERS, runs=st.lists(RUNS, min_size=1, max_size=3), lock=st.sampled_from(["x", "y"]))
    def begin_runs(self, handle: int, name: str | None, runs: list[str], lock: str) -> None:
        def work(store: Store, which: int) -> Any:
            told = [append(f"run:{run}", 1, started()) for run in runs]
            rows = [new_run(run, lock_hash=lock) for run in runs]
            return store.commit(Commit(lease=self.lease(name, which), new_runs=rows, appends=told)).position

        self.both(handle, work)

    @rule(handle=HANDLES, name=HOLDERS, stream=TRAILS, wrong=st.integers(-1, 5))
    def add(self, handle: int, name: str | None, stream: str, wrong: int) -> None:
        trail = self.memory.read_stream(stream)
        following = trail[-1].first_seq + trail[-1].count if trail else 1
        told = append(stream, max(1, following + (wrong if wrong in {-1, 1} else 0)))
        self.both(handle, lambda store, which: store.commit(Commit(lease=self.lease(name, which), appends=[told])).position)

    @rule(handle=HANDLES, name=HOLDERS, run=RUNS, status=st.sampled_from(["running", "waiting", *ENDINGS]))
    def update(self, handle: int, name: str | None, run: str, status: str) -> None:
        trail = self.memory.read_stream(f"run:{run}")
        row = self.memory.get_run(run)
        following = trail[-1].first_seq + 1 if trail else 1
        told = [append(f"run:{run}", following, ENDINGS[status])] if status in ENDINGS else []
        if row is not None and row.ended_us is not None and status in ENDINGS:
            return  # a trail has one ending
        wish = RunUpdate(run, status, self.now)
        self.both(
            handle,
            lambda store, which: store.commit(Commit(lease=self.lease(name, which), appends=told, run_updates=[wish])).position,
        )

    @rule(handle=HANDLES, run=RUNS)
    def send(self, handle: int, run: str) -> None:
        self.wishes += 1
        wish = CommandRow(f"c{self.wishes}", run, "cancel", b"{}", "user:ann", self.now)
        self.both(handle, lambda store, _: store.send(wish))

    @rule(handle=HANDLES, name=HOLDERS)
    def look(self, handle: int, name: str | None) -> None:
        self.both(handle, lambda store, which: store.pending(self.lease(name, which)))
        if name in self.held:
            self.both(handle, lambda store, which: store.owned_runs(self.held[name][which]))
        self.both(handle, lambda store, _: store.unclaimed_locks(now_us=self.now))
        self.both(handle, lambda store, _: [(lease.lease_id, lease.expires_us) for lease in sorted(store.list_leases(), key=str)])

    @rule(handle=HANDLES)
    def open_again(self, handle: int) -> None:
        self.handles[handle].close()
        self.handles[handle] = self.opened()

    @invariant()
    def they_agree(self) -> None:
        for handle in (0, 1):
            self.both(handle, lambda store, _: store.list_runs(RunFilter()))
            self.both(handle, lambda store, _: store.position())

    def teardown(self) -> None:
        if not hasattr(self, "handles"):
            return
        self.both(0, lambda store, _: [(each.position, each.stream, each.first_seq, each.body) for each in store.read_after(0)])
        self.both(1, lambda store, _: store.check())
        assert self.memory.check() == []
        for handle in self.handles:
            handle.close()
        self.folder.cleanup()


TestTwoHandles = TwoHandles.TestCase
TestTwoHandles.pytestmark = [pytest.mark.slow]  # type: ignore[attr-defined]
TestTwoHandles.settings = settings(max_examples=100, stateful_step_count=40, suppress_health_check=list(HealthCheck))

STREAMS = st.sampled_from(["task:a", "task:b", "observed", "segment:ü/\U0001f600"])
BODIES = st.binary(min_size=1, max_size=300)


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(st.tuples(STREAMS, st.integers(1, 4), BODIES), max_size=90), max_size=6))
def test_what_is_committed_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[str, int, bytes]]]
) -> None:
    store = SqliteStore(tmp_path_factory.mktemp("store") / "trail.db")
    following: dict[str, int] = {}
    written: list[tuple[str, int, int, bytes]] = []
    last = 0
    for batch in batches:
        commit = Commit()
        for stream, count, body in batch:
            first_seq = following.get(stream, 1)
            following[stream] = first_seq + count
            commit.appends.append(StreamAppend(stream, first_seq, count, body))
            written.append((stream, first_seq, count, body))
        position = store.commit(commit).position
        assert position == last + len(batch)
        last = position
    read = store.read_after(0, limit=10_000)
    assert [each.position for each in read] == list(range(1, len(written) + 1))
    assert [(each.stream, each.first_seq, each.count, each.body) for each in read] == written
    for stream in following:
        assert store.read_stream(stream) == [each for each in read if each.stream == stream]
        assert store.verify(stream) == []
    store.close()
