"""One helper for the tests of the command line: a command in this process, and a command in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import worktrail
from worktrail.cli import main

SOURCE = str(Path(worktrail.__file__).resolve().parents[1])
ROOT = str(Path(__file__).resolve().parents[2])


class Answer(NamedTuple):
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The error as the one shape."""
        return json.loads(self.err)


class Commands:
    """``run("runs", "list")`` in a folder, in this process."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capture = capture

    def run(self, *words: str) -> Answer:
        before = Path.cwd()
        self.capture.readouterr()
        os.chdir(self.folder)
        try:
            code = main(list(words))
        finally:
            os.chdir(before)
        captured = self.capture.readouterr()
        return Answer(code, captured.out, captured.err)


def command_line(*words: str) -> list[str]:
    """The words of a command in a process of its own."""
    return [sys.executable, "-m", "worktrail.cli", *words]


def environment() -> dict[str, str]:
    """The environment of such a process: the same package, the steps of tests, no colours, no width of a terminal."""
    path = os.pathsep.join(filter(None, (SOURCE, ROOT, os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", "COLUMNS": "120", "PYTHONUNBUFFERED": "1"}


def process(folder: Path, *words: str, text: str | None = None) -> Answer:
    """Runs a command in a process of its own, to its end."""
    done = subprocess.run(
        command_line(*words), cwd=folder, env=environment(), input=text, capture_output=True, text=True, check=False, timeout=120
    )
    return Answer(done.returncode, done.stdout, done.stderr)
