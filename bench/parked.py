"""Runs that wait, runs that are folded again, maps, and memory: the cases of ``bench.engine`` that are not about a chain.

Everything goes through the public doors; folding uses those of ``engine`` and ``events``, as a reader of trails does.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.children import Child
from bench.machine import Figure, Meter, print_figure
from bench.workload import INPUT, Work, chain, drive, p, runner_over
from worktrail.app import SegmentRunner
from worktrail.contract import SegmentDefinition, read_lock
from worktrail.engine import compile_plan, fold
from worktrail.events import Append, decode_body
from worktrail.store import Store, TaskFilter, open_store

__all__ = ["cold", "decide", "fold_all", "maps", "memory", "nothing", "refold", "resident_kb"]

PARKED = 10_000
DECISIONS = 150
DECISION = SegmentDefinition.from_dict(
    {
        "worktrail": 1,
        "segment_id": "bench_decision",
        "version": "1",
        "steps": [
            {"step_id": "ask", "step_type": "human_task", "config": {"title": "Is this right?"}},
            {"step_id": "then", "step_type": "bench_work"},
        ],
        "edges": [{"source_step": "ask", "source_port": "approved", "target_step": "then", "target_port": "input"}],
    }
)
MAP = SegmentDefinition.from_dict(
    {
        "worktrail": 1,
        "segment_id": "bench_map",
        "version": "1",
        "steps": [
            {
                "step_id": "each",
                "step_type": "map",
                "config": {"concurrency": 50, "body": {"steps": [{"step_id": "one", "step_type": "bench_work"}], "edges": []}},
            }
        ],
        "edges": [],
    }
)


async def nothing(ctx: Any, config: dict[str, Any], inputs: Any) -> dict[str, Any]:
    """A handler that is there, so that a process can serve the runs."""
    return {"output": None}


async def park(runner: SegmentRunner, runs: int) -> list[str]:
    """Starts runs that wait for a person at once; their ids."""
    made: list[str] = []
    left = iter(range(runs))

    async def lane() -> None:
        for _ in left:
            made.append(await runner.start(DECISION, INPUT))
            await runner.driver.settled(made[-1])

    await asyncio.gather(*(lane() for _ in range(100)))
    return made


# --- cold start -------------------------------------------------------------------------------------------------------


def cold(path: Path, rounds: int) -> None:
    """A new process over 10,000 runs that wait for people."""
    store = open_store(path)

    async def main() -> None:
        async with runner_over(store, nothing) as runner:
            await park(runner, PARKED)

    asyncio.run(main())
    store.close()
    told, whole, others = [], [], []
    for _ in range(rounds):
        with Meter() as meter:
            child = Child("cold", str(path))
            answer = child.answer()
        told.append(answer)
        whole.append((answer["ready_ns"] - child.began_ns) / 1e6)
        others.append(meter.spent.others)
    count = told[0]["runs"]
    engine = [one["engine"] for one in told]
    print_figure(Figure(f"cold, {count:,} parked runs: engine ready, ms", engine, "50", "20", digits=1, others=others))
    print_figure(Figure("  process ready (imports and all), ms", whole, "1,000", "600"))
    print_figure(Figure(f"  read and fold all {told[0]['events']:,} events, ms", [one["refold"] for one in told], "1,000", "500"))


def fold_all(store: Store) -> tuple[int, int, float]:
    """Reads every run's trail and folds it; (events, runs, seconds)."""
    began = time.perf_counter()
    trails: dict[str, list[Append]] = {}
    position, events = 0, 0
    while page := store.read_after(position, 5000):
        for stored in page:
            if stored.stream.startswith("run:"):
                trails.setdefault(stored.stream, []).append(decode_body(stored.body, stored.first_seq))
                events += stored.count
        position = page[-1].position
    plans: dict[str, Any] = {}
    for name, appends in trails.items():
        digest: str = appends[0].events[0].lock_hash  # type: ignore[union-attr]
        plan = plans.get(digest)
        if plan is None:
            plan = plans[digest] = compile_plan(read_lock(store.get_definition(digest)), digest)
        fold(name.removeprefix("run:"), plan, appends)
    return events, len(trails), time.perf_counter() - began


def refold(path: Path, rounds: int) -> None:
    """Reading, decoding and folding the trails of chains."""
    store = open_store(path)

    async def main() -> None:
        async with runner_over(store, Work()) as runner:
            await drive(runner, chain(), 1500, 50)

    asyncio.run(main())
    rates, others = [], []
    for _ in range(rounds):
        gc.collect()
        with Meter() as meter:
            events, _, seconds = fold_all(store)
        rates.append(events / seconds)
        others.append(meter.spent.others)
    store.close()
    print_figure(Figure("refold, events/s (read, decode, fold)", rates, "600,000", "1 M", others=others))


# --- decisions --------------------------------------------------------------------------------------------------------


class Entered(Work):
    """The handler; it remembers when a run's step after the decision was entered."""

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[str, int] = {}

    async def __call__(self, ctx: Any, config: dict[str, Any], inputs: Any) -> dict[str, Any]:
        if ctx.step_id == "then":
            self.at[ctx.run_id] = time.perf_counter_ns()
            return {"output": None}
        return await super().__call__(ctx, config, inputs)


