"""The promise of a stream: every append of a reader's topics once, in order, or an explicit gap. Whatever readers do (leave,
come back with their last id, stop reading), however small the ring is, and whoever writes, this process or another one."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.board import Listener, Writer, following
from worktrail.app.live import ACTIVITY, INBOX, Ring
from worktrail.store import SqliteStore

ROUNDS = 25
SEEDS = (
    [int(os.environ["WORKTRAIL_SEED"])]
    if "WORKTRAIL_SEED" in os.environ
    else [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 24))]
)
OURS, THEIRS = ("a", "b"), ("x", "y")
TOPICS = [f"run:{run}" for run in OURS + THEIRS] + [ACTIVITY, INBOX]


class Other:
    """The other process, and what it was asked to write."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.live.other"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def write(self, path: Path, run_id: str, count: int) -> threading.Thread:
        """Begins to write; the thread ends when it has."""

        def ask() -> None:
            assert self.process.stdin is not None
            assert self.process.stdout is not None
            self.process.stdin.write(f"{path} {run_id} {count}\n")
            self.process.stdin.flush()
            assert int(self.process.stdout.readline()) > 0

        thread = threading.Thread(target=ask)
        thread.start()
        return thread


@pytest.fixture(scope="module")
def other() -> Iterator[Other]:
    made = Other()
    yield made
    made.process.communicate(timeout=30)
    assert made.process.returncode == 0


def wanted(store: SqliteStore, listener: Listener, start: int) -> list[int]:
    """The positions that the listener must be told of, read from the journal without the code under test."""
    found = []
    for stored in store.read_after(0, 1_000_000):
        headline = stored.body.split(b"[[", 1)[1].startswith((b"1,", b"2,"))
        topics = {stored.stream} | ({ACTIVITY} if headline and stored.stream.startswith("run:") else set())
        topics |= {INBOX} if stored.stream.startswith("task:") else set()
        if stored.position > start and topics & set(listener.topics):
            found.append(stored.position)
    return found


def judge(listener: Listener, expected: list[int]) -> None:
    told = listener.positions
    assert told == sorted(set(told)), "out of order, or twice"
    missed = set(expected) - set(told)
    in_gaps = {each for each in expected for low, high in listener.gaps if low < each <= high}
    assert missed == in_gaps, "missing without a gap, or told although in a gap"
    assert set(told) <= set(expected)


async def act(chance: random.Random, listener: Listener) -> None:
    """What a client does next."""
    what = chance.choice(["nothing", "leave", "take", "take", "take"])
    if listener.reader is None:
        if what != "nothing":
            listener.connect()
    elif what == "leave":
        listener.disconnect()
    elif what == "take":
        for _ in range(chance.randint(1, 4)):
            try:
                await asyncio.wait_for(listener.take(), 0.003)
            except TimeoutError:
                return


def write(chance: random.Random, writer: Writer, tasks: int) -> int:
    """One append of this process: a step of a run, or a task; how many tasks it made."""
    run_id = chance.choice(OURS)
    if chance.random() < 0.2:
        writer.ask(f"t{tasks + 1}")
        return 1
    if run_id in writer.seqs:
        writer.step(run_id)
    else:
        writer.begin(run_id)
    return 0


@pytest.mark.parametrize("seed", SEEDS)
def test_every_append_once_in_order_or_in_a_gap(seed: int, tmp_path: Path, other: Other) -> None:
    chance = random.Random(seed)
    path = tmp_path / "live.db"

    async def scene(store: SqliteStore) -> None:
        writer = Writer(store)
        ring = Ring(max_entries=chance.randint(5, 60), room_bytes=chance.choice([1, 2_000, 100_000]))
        async with following(store, ring=ring, read_again=chance.choice([0, 20, 100, 1000])) as (hub, follower):
            listeners = [Listener(hub, tuple(chance.sample(TOPICS, chance.randint(1, 4))), after=0) for _ in range(8)]
            tasks = 0
            for _ in range(ROUNDS):
                theirs = other.write(path, chance.choice(THEIRS), chance.randint(1, 12))
                for _ in range(chance.randint(0, 8)):
                    tasks += write(chance, writer, tasks)
                    if chance.random() < 0.5:
                        follower.nudge()
                    if chance.random() < 0.3:
                        await act(chance, chance.choice(listeners))
                for listener in listeners:
                    await act(chance, listener)
                await asyncio.to_thread(theirs.join)
            await finish(store, writer, listeners)
            for listener in listeners:
                judge(listener, wanted(store, listener, 0))

    async def finish(store: SqliteStore, writer: Writer, listeners: list[Listener]) -> None:
        """Something last for every topic, and everybody reads to the end of it."""
        for run_id in THEIRS:
            await asyncio.to_thread(other.write(path, run_id, 2).join)
        for run_id in OURS:
            writer.step(run_id) if run_id in writer.seqs else writer.begin(run_id)
        writer.begin("last")
        writer.ask("last")
        for listener in listeners:
            if listener.reader is None:
                listener.connect()
            await listener.until(wanted(store, listener, 0)[-1])

    store = SqliteStore(path)
    try:
        asyncio.run(asyncio.wait_for(scene(store), 120))
    finally:
        store.close()
