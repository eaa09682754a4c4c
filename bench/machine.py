"""Where a figure was measured: the machine, its disk, the versions, and how busy others kept it meanwhile.

Rule: no figure without these. A memory file system is refused, because a sync there costs nothing. Completed runs are counted
in the file after it was closed, by a child process with the standard library's sqlite3, so that no program counts its own.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import apsw

from worktrail.store.sqlite.filesystem import file_system, sync_times_us

__all__ = [
    "Figure",
    "Meter",
    "Spent",
    "Tally",
    "about",
    "fit",
    "print_figure",
    "print_head",
    "spread",
    "sync_line",
    "tally",
    "versions",
]

IN_MEMORY = frozenset(("tmpfs", "ramfs", "devtmpfs", "hugetlbfs"))
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
PACKAGES = ("apsw", "msgspec", "jsonschema-rs")


def versions(packages: Iterable[str]) -> str:
    """Installed packages with their versions."""
    found = []
    for name in packages:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} absent")
    return ", ".join(found)


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def fit(directory: Path) -> None:
    """Ends the program where the directory lies in memory."""
    kind = file_system(directory)
    if kind in IN_MEMORY:
        sys.exit(f"{directory} is in memory ({kind}): a sync costs nothing there. Name a directory on a disk: --directory DIR")


def about(directory: Path) -> str:
    """The machine and the versions, in three lines."""
    return "\n".join(
        (
            f"{platform.system()} {platform.release()}, {os.cpu_count()} processors: {_processor()}",
            f"Python {platform.python_version()}, SQLite {apsw.sqlite_lib_version()}, {versions(PACKAGES)}",
            f"file system {file_system(directory)}, synchronous=FULL, {sync_line(directory)}",
        )
    )


def sync_line(directory: Path) -> str:
    """How long the disk takes to write and sync 4 KiB, there and then."""
    sync = sync_times_us(directory, 300)
    return f"disk sync p50 {sync['p50']} us, p99 {sync['p99']} us"


# --- a round ----------------------------------------------------------------------------------------------------------


class Spent(NamedTuple):
    """What a round took: seconds by the clock, seconds of the processor (all threads of this process), and how much of one
    processor everybody else used meanwhile, in percent."""

    wall: float
    cpu: float
    others: float


class Meter:
    """``with Meter() as meter: …`` then ``meter.spent``. Children count as ours once they have been waited for."""

    def __enter__(self) -> Self:
        self._busy, self._ours = _busy_seconds(), _own_seconds()
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        others = (_busy_seconds() - self._busy) - (_own_seconds() - self._ours)
        self.spent = Spent(wall, cpu, max(0.0, others / wall * 100))


def _busy_seconds() -> float:
    """Seconds that all processors together were not idle."""
    try:
        fields = Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:]
    except OSError:
        return _own_seconds()
    user, nice, system, _, _, irq, soft, steal = map(int, fields[:8])
    return (user + nice + system + irq + soft + steal) / CLOCK_TICKS


def _own_seconds() -> float:
    kinds = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(kind.ru_utime + kind.ru_stime for kind in kinds)


def spread(values: Sequence[float], digits: int = 0) -> str:
    """``median (least-greatest)``."""
    middle = statistics.median(values)
    return f"{middle:,.{digits}f} ({min(values):,.{digits}f}-{max(values):,.{digits}f})"


class Figure(NamedTuple):
    """A line of a table. ``others``: processor use of everybody else, percent, a round each."""

    name: str
    values: Sequence[float]
    goal: str = ""
    aim: str = ""
    digits: int = 0
    others: Sequence[float] = ()


def print_head() -> None:
    """The head of a table of figures."""
    print(f"\n{'figure':<46}{'median (least-greatest)':<34}{'goal':>9}{'aim':>9}{'others':>9}")


def print_figure(figure: Figure) -> None:
    """One line, at once."""
    others = f"{statistics.median(figure.others):.0f} %" if figure.others else ""
    told = spread(figure.values, figure.digits)
    print(f"{figure.name:<46}{told:<34}{figure.goal:>9}{figure.aim:>9}{others:>9}", flush=True)


# --- counting ---------------------------------------------------------------------------------------------------------

_COUNT = """
import json, sqlite3, sys
file = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
step_completed = int(sys.argv[2])
runs = file.execute("SELECT count(*) FROM runs WHERE status = 'completed' AND ended_us IS NOT NULL").fetchone()[0]
steps = events = 0
for (body,) in file.execute("SELECT body FROM appends"):
    rows = json.loads(body)[3]
    events += len(rows)
    steps += sum(1 for row in rows if row[0] == step_completed)
print(json.dumps([runs, steps, events]))
"""


class Tally(NamedTuple):
    """What a closed file holds."""

    runs: int  # completed
    steps: int  # completed
    events: int
    size: int  # bytes of the file, all tables and indexes, after its log was moved into it


def tally(path: Path) -> Tally:
    """Counts a closed database in a child process, with the standard library's sqlite3."""
    from worktrail.events import StepCompleted  # noqa: PLC0415 (only here: the number of one event type)

    number: Any = StepCompleted.__struct_config__.tag
    command = [sys.executable, "-c", _COUNT, str(path), str(number)]
    answer = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return Tally(*json.loads(answer), path.stat().st_size)
