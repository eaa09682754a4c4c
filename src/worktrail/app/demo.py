"""The demo: the expenses example, run, looked at, decided and finished by the same commands a person would type.

Rule: it does nothing that its printed commands do not do. Called again on the same folder it goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from worktrail.errors import CallerError

__all__ = ["run_demo"]

FOLDER = "worktrail-demo"
DECISIONS = ("approved", "approved", "rejected", "approved", "approved", "rejected")
_FAILED_RUNS = 1  # exit code of `run` when some runs failed: five of the reports do, for good reasons


def run_demo(*, keep: Path | None = None, as_json: bool = False) -> int:
    """Runs the demo in ``keep`` (default: ``worktrail-demo`` here); 0 when everything went as it should."""
    folder = (keep or Path(FOLDER)).resolve()
    _copy_example(folder)
    with _service(folder) as address:
        demo = _Demo(folder, address, quiet=as_json)
        facts = demo.run()
    if as_json:
        sys.stdout.write(json.dumps(facts) + "\n")
    return 0


def _example() -> Path:
    """The expenses example: beside the package in a wheel, in the checkout otherwise."""
    package = Path(__file__).resolve().parents[1]
    for place in (package / "_examples" / "expenses", package.parents[1] / "examples" / "expenses"):
        if (place / "segment.yaml").is_file():
            return place
    raise CallerError("NOT_FOUND", "the expenses example is not installed with this package")


def _copy_example(folder: Path) -> None:
    source = _example()
    folder.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        if path.is_file() and not (folder / path.name).exists():
            shutil.copy(path, folder / path.name)


@contextlib.contextmanager
def _service(folder: Path) -> Iterator[str]:
    """The example's unreliable service, on a free loopback port; it ends with this process."""
    command = [sys.executable, "service.py", "--ledger", "ledger.jsonl", "--until-stdin-closes"]
    # Our own interpreter on our own files; nothing here comes from outside.
    with subprocess.Popen(  # noqa: S603
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["url"])
        finally:
            process.stdin.close()
            process.wait(timeout=10)


class _Demo:
    """Prints each command, then runs it."""

    def __init__(self, folder: Path, address: str, *, quiet: bool) -> None:
        self._folder = folder
        self._address = address
        self._quiet = quiet

    def run(self) -> dict[str, Any]:
        self._say(f"The demo lives in {self._folder}. Its service (rates, vendors, payouts) fails one request in five.")
        self._title("1. Run 200 expense reports: checks in parallel, retries, people, payments made once")
        self._run_batch()
        self._title("2. What waits for people")
        tasks = self._ask("tasks", "list", "--json", "--limit", "100")["tasks"]
        self._show("tasks", "list", "--limit", str(len(DECISIONS)))
        self._title("3. Decide some, from the command line (no worker runs: the decisions are queued)")
        decided = tasks[: len(DECISIONS)]
        for task, outcome in zip(decided, DECISIONS, strict=False):
            reason = "out of policy" if outcome == "rejected" else "checked the receipts"
            self._show("tasks", "decide", task["task_id"], outcome, "--reason", reason)
        self._title("4. A worker goes on with what is open")
        self._show("worker", "--until-idle")
        if decided:
            self._title("5. The trail of one decided report")
            self._show("trail", decided[0]["run_id"])
        counts: dict[str, Any] = self._ask("doctor", "--json") if self._quiet else {}
        self._next(decided[0]["run_id"] if decided else "RUN")
        return {"folder": str(self._folder), "tasks_before": len(tasks), "decided": len(decided), "doctor": counts}

    def _run_batch(self) -> None:
        command = ["run", "expense_report", "--input", "reports.jsonl", "--param", f"service_url={self._address}"]
        self._show(*command, "--out", "results.jsonl", allowed=(0, _FAILED_RUNS))

    def _next(self, run_id: str) -> None:
        beside = Path(sys.executable).parent / "worktrail"
        program = "worktrail" if shutil.which("worktrail") or not beside.exists() else shlex.quote(str(beside))
        lines = [
            f"cd {shlex.quote(str(self._folder))}",
            f"{program} runs list --status failed",
            f"{program} runs show {run_id}",
            f"{program} tasks list",
            f"{program} doctor",
        ]
        self._title("Where to look next")
        for line in lines:
            self._say(f"  {line}")
        self._say(f"  the segment itself: segment.yaml, payment.yaml; your own: {program} new NAME")

    # --- commands -----------------------------------------------------------------------------------------------------

    def _command(self, words: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "worktrail.cli", *words]

    def _environment(self) -> dict[str, str]:
        """The same package for the commands, wherever this one was found."""
        path = os.pathsep.join(entry for entry in sys.path if entry)
        return {**os.environ, "PYTHONPATH": path}

    def _show(self, *words: str, allowed: tuple[int, ...] = (0,)) -> None:
        self._say(f"$ worktrail {shlex.join(words)}")
        sink = subprocess.DEVNULL if self._quiet else None
        done = subprocess.run(  # noqa: S603
            self._command(words), cwd=self._folder, env=self._environment(), stdout=sink, check=False
        )
        self._say("")
        if done.returncode not in allowed:
            raise CallerError("DEMO_FAILED", f"`worktrail {shlex.join(words)}` ended with exit code {done.returncode}")

    def _ask(self, *words: str) -> Any:
        done = subprocess.run(  # noqa: S603
            self._command(words), cwd=self._folder, env=self._environment(), stdout=subprocess.PIPE, text=True, check=False
        )
        return json.loads(done.stdout)

    def _title(self, text: str) -> None:
        self._say(f"\n== {text}")

    def _say(self, text: str) -> None:
        if not self._quiet:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
