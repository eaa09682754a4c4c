"""The work that is measured: a chain of ten steps by a user's handler, with callbacks, time limits and a condition.

Rule: only the public doors are used (``worktrail.app.SegmentRunner``, ``worktrail.store``), with their default settings.
Every step has a time limit, every run observers of start, end and error; one edge in ten has a condition that is true.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bench.machine import Meter, Spent, Tally, tally
from worktrail.app import SegmentRunner
from worktrail.contract import EdgeDefinition, SegmentDefinition, SegmentPolicy, StepDefinition
from worktrail.store import Commit, Committed, SqliteStore, Store, open_store

__all__ = ["STEPS", "Gaps", "Measured", "SlowStore", "Work", "chain", "drive", "p", "runner_over", "settings", "timed_runs"]

STEPS = 10
INPUT = {"n": 1, "who": "somebody", "what": "a trivial request"}


def chain(steps: int = STEPS) -> SegmentDefinition:
    """Steps one after the other; one edge in ten has a condition."""
    made = [StepDefinition(f"step_{number}", "bench_work") for number in range(steps)]
    edges = [
        EdgeDefinition(
            f"step_{number}", "output", f"step_{number + 1}", condition="value.n > 0" if number % 10 == 4 or steps < 6 else None
        )
        for number in range(steps - 1)
    ]
    return SegmentDefinition(f"bench_{steps}", steps=made, edges=edges, policy=SegmentPolicy(step_timeout=30.0))


class Gaps:
    """Times between the return of one handler and the entry of the next of the same run, in microseconds."""

    def __init__(self) -> None:
        self.us: list[float] = []
        self.left: dict[str, int] = {}

    def entered(self, run_id: str) -> None:
        before = self.left.pop(run_id, None)
        if before is not None:
            self.us.append((time.perf_counter_ns() - before) / 1000)


class Work:
    """The user's handler. ``pause_s`` is a pair between which it sleeps, as a handler that waits for a service does."""

    def __init__(self, pause_s: tuple[float, float] | None = None, *, fib: bool = False) -> None:
        self.gaps = Gaps()
        self._fib = fib
        self._pause_s = pause_s
        self._chance = random.Random(7)

    async def __call__(self, ctx: Any, config: dict[str, Any], inputs: Any) -> dict[str, Any]:
        self.gaps.entered(ctx.run_id)
        if self._pause_s is not None:
            await asyncio.sleep(self._chance.uniform(*self._pause_s))
        if self._fib:
            fibonacci(10)
        value = inputs["input"]
        answer = {"output": {"n": value["n"] + 1, "who": value["who"]}}
        self.gaps.left[ctx.run_id] = time.perf_counter_ns()
        return answer


def fibonacci(number: int) -> int:
    """The slow way: 177 calls for 10."""
    return number if number < 2 else fibonacci(number - 1) + fibonacci(number - 2)


class SlowStore(SqliteStore):
    """A store on a slower disk: every commit sleeps before it is done. A stand-in for a sync that takes longer; the syncs of
    checkpoints (two in a thousand pages) keep their own time."""

    def __init__(self, path: Path, extra_s: float) -> None:
        super().__init__(path)
        self._extra_s = extra_s

    def commit(self, commit: Commit) -> Committed:
        time.sleep(self._extra_s)
        return super().commit(commit)


class Observer:
    """Callbacks as an application has them."""

    def __init__(self) -> None:
        self.started = self.completed = self.failed = 0

    def on_start(self, step_id: str, inputs: Any) -> None:
        self.started += 1

    def on_complete(self, step_id: str, outputs: Any) -> None:
        self.completed += 1

    def on_error(self, step_id: str, error: Any) -> None:
        self.failed += 1


@asynccontextmanager
async def runner_over(store: Store, work: Any, *, concurrency: int = 64) -> AsyncIterator[SegmentRunner]:
    """An open runner with the handler registered; the store stays the caller's."""
    runner = SegmentRunner(store, concurrency=concurrency)
    runner.register_handler("bench_work", work)
    async with runner:
        yield runner


async def drive(
    runner: SegmentRunner, segment: SegmentDefinition, runs: int, ways: int, observer: Observer | None = None
) -> None:
    """``runs`` runs, ``ways`` of them at a time, each waited for to its end."""
    seen = observer or Observer()
    left = iter(range(runs))

    async def lane() -> None:
        for _ in left:
            result = await runner.run(
                segment, None, INPUT, on_step_start=seen.on_start, on_step_complete=seen.on_complete, on_step_error=seen.on_error
            )
            assert str(result.status) == "completed", result

    await asyncio.gather(*(lane() for _ in range(ways)))


class Measured(NamedTuple):
    """One round: what it took, what the closed file holds, the gaps between handlers, bytes of an empty file beside it."""

    spent: Spent
    counted: Tally
    gaps_us: list[float]
    bytes_a_step: float

    @property
    def steps_a_second(self) -> float:
        return self.counted.steps / self.spent.wall

    @property
    def cpu_us(self) -> float:
        return self.spent.cpu / self.counted.steps * 1e6


def timed_runs(
    path: Path,
    runs: int,
    ways: int,
    *,
    extra_s: float | None = None,
    pause_s: tuple[float, float] | None = None,
    steps: int = STEPS,
    fib: bool = False,
    prepared: Callable[[], None] = lambda: None,
) -> Measured:
    """One round on a fresh file: warm up, measure, close, count. ``prepared`` is called between warming up and measuring."""
    store: Store = open_store(path) if extra_s is None else SlowStore(path, extra_s)
    work, warm = Work(pause_s, fib=fib), max(2, min(ways, runs // 4))

    async def main() -> Spent:
        async with runner_over(store, work, concurrency=max(64, ways)) as runner:
            segment = chain(steps)
            await drive(runner, segment, warm, ways)
            work.gaps.us.clear()
            prepared()
            with Meter() as meter:
                await drive(runner, segment, runs, ways)
            return meter.spent

    try:
        spent = asyncio.run(main())
    finally:
        store.close()
    counted = tally(path)
    assert counted.runs == runs + warm and counted.steps == (runs + warm) * steps, counted
    size = (counted.size - empty_size(path)) / counted.steps
    return Measured(spent, counted._replace(runs=runs, steps=runs * steps), work.gaps.us, size)


def empty_size(path: Path) -> int:
    """Bytes of a file without runs."""
    place = path.with_suffix(".empty")
    if not place.exists():
        open_store(place).close()
    return place.stat().st_size


def settings(path: Path) -> str:
    """The settings of the database as the connection answers, so that nobody has to believe them."""
    store = open_store(path)
    try:
        pragmas = store.describe()["pragmas"]
    finally:
        store.close()
    return ", ".join(f"{name}={pragmas[name]}" for name in ("journal_mode", "synchronous", "page_size"))


def p(values: list[float], percent: float) -> float:
    """A percentile; 0 of nothing."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
