"""Child processes of the benchmarks: what must be measured in a process of its own.

    python -m bench.children KIND ARGUMENT …

A child prepares, prints ``ready``, waits for a line, works, and prints one line of JSON. ``Child`` is the parent's side.
"""

from __future__ import annotations

import time

BEGAN = time.perf_counter_ns()  # before the other imports: what a process needs until it is ready counts

import asyncio  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

__all__ = ["Child", "wait"]


class Child:
    """A child process; ``ready``, ``go`` and ``answer`` in this order."""

    def __init__(self, kind: str, *arguments: str, python: str = sys.executable, module: str = "bench.children") -> None:
        command = [python, "-m", module, kind, *arguments]
        self.began_ns = time.perf_counter_ns()
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ready(self) -> dict[str, Any]:
        """What the child says once it is prepared."""
        return self._line()

    def go(self) -> None:
        """Let it work."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Its result; the process has ended then."""
        told = self._line()
        self._process.communicate()
        return told

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a child process ended without an answer (exit status {self._process.wait()})")
        found: dict[str, Any] = json.loads(line)
        return found


def wait(told: dict[str, Any] | None = None) -> None:
    """The child's side: says that it is ready, and waits to be let go."""
    print(json.dumps(told or {}), flush=True)
    sys.stdin.readline()


def _runs(path: str, runs: str, ways: str) -> dict[str, Any]:
    from bench.workload import settings, timed_runs  # noqa: PLC0415

    done = timed_runs(Path(path), int(runs), int(ways), prepared=wait)
    return {
        "steps": done.counted.steps,
        "wall": done.spent.wall,
        "cpu": done.spent.cpu,
        "others": done.spent.others,
        "size": done.bytes_a_step,
        "settings": settings(Path(path)),
    }


def _cold(path: str) -> dict[str, Any]:
    """A fresh process over a file full of parked runs. Times in ms: the engine's own, and since the process began."""
    from bench.parked import fold_all, nothing  # noqa: PLC0415
    from bench.workload import runner_over  # noqa: PLC0415
    from worktrail.store import open_store  # noqa: PLC0415

    imported = time.perf_counter_ns()

    async def main() -> tuple[int, float, int, int]:
        store = open_store(path)
        async with runner_over(store, nothing):
            ready = time.perf_counter_ns()
            events, runs, seconds = fold_all(store)
        store.close()
        return ready, seconds, events, runs

    ready, seconds, events, runs = asyncio.run(main())
    return {
        "imports": (imported - BEGAN) / 1e6,
        "engine": (ready - imported) / 1e6,
        "ready_ns": ready,
        "refold": seconds * 1000,
        "events": events,
        "runs": runs,
    }


def _decide(path: str, pause_s: str, *tasks: str) -> dict[str, Any]:
    """Decides tasks of another process's runs, one after the other: task → when it was asked."""
    from worktrail.runtime import send_command  # noqa: PLC0415
    from worktrail.store import open_store  # noqa: PLC0415

    store = open_store(path)
    wait()
    asked, refused = {}, 0
    for task in tasks:
        asked[task] = time.perf_counter_ns()
        answer = send_command(store, "task.decide", task, {"outcome": "approved"}, "bench:other")
        refused += not answer.get("accepted")
        time.sleep(float(pause_s))
    store.close()
    return {"asked": asked, "refused": refused, "process": os.getpid()}


def _memory(path: str, what: str) -> dict[str, Any]:
    from bench.parked import resident_kb  # noqa: PLC0415

    return {"kb": resident_kb(Path(path), what)}


KINDS: dict[str, Callable[..., dict[str, Any]]] = {"runs": _runs, "cold": _cold, "decide": _decide, "memory": _memory}


def main() -> None:
    """Works as the command line says."""
    print(json.dumps(KINDS[sys.argv[1]](*sys.argv[2:])), flush=True)


if __name__ == "__main__":
    main()
