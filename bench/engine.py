"""What the engine costs: steps a second, processor time and bytes a step, added latency, and how it stands up to trouble.

    python -m bench.engine [CASE …] [--directory DIR] [--rounds N] [--runs N] [--ways N[,N]] [--freeze]

Cases: runs, two, fib, pause, busy, slow, cold, decide, refold, map, memory; without one all of them. A run has ten steps of a
user's handler, with callbacks, a time limit on every step and one condition; ``synchronous=FULL``; everything goes through the
public doors with default settings. Rounds of what is compared are interleaved, so that noise falls on all of them alike; beside
every figure stand its spread, the goal, and how much of one processor everybody else used meanwhile (100 % = one processor).
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from bench import machine, parked, workload
from bench.children import Child
from bench.machine import Figure, print_figure, print_head
from bench.workload import Measured, p, timed_runs

RUNS = {1: 150, 10: 300, 50: 600, 200: 800}
GOALS = {1: ("5,500", "7,500"), 50: ("18,000", "30,000")}


class Options:
    """What the command line asks for."""

    def __init__(self, directory: Path, rounds: int, runs: int | None, ways: list[int]) -> None:
        self.directory = directory
        self.rounds = rounds
        self.runs = runs
        self.ways = ways
        self._files = 0

    def file(self) -> Path:
        """A fresh database."""
        self._files += 1
        return self.directory / f"{self._files}.db"

    def runs_at(self, ways: int) -> int:
        return self.runs or RUNS.get(ways, max(150, ways * 8))


# --- ten-step runs ----------------------------------------------------------------------------------------------------


def case_runs(options: Options) -> None:
    """Ten-step runs, one after the other and many at a time."""
    rounds: dict[int, list[Measured]] = {ways: [] for ways in options.ways}
    for _ in range(options.rounds):
        for ways, done in rounds.items():
            done.append(timed_runs(options.file(), options.runs_at(ways), ways))
    for ways, done in rounds.items():
        others = [one.spent.others for one in done]
        rate = [one.steps_a_second for one in done]
        cpu = [one.cpu_us for one in done]
        print_figure(Figure(f"{ways}-way, steps/s", rate, *GOALS.get(ways, ("", "")), others=others))
        told = ("50 us", "30 us") if ways == 50 else ("", "")
        print_figure(Figure(f"{ways}-way, processor us a step", cpu, *told, digits=1))
        told = ("5,000", "3,000") if ways == 50 else ("", "")
        print_figure(Figure(f"{ways}-way, added latency p50, us", [p(one.gaps_us, 50) for one in done]))
        print_figure(Figure(f"{ways}-way, added latency p99, us", [p(one.gaps_us, 99) for one in done], *told))
    last = [done[-1].bytes_a_step for done in rounds.values()]
    print_figure(Figure("bytes a step, everything", last, "250", "180"))


def case_pause(options: Options) -> None:
    """Handlers that take 1 to 5 ms themselves: the latency that the engine adds where it is not the bottleneck."""
    done = [timed_runs(options.file(), 200, 50, pause_s=(0.001, 0.005)) for _ in range(options.rounds)]
    others = [one.spent.others for one in done]
    print_figure(Figure("50-way, handlers of 1-5 ms, steps/s", [one.steps_a_second for one in done], others=others))
    print_figure(Figure("  added latency p50, us", [p(one.gaps_us, 50) for one in done]))
    print_figure(Figure("  added latency p99, us", [p(one.gaps_us, 99) for one in done], "3,000", "2,000"))


def case_fib(options: Options) -> None:
    """One run of 40 steps in a row, each computing fib(10)."""
    times, others = [], []
    for _ in range(options.rounds):
        done = timed_runs(options.file(), 20, 1, steps=40, fib=True)
        times.append(done.spent.wall / 20 * 1000)
        others.append(done.spent.others)
    print_figure(Figure("40 sequential fib(10), ms a run", times, "10", "6", digits=1, others=others))


def case_two(options: Options) -> None:
    """Two processes, a file each, 50-way in all."""
    rates, others = [], []
    for _ in range(options.rounds):
        pair = [Child("runs", str(options.file()), str(options.runs_at(50) // 2), "25") for _ in range(2)]
        for child in pair:
            child.ready()
        for child in pair:
            child.go()
        told = [child.answer() for child in pair]
        rates.append(sum(one["steps"] for one in told) / max(one["wall"] for one in told))
        others.append(max(0.0, told[0]["others"] - told[1]["cpu"] / told[0]["wall"] * 100))
    print_figure(Figure("two processes, two files, steps/s", rates, "30,000", "45,000", others=others))


# --- trouble ----------------------------------------------------------------------------------------------------------


def case_busy(options: Options) -> None:
    """50-way beside one thread of the same process that never stops computing."""
    rates, others = [], []
    for _ in range(options.rounds):
        stop = threading.Event()
        thread = threading.Thread(target=_compute, args=(stop,), daemon=True)
        thread.start()
        try:
            done = timed_runs(options.file(), 60, 50)
        finally:
            stop.set()
            thread.join()
        rates.append(done.steps_a_second)
        others.append(done.spent.others)
    print_figure(Figure("50-way beside a computing thread, steps/s", rates, "4,000", "8,000", others=others))


def _compute(stop: threading.Event) -> None:
    number = 1
    while not stop.is_set():
        for _ in range(1000):
            number = number * 1103515245 % 2147483647


def case_slow(options: Options) -> None:
    """A slower disk, imitated: the store's ``commit`` sleeps 0, 1 or 5 ms longer (``workload.SlowStore``)."""
    delays = {0.0: ("", ""), 0.001: ("9,000", "14,000"), 0.005: ("5,000", "6,500")}
    rounds: dict[float, list[Measured]] = {delay: [] for delay in delays}
    for _ in range(options.rounds):
        for delay, done in rounds.items():
            done.append(timed_runs(options.file(), options.runs_at(50) // 2, 50, extra_s=delay))
    for delay, done in rounds.items():
        name = f"50-way, every commit + {delay * 1000:.0f} ms, steps/s"
        rates = [one.steps_a_second for one in done]
        print_figure(Figure(name, rates, *delays[delay], others=[one.spent.others for one in done]))


CASES: dict[str, Callable[[Options], None]] = {
    "runs": case_runs,
    "two": case_two,
    "fib": case_fib,
    "pause": case_pause,
    "busy": case_busy,
    "slow": case_slow,
    "cold": lambda options: parked.cold(options.file(), options.rounds),
    "decide": lambda options: parked.decide(options.file, options.rounds),
    "refold": lambda options: parked.refold(options.file(), options.rounds),
    "map": lambda options: parked.maps(options.file, options.rounds),
    "memory": lambda options: parked.memory(options.file),
}


def main() -> None:
    """Reads the command line, runs the cases, prints the table."""
    parser = argparse.ArgumentParser(description="Measure the engine.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; all of them when none is named")
    parser.add_argument("--directory", type=Path, default=Path(), help="where to write; the disk under it is what is measured")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each case")
    parser.add_argument("--runs", type=int, help="runs a round (default: by concurrency)")
    parser.add_argument("--ways", default="1,10,50,200", help="concurrency of the case `runs`")
    parser.add_argument("--freeze", action="store_true", help="gc.freeze() first: no long collections")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.cases) - set(CASES)):
        parser.error(f"no case {', '.join(unknown)}; there are: {', '.join(CASES)}")
    machine.fit(asked.directory)
    if asked.freeze:
        gc.collect()
        gc.freeze()
    with tempfile.TemporaryDirectory(dir=asked.directory, prefix="bench-engine-") as name:
        options = Options(Path(name), asked.rounds, asked.runs, [int(way) for way in asked.ways.split(",")])
        print(machine.about(options.directory))
        print(workload.settings(options.file()))
        print(f"command: {' '.join(['python', '-m', 'bench.engine', *sys.argv[1:]])}; {asked.rounds} rounds")
        print_head()
        for case in asked.cases or CASES:
            CASES[case](options)
        print(f"\nafterwards: {machine.sync_line(options.directory)}")


if __name__ == "__main__":
    main()
