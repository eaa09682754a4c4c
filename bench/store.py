"""What the store costs: commits and appends a second, bytes an append, processor time an append.

    python -m bench.store [--directory DIR] [--appends N]

Every run gets its row with its first append, ten appends of three events, and its ending with the last, as a run of ten
steps does. One process, one thread, ``synchronous=FULL``. The disk's sync time is printed beside: the figures of a batch of
one are mostly that. ``floor`` is the same rows written by bare apsw, without fence, chain or runs: what SQLite itself takes.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import apsw

from worktrail.store import Commit, Lease, NewRun, RunUpdate, Store, StreamAppend, open_store
from worktrail.store.sqlite.filesystem import file_system, sync_times_us

BATCHES = (1, 10, 50, 200)
APPENDS_OF_RUN = 10
BODY = b'[1,1700000000000000,null,[[12,"step_a",1,{"output":[0,{"answer":42}]},"D"],[10,"step_b"],[11,"step_b",1]]]'
DIGEST = "5f" * 32


def commits(batch: int, number: int, lease: Lease | None) -> list[Commit]:
    """``number`` commits of ``batch`` appends each; run ``i`` of the batch is replaced when it has ended."""
    made = []
    live = [[lane, lane % APPENDS_OF_RUN] for lane in range(batch)]  # [run number, appends so far]
    following = batch
    for index in range(number):
        commit = Commit(lease=lease)
        for run in live:
            run_id = f"r{run[0]:012d}"
            if index == 0 or run[1] == 0:
                run[1] = 0
                commit.new_runs.append(NewRun(run_id, "claims", DIGEST, DIGEST, 1_700_000_000_000_000))
            commit.appends.append(StreamAppend(f"run:{run_id}", run[1] * 3 + 1, 3, BODY))
            run[1] += 1
            if run[1] == APPENDS_OF_RUN:
                commit.run_updates.append(RunUpdate(run_id, "completed", 1_700_000_000_000_001))
                run[:] = [following, 0]
                following += 1
        made.append(commit)
    return made


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds by the clock, seconds of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def write_all(store: Store, work: list[Commit]) -> None:
    for commit in work:
        store.commit(commit)


def measure(path: Path, batch: int, number: int) -> None:
    """One line of the table."""
    store = open_store(path)
    lease = store.acquire("bench", now_us=1, ttl_us=1, address=None, process="bench")
    work = commits(batch, number, lease)
    seconds, cpu = timed(lambda: write_all(store, work))
    appends = batch * number
    store.close()
    size = path.stat().st_size
    floor, _ = timed(lambda: bare(path.with_suffix(".bare"), work))
    print(
        f"{batch:>6} {number / seconds:>11,.0f} {appends / seconds:>11,.0f} {seconds / number * 1e6:>11.0f} "
        f"{cpu / appends * 1e6:>11.1f} {size / appends:>13.0f} {appends / floor:>15,.0f}"
    )


def bare(path: Path, work: list[Commit]) -> None:
    """The same rows of the journal by apsw alone."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = wal; PRAGMA synchronous = full")
    connection.execute("CREATE TABLE appends (position INTEGER PRIMARY KEY, stream, first_seq, count, body, head)")
    connection.execute("CREATE UNIQUE INDEX appends_by_stream ON appends (stream, first_seq)")
    head = os.urandom(32)
    for commit in work:
        connection.execute("BEGIN IMMEDIATE")
        rows = [(int(append.stream[5:]), append.first_seq, append.count, append.body, head) for append in commit.appends]
        connection.executemany("INSERT INTO appends (stream, first_seq, count, body, head) VALUES (?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
    connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the store.")
    parser.add_argument("--directory", type=Path, default=Path(), help="where to write; the disk under it is what is measured")
    parser.add_argument("--appends", type=int, default=40_000, help="appends a line, at least; 1/5 of it for batches of one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.directory, prefix="bench-store-") as name:
        directory = Path(name)
        sync = sync_times_us(directory, 500)
        print(f"Python {platform.python_version()}, SQLite {apsw.sqlite_lib_version()}, apsw {apsw.apsw_version()}")
        print(f"{os.cpu_count()} processors, {file_system(directory)}, sync p50 {sync['p50']} us, p99 {sync['p99']} us")
        print(f"command: {' '.join([Path(sys.executable).name, '-m', 'bench.store', *sys.argv[1:]])}\n")
        print(
            f"{'batch':>6} {'commits/s':>11} {'appends/s':>11} {'us/commit':>11} {'cpu us/app.':>11} "
            f"{'bytes/append':>13} {'floor appends/s':>15}"
        )
        for batch in BATCHES:
            number = max(200, (options.appends // 5 if batch == 1 else options.appends) // batch)
            measure(directory / f"{batch}.db", batch, number)


if __name__ == "__main__":
    main()
