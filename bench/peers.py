"""Worktrail beside LangGraph and DBOS: the same ten steps, the same disk, the same minutes.

    python -m bench.peers [--directory DIR] [--rounds N]

Rounds are interleaved and turn about, so that noise falls on all alike: judge by the ratios. Every round is a process of its own
with a fresh file; it warms up before the clock starts and counts completed runs in the file after the engine was closed. The
peers run in ``.venv-bench`` (``make bench-setup``). What each engine's database is set to is printed, because it differs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from bench import machine
from bench.children import Child
from bench.machine import spread

ROOT = Path(__file__).resolve().parents[1]
PEER_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
# runs a round, by engine and concurrency: about a second each
ENGINES = {"worktrail": {1: 100, 50: 500}, "langgraph": {1: 60, 50: 100}, "dbos": {1: 30, 50: 50}}
GOALS = {("langgraph", 1): 4, ("langgraph", 50): 14, ("dbos", 1): 12, ("dbos", 50): 45}


class Round(NamedTuple):
    """One round of one engine."""

    rate: float  # steps a second
    cpu_us: float  # a step, all threads
    size: float  # bytes a step
    others: float  # percent of one processor
    settings: str


def one_round(engine: str, ways: int, path: Path) -> Round:
    """A process of its own: prepared, let go, counted."""
    runs = ENGINES[engine][ways]
    arguments = (str(path), str(runs), str(ways))
    if engine == "worktrail":
        child = Child("runs", *arguments)
    else:
        child = Child(engine, *arguments, python=str(PEER_PYTHON), module="bench.peer_child")
    child.ready()
    with machine.Meter() as meter:
        child.go()
        told = child.answer()
    cpu_us = told["cpu"] / told["steps"] * 1e6
    return Round(told["steps"] / told["wall"], cpu_us, told["size"], meter.spent.others, told["settings"])


def report(found: dict[tuple[str, int], list[Round]], ways: int) -> None:
    """The table of one concurrency."""
    print(f"\n{f'{ways}-way':<12}{'steps/s':<26}{'cpu us a step':<22}{'bytes a step':>12}{'others':>9}{'ratio':>20}{'goal':>7}")
    ours = [one.rate for one in found["worktrail", ways]]
    for engine in ENGINES:
        rounds = found[engine, ways]
        ratio, goal = "", ""
        if engine != "worktrail":
            ratio = spread([mine / one.rate for mine, one in zip(ours, rounds, strict=True)], 1)
            goal = f"{GOALS[engine, ways]}x"
        print(
            f"{engine:<12}{spread([one.rate for one in rounds]):<26}{spread([one.cpu_us for one in rounds]):<22}"
            f"{statistics.median(one.size for one in rounds):>12,.0f}"
            f"{statistics.median(one.others for one in rounds):>7.0f} %{ratio:>20}{goal:>7}"
        )


def main() -> None:
    """Interleaved rounds, two tables."""
    parser = argparse.ArgumentParser(description="Measure Worktrail beside its peers.")
    parser.add_argument("--directory", type=Path, default=Path(), help="where to write; the disk under it is what is measured")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each engine and concurrency")
    asked = parser.parse_args()
    if not PEER_PYTHON.exists():
        sys.exit("there is no .venv-bench: `make bench-setup` makes it")
    machine.fit(asked.directory)
    found: dict[tuple[str, int], list[Round]] = {}
    with tempfile.TemporaryDirectory(dir=asked.directory.resolve(), prefix="bench-peers-") as name:
        directory = Path(name)
        print(machine.about(directory))
        versions: dict[str, Any] = Child("versions", python=str(PEER_PYTHON), module="bench.peer_child").answer()
        print(", ".join(f"{package} {version}" for package, version in versions.items()))
        for number in range(asked.rounds):
            turn = list(ENGINES) if number % 2 == 0 else list(reversed(ENGINES))
            for ways in (1, 50):
                for engine in turn:
                    path = directory / f"{engine}-{ways}-{number}.db"
                    found.setdefault((engine, ways), []).append(one_round(engine, ways, path))
        for engine in ENGINES:
            print(f"{engine}: {found[engine, 1][0].settings}")
        print(f"{asked.rounds} rounds; median (least-greatest); ratio = Worktrail's rate to the peer's in the same round")
        for ways in (1, 50):
            report(found, ways)
        print(f"\nafterwards: {machine.sync_line(directory)}")


if __name__ == "__main__":
    main()
