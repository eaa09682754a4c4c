"""``kill -9`` at every border, again and again on one file: whatever was acknowledged is there, whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from worktrail.store import BORDERS

ROOT = Path(__file__).resolve().parents[2]
READER = ROOT / "tests" / "crash" / "reader.py"
# Every border of the store, at its first, a middle and a late passing, all in one life of the file.
STORE = [name for name in BORDERS if name.startswith("store.")]
OFTEN = [name for name in STORE if name not in {"store.lease.acquire.after", "store.claim.after"}]  # passed every round
KILLS = [f"{name}:1" for name in STORE] + [f"{name}:{times}" for times in (2, 4, 6, 5) for name in OFTEN]


def write(path: Path, border: str | None, rounds: int = 6) -> tuple[int, list[list[str]]]:
    """Run the writer; its status and the lines it said."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    environment.pop("WORKTRAIL_BORDER", None)
    if border is not None:
        environment["WORKTRAIL_BORDER"] = border
    command = [sys.executable, "-m", "tests.crash.writer", str(path), str(rounds)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, [line.split() for line in done.stdout.splitlines()]


def read(path: Path) -> dict[str, Any]:
    """The independent reader's report."""
    done = subprocess.run([sys.executable, "-I", str(READER), str(path)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def lost(report: dict[str, Any], said: list[list[str]]) -> list[str]:
    """What was acknowledged and is not there."""
    missing = []
    for what, *words in said:
        if what == "append" and report["streams"].get(words[0], {"events": -1})["events"] < int(words[1]) - 1:
            missing.append(f"{words[0]} up to {words[1]}")
        if what == "command" and words[0] not in report["commands"]:
            missing.append(f"command {words[0]}")
        if what == "answer" and not report["commands"].get(words[0]):
            missing.append(f"answer to {words[0]}")
    return missing


def test_there_are_enough_kills() -> None:
    assert len(KILLS) >= 20


@pytest.mark.slow
def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "trail.db"
    said: list[list[str]] = []
    for border in KILLS:
        status, lines = write(path, border)
        assert status == -signal.SIGKILL, border
        said += lines
        report = read(path)
        assert report["problems"] == [], border
        assert lost(report, said) == [], border
        for run in report["runs"].values():
            assert all(visit == {"started": 1, "completed": 1} for visit in run["visits"].values())
    status, lines = write(path, None)
    assert (status, lines[-1]) == (0, ["done"])
    report = read(path)
    assert report["problems"] == []
    assert lost(report, said + lines) == []
    assert len(said) > 100


@pytest.mark.slow
@pytest.mark.parametrize(("border", "there"), [("store.commit.inside", False), ("store.commit.after", True)])
def test_a_commit_is_absent_before_its_border_and_whole_behind_it(tmp_path: Path, border: str, there: bool) -> None:
    path = tmp_path / "trail.db"
    write(path, None, rounds=2)
    before = read(path)
    write(path, f"{border}:1")
    after = read(path)
    assert before["problems"] == after["problems"] == []
    assert ("r2" in after["runs"]) is there
    assert len(after["streams"]) - len(before["streams"]) == int(there)


def test_a_loss_is_seen() -> None:
    report = {"streams": {"run:a": {"events": 2}}, "commands": {"c": False}}
    said = [
        ["append", "run:a", "3"],
        ["append", "run:a", "4"],
        ["append", "run:b", "2"],
        ["command", "d"],
        ["answer", "c"],
        ["done"],
    ]
    assert lost(report, said) == ["run:a up to 4", "run:b up to 2", "command d", "answer to c"]