def decide(file: Callable[[], Path], rounds: int) -> None:
    """A person's decision until the next handler is entered."""
    goals = {
        ("same process", "idle"): ("3", "2"),
        ("same process", "50-way load"): ("6", "4"),
        ("other process", "idle"): ("10", "6"),
        ("other process", "50-way load"): ("15", "8"),
    }
    found: dict[tuple[str, str], list[list[float]]] = {key: [] for key in goals}
    others: dict[tuple[str, str], list[float]] = {key: [] for key in goals}
    for _ in range(rounds):
        for key, rows in found.items():
            with Meter() as meter:
                rows.append(_decisions(file(), other=key[0] == "other process", loaded=key[1] != "idle"))
            others[key].append(meter.spent.others)
    for key, rows in found.items():
        name = f"decided, {key[0]}, {key[1]}"
        print_figure(Figure(f"{name}: p50, ms", [p(row, 50) for row in rows], digits=2, others=others[key]))
        print_figure(Figure("  p99, ms", [p(row, 99) for row in rows], *goals[key], digits=2))


def _decisions(path: Path, *, other: bool, loaded: bool) -> list[float]:
    """Milliseconds of each decision."""
    store, work = open_store(path), Entered()

    async def main() -> dict[str, int]:
        async with runner_over(store, work) as runner:
            runs = await park(runner, DECISIONS)
            page = store.list_tasks(TaskFilter(limit=DECISIONS))
            tasks = {task.task_id: task.run_id or "" for task in page}
            assert set(tasks.values()) == set(runs)
            load = asyncio.create_task(_load(runner)) if loaded else None
            asked = await (_ask_from_outside(path, tasks) if other else _ask_here(runner, tasks))
            for run in runs:
                await runner.result(run)
            if load is not None:
                load.cancel()
                await asyncio.gather(load, return_exceptions=True)
            return asked

    try:
        asked = asyncio.run(main())
    finally:
        store.close()
    return [(work.at[run] - at) / 1e6 for run, at in asked.items()]


async def _load(runner: SegmentRunner) -> None:
    while True:
        await drive(runner, chain(), 50, 50)


async def _ask_here(runner: SegmentRunner, tasks: dict[str, str]) -> dict[str, int]:
    asked = {}
    for task, run in tasks.items():
        await asyncio.sleep(0.003)
        asked[run] = time.perf_counter_ns()
        answer = await runner.command("task.decide", task, {"outcome": "approved"})
        assert answer["accepted"], answer
    return asked


async def _ask_from_outside(path: Path, tasks: dict[str, str]) -> dict[str, int]:
    child = Child("decide", str(path), "0.003", *tasks)
    await asyncio.to_thread(child.ready)
    child.go()
    told = await asyncio.to_thread(child.answer)
    assert not told["refused"], told
    return {tasks[task]: at for task, at in told["asked"].items()}


# --- maps and memory --------------------------------------------------------------------------------------------------


def maps(file: Callable[[], Path], rounds: int) -> None:
    """A map over many items, 50 at a time, and what an item costs as they become more."""
    times: dict[int, list[float]] = {1000: [], 10_000: [], 40_000: []}
    spent: dict[int, list[float]] = {count: [] for count in times}
    others = []
    for number in range(rounds):
        for count, found in times.items():
            if count == max(times) and number:
                continue  # one round of the largest is enough
            with Meter() as meter:
                cpu = _map(file(), count)
            found.append(meter.spent.wall)
            spent[count].append(cpu / count * 1e6)
            others.append(meter.spent.others)
    print_figure(Figure("map of 10,000 items, 50 at a time, s", times[10_000], "0.8", "0.4", digits=2, others=others))
    for count, found in spent.items():
        print_figure(Figure(f"  {count:,} items, processor us an item", found, digits=1))
    print_figure(Figure("  per item, 40,000 to 1,000", [min(spent[40_000]) / min(spent[1000])], "1.2", digits=2))


def _map(path: Path, count: int) -> float:
    store = open_store(path)

    async def main() -> float:
        async with runner_over(store, Work()) as runner:
            cpu = time.process_time()
            result = await runner.run(MAP, None, [{"n": number, "who": "somebody"} for number in range(count)])
            assert str(result.status) == "completed", result.error
            return time.process_time() - cpu

    try:
        return asyncio.run(main())
    finally:
        store.close()


class Held:
    """A handler that does not end before it is told to."""

    def __init__(self) -> None:
        self.entered = 0
        self.full = asyncio.Event()
        self.wanted = 0
        self.open = asyncio.Event()

    async def __call__(self, ctx: Any, config: dict[str, Any], inputs: Any) -> dict[str, Any]:
        self.entered += 1
        if self.entered == self.wanted:
            self.full.set()
        await self.open.wait()
        return {"output": None}


def memory(file: Callable[[], Path]) -> None:
    """Resident memory of runs whose handler is waiting, and of runs that wait for a person."""
    active = Child("memory", str(file()), "active").answer()["kb"]
    waiting = Child("memory", str(file()), "waiting").answer()["kb"]
    print_figure(Figure("memory of an active run, KB", [active], "16", "10", digits=1))
    print_figure(Figure("memory of a parked run, KB", [waiting], "0", digits=2))


def resident_kb(path: Path, what: str) -> float:
    """KB a run, in a process that did nothing before."""
    return asyncio.run(_active(path, 3000) if what == "active" else _waiting(path, 3000))


async def _active(path: Path, runs: int) -> float:
    store, held = open_store(path), Held()
    held.wanted = runs + 200
    segment = chain()
    async with runner_over(store, held, concurrency=2 * runs) as runner:
        first = [await runner.start(segment, INPUT) for _ in range(200)]
        before = _resident()
        more = [await runner.start(segment, INPUT) for _ in range(runs)]
        await held.full.wait()
        used = (_resident() - before) / runs / 1024
        for run in (*first, *more):
            await runner.cancel(run)
    store.close()
    return used


async def _waiting(path: Path, runs: int) -> float:
    store = open_store(path)
    async with runner_over(store, nothing) as runner:
        await park(runner, 1000)
        before = _resident()
        await park(runner, runs)
        used = (_resident() - before) / runs / 1024
    store.close()
    return used


def _resident() -> int:
    """Bytes of this process in memory."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
