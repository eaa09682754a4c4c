"""Where the time of a step goes, by room and by function.

    python -m bench.profile [--ways N] [--runs N] [--top N] [--calls] [--directory DIR]

By default it samples: a timer of processor time (``ITIMER_PROF``) interrupts the program every few milliseconds of it, and the
stack of the loop's thread is noted; nothing is slowed down, and what C code uses counts for the Python function that called it.
What was used while the loop waited was the writer thread's and counts as ``(writer thread: store)``. ``--calls`` runs cProfile
on the loop's thread instead: exact counts of calls, distorted times. Run it as a module: a file of the standard library is
called ``profile`` too.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import signal
import tempfile
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Self

from bench import machine
from bench.workload import STEPS, Work, chain, drive, runner_over
from worktrail.store import open_store

INTERVAL_S = 0.001
WRITER = "(writer thread: store)"


class Sampler:
    """Counts, at every tick of processor time, the function that was running and all that had called it."""

    def __init__(self) -> None:
        self.rooms: Counter[str] = Counter()
        self.own: Counter[str] = Counter()
        self.whole: Counter[str] = Counter()
        self.ticks = 0

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGPROF, self._tick)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL_S, INTERVAL_S)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, self._before)

    def _tick(self, number: int, frame: FrameType | None) -> None:
        if frame is None:
            return
        self.ticks += 1
        self.rooms[room(frame)] += 1
        self.own[label(frame)] += 1
        seen = set()
        place: FrameType | None = frame
        while place is not None:
            seen.add(label(place))
            place = place.f_back
        self.whole.update(seen)


def waits(frame: FrameType) -> bool:
    """Whether the loop's thread waits for something to happen; then whoever used the processor was another thread."""
    return frame.f_code.co_name == "select" and frame.f_code.co_filename.endswith("selectors.py")


def room(frame: FrameType) -> str:
    """Where a frame belongs: a room of Worktrail (with its part), the bench, asyncio, the rest of the standard library."""
    if waits(frame):
        return WRITER
    path = Path(frame.f_code.co_filename)
    parts = path.parts
    if "worktrail" in parts:
        inside = parts[parts.index("worktrail") + 1 :]
        return ".".join((*inside[:-1], path.stem)[:2])
    if "bench" in parts:
        return "(bench: handler, callbacks)"
    if "asyncio" in parts:
        return "(asyncio)"
    return "(standard library)"


def label(frame: FrameType) -> str:
    """A function with its module."""
    return WRITER if waits(frame) else f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_qualname}"


def table(title: str, counts: Counter[str], ticks: int, us_a_step: float, top: int) -> str:
    """The largest of them, in percent and in microseconds a step."""
    lines = [f"\n{title:<58}{'share':>8}{'us a step':>11}"]
    for name, count in counts.most_common(top):
        lines.append(f"{name:<58}{count / ticks:>8.1%}{count / ticks * us_a_step:>11.2f}")
    return "\n".join(lines)


def calls(profiler: cProfile.Profile, steps: int, top: int) -> str:
    """cProfile's rows, a step: calls, own and whole microseconds (both distorted by the profiler)."""
    lines = [f"\n{'function':<58}{'calls':>8}{'own us':>9}{'whole us':>10}"]
    rows = pstats.Stats(profiler).stats.items()  # type: ignore[attr-defined]
    for (file, _, name), (_, count, own, whole, _) in sorted(rows, key=lambda row: -row[1][2])[:top]:
        where = f"{Path(file).stem}.{name}" if file != "~" else name
        lines.append(f"{where[:57]:<58}{count / steps:>8.2f}{own / steps * 1e6:>9.2f}{whole / steps * 1e6:>10.2f}")
    return "\n".join(lines)


def main() -> None:
    """Runs the chains under a profiler and prints the tables."""
    parser = argparse.ArgumentParser(description="Say where the time of a step goes.")
    parser.add_argument("--directory", type=Path, default=Path(), help="where to write")
    parser.add_argument("--ways", type=int, default=50, help="runs at a time")
    parser.add_argument("--runs", type=int, default=2000, help="runs in all, of ten steps")
    parser.add_argument("--top", type=int, default=30, help="rows of each table")
    parser.add_argument("--calls", action="store_true", help="cProfile instead of sampling")
    asked = parser.parse_args()
    machine.fit(asked.directory)
    steps = asked.runs * STEPS
    with tempfile.TemporaryDirectory(dir=asked.directory, prefix="bench-profile-") as name:
        print(machine.about(Path(name)))
        store, sampler, profiler = open_store(Path(name) / "profile.db"), Sampler(), cProfile.Profile()

        async def work() -> machine.Spent:
            async with runner_over(store, Work()) as runner:
                segment = chain()
                await drive(runner, segment, 2 * asked.ways, asked.ways)
                with machine.Meter() as meter, profiler if asked.calls else sampler:
                    await drive(runner, segment, asked.runs, asked.ways)
                return meter.spent

        spent = asyncio.run(work())
        store.close()
    cpu = spent.cpu / steps * 1e6
    print(f"\n{asked.ways}-way: {steps / spent.wall:,.0f} steps/s, {cpu:.1f} us of processor a step; others {spent.others:.0f} %")
    if asked.calls:
        print(calls(profiler, steps, asked.top))
        return
    print(table("room", sampler.rooms, sampler.ticks, cpu, asked.top))
    print(table("function, own time", sampler.own, sampler.ticks, cpu, asked.top))
    print(table("function, with all it calls", sampler.whole, sampler.ticks, cpu, asked.top * 2))


if __name__ == "__main__":
    main()
