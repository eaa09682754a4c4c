"""`worktrail demo` with its page: killed in the middle and started again, it loses nothing and begins nothing twice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
pytest.importorskip("fastapi", reason="the page needs worktrail[web]")


class Demo:
    """The demo as a process; `ask` reads from its server."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "worktrail.cli", "demo", "--keep", str(folder), "--port", "0", "--no-open", "--json"]
        self.process = subprocess.Popen(command, cwd=folder.parent, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = json.loads(self.process.stdout.readline())["url"]

    def ask(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=60) as answer:
            return json.load(answer)

    def until(self, path: str, enough: Any) -> Any:
        """Asks until the answer is enough; each question waits for the server, and the test as a whole has a limit."""
        while not enough(found := self.ask(path)):
            assert self.process.poll() is None, "the demo has ended"
        return found

    def end(self, number: signal.Signals) -> int:
        os.kill(self.process.pid, number)
        code = self.process.wait(timeout=60)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def reports(folder: Path) -> dict[str, list[str]]:
    """Report → its runs, counted by Python's own SQLite."""
    found: dict[str, list[str]] = {}
    with sqlite3.connect(f"file:{folder / 'worktrail.sqlite'}?mode=ro", uri=True) as link:
        for key, run_id in link.execute("SELECT business_key, run_id FROM runs WHERE segment_id = 'expense_report'"):
            found.setdefault(key, []).append(run_id)
    return found


def test_killed_and_started_again(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    first = Demo(folder)
    assert first.ask("/api/v1/me")["mode"] == "local"
    first.until("/api/v1/runs/counts", lambda counts: counts["total"] >= 30)
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    before = reports(folder)
    second = Demo(folder)
    beside = subprocess.run(second.process.args, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (beside.returncode, json.loads(beside.stderr)["code"]) == (4, "DEMO_BUSY")
    try:
        second.until("/api/v1/runs/counts", lambda counts: counts["total"] > len(before) and counts["by_status"].get("completed"))
    finally:
        code = second.end(signal.SIGTERM)
    assert code == 0
    after = reports(folder)
    assert all(len(runs) == 1 for runs in after.values())
    assert before.items() <= after.items()


def test_its_tour_decides_once_and_leaves_the_address_in_sight(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    command = [sys.executable, "-m", "worktrail.cli", "demo", "--keep", str(folder), "--port", "0", "--no-open"]
    for number in range(2):
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
            assert demo.stdout is not None
            assert demo.stderr is not None
            lines: list[str] = []
            for line in demo.stdout:
                lines.append(line)
                if line.startswith("  the page: "):
                    break
            demo.send_signal(signal.SIGTERM)
            rest, told = demo.stdout.read(), demo.stderr.read()
            assert demo.wait(timeout=60) == 0
        text = "".join(lines)
        assert rest == ""
        assert "everything is parked. The same command goes on: worktrail demo --keep" in told
        assert text.count("tasks decide") == (1 if number == 0 else 0)
        assert ("approves one task" in text) == (number == 0)
        assert len(lines) < 60
