"""The commands of the demo: printed, then run, exactly as a person would type them."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from worktrail.errors import CallerError

__all__ = ["Commands", "program_name"]

LAST_EVENTS = 12


def program_name() -> str:
    """How `worktrail` is called from the shell that called us."""
    beside = Path(sys.executable).parent / "worktrail"
    return "worktrail" if shutil.which("worktrail") or not beside.exists() else shlex.quote(str(beside))


class Commands:
    """Runs `worktrail …` in the demo's folder; ``quiet`` prints nothing."""

    def __init__(self, folder: Path, *, quiet: bool) -> None:
        self._folder = folder
        self._quiet = quiet

    def show(self, *words: str, allowed: tuple[int, ...] = (0,)) -> None:
        """Prints the command and what it says. CallerError DEMO_FAILED where it ends with an exit code that is not allowed."""
        self.say(f"$ worktrail {shlex.join(words)}")
        sink = subprocess.DEVNULL if self._quiet else None
        done = subprocess.run(  # noqa: S603
            self._command(words), cwd=self._folder, env=self._environment(), stdout=sink, check=False
        )
        self.say("")
        if done.returncode not in allowed:
            raise CallerError("DEMO_FAILED", f"`worktrail {shlex.join(words)}` ended with exit code {done.returncode}")

    def show_end_of_trail(self, run_id: str) -> None:
        """The last lines of a run's trail: all of them would scroll away what stands above."""
        seqs = [json.loads(line)["stream_seq"] for line in self._read("trail", run_id, "--json").splitlines()]
        after = seqs[-LAST_EVENTS - 1] if len(seqs) > LAST_EVENTS else 0
        self.show("trail", run_id, *(("--after", str(after)) if after else ()))

    def ask(self, *words: str) -> Any:
        """The JSON that a command prints."""
        return json.loads(self._read(*words))

    def _read(self, *words: str) -> str:
        done = subprocess.run(  # noqa: S603
            self._command(words), cwd=self._folder, env=self._environment(), stdout=subprocess.PIPE, text=True, check=False
        )
        return done.stdout

    def title(self, text: str) -> None:
        """A heading."""
        self.say(f"\n== {text}")

    def say(self, text: str) -> None:
        """A line."""
        if not self._quiet:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    def _command(self, words: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "worktrail.cli", *words]

    def _environment(self) -> dict[str, str]:
        """The same package for the commands, wherever this one was found."""
        path = os.pathsep.join(entry for entry in sys.path if entry)
        return {**os.environ, "PYTHONPATH": path}
