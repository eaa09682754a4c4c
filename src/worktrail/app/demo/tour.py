"""The tour: the expenses example, run, looked at, decided and finished in the terminal, and then it leaves.

Rule: it does nothing that its printed commands do not do. Called again on the same folder it goes on where it stopped.
"""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

from worktrail.app.demo.commands import Commands, program_name
from worktrail.app.demo.place import place_of, service

__all__ = ["DECISIONS", "run_tour"]

DECISIONS = ("approved", "approved", "rejected", "approved", "approved", "rejected")
_FAILED_RUNS = 1  # exit code of `run` when some runs failed: five of the reports do, for good reasons


def run_tour(*, keep: Path | None = None, as_json: bool = False) -> None:
    """Runs the tour in ``keep`` (default: ``worktrail-demo`` here). CallerError DEMO_FAILED, DEMO_BUSY, OUTPUT_FILE."""
    with place_of(keep) as place, service(place) as address:
        facts = _Tour(place.folder, address, Commands(place.folder, quiet=as_json), quiet=as_json).run()
    if as_json:
        sys.stdout.write(json.dumps(facts) + "\n")


class _Tour:
    """Prints each command, then runs it."""

    def __init__(self, folder: Path, address: str, commands: Commands, *, quiet: bool) -> None:
        self._folder = folder
        self._address = address
        self._commands = commands
        self._quiet = quiet

    def run(self) -> dict[str, Any]:
        self._commands.say(f"The demo lives in {self._folder}. Its service (rates, vendors, payouts) fails one request in five.")
        self._commands.title("1. Run 200 expense reports: checks in parallel, retries, people, payments made once")
        self._run_batch()
        self._commands.title("2. What waits for people")
        tasks = self._commands.ask("tasks", "list", "--json", "--limit", "100")["tasks"]
        self._commands.show("tasks", "list", "--limit", str(len(DECISIONS)))
        self._commands.title("3. Decide some, from the command line (no worker runs: the decisions are queued)")
        decided = tasks[: len(DECISIONS)]
        for task, outcome in zip(decided, DECISIONS, strict=False):
            reason = "out of policy" if outcome == "rejected" else "checked the receipts"
            self._commands.show("tasks", "decide", task["task_id"], outcome, "--reason", reason)
        self._commands.title("4. A worker goes on with what is open")
        self._commands.show("worker", "--until-idle")
        if decided:
            self._commands.title("5. The end of the trail of one decided report")
            self._commands.show_end_of_trail(decided[0]["run_id"])
        counts: dict[str, Any] = self._commands.ask("doctor", "--json") if self._quiet else {}
        self._next(decided[0]["run_id"] if decided else "RUN")
        return {"folder": str(self._folder), "tasks_before": len(tasks), "decided": len(decided), "doctor": counts}

    def _run_batch(self) -> None:
        command = ["run", "expense_report", "--input", "reports.jsonl", "--param", f"service_url={self._address}"]
        self._commands.show(*command, "--out", "results.jsonl", allowed=(0, _FAILED_RUNS))

    def _next(self, run_id: str) -> None:
        program = program_name()
        lines = [
            f"cd {shlex.quote(str(self._folder))}",
            f"{program} runs list --status failed",
            f"{program} runs show {run_id}",
            f"{program} tasks list",
            f"{program} doctor",
        ]
        self._commands.title("Where to look next")
        for line in lines:
            self._commands.say(f"  {line}")
        self._commands.say(f"  the segment itself: segment.yaml, payment.yaml; your own: {program} new NAME")
