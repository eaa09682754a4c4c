"""The independent reader agrees with Worktrail, and sees what was tampered with."""

from __future__ import annotations

import ast
import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash.reader import FIELDS
from tests.crash.test_kill import READER, read
from tests.store.build import NOW, append, end, lease, new_run, start
from worktrail.events import NULL, StepCompleted, StepScheduled, StepStarted
from worktrail.store import CommandRow, Commit, SqliteStore


def filled(path: Path) -> SqliteStore:
    store = SqliteStore(path)
    owner = lease(store)
    start(store, "a", owner, labels={"x": "y"})
    first = append("run:a", 2, StepScheduled("one"), StepStarted("one"), StepStarted("one", 2), StepCompleted("one", {"o": NULL}))
    store.commit(Commit(lease=owner, appends=[first, append("run:a", 6, StepStarted("map#1/ü")), append("task:t", 1)]))
    start(store, "b", owner)
    end(store, "b", 2, owner, "timed_out")
    store.send(CommandRow("c", "a", "cancel", b"{}", "user:ann", NOW))
    return store


def test_it_imports_nothing_of_worktrail() -> None:
    tree = ast.parse(READER.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_it_knows_the_events_that_the_page_lists() -> None:
    page = (READER.parents[2] / "docs" / "journal.md").read_text(encoding="utf-8")
    runs, _ = page.split("have the same body with types of their own")  # the table of other streams comes after it
    rows = re.findall(r"^\| (\d+) \| `([a-z_.]+)` \| (.*) \|$", runs, re.MULTILINE)
    assert {int(number): (name, fields.split(", ")) for number, name, fields in rows} == FIELDS


def test_it_reads_what_worktrail_wrote_while_worktrail_has_it_open(tmp_path: Path) -> None:
    store = filled(tmp_path / "trail.db")
    report = read(tmp_path / "trail.db")
    assert report["problems"] == []
    assert report["runs"]["a"]["visits"] == {"one": {"started": 2, "completed": 1}, "map#1/ü": {"started": 1, "completed": 0}}
    assert report["runs"]["a"]["events"] == 6
    assert (report["runs"]["a"]["status"], report["runs"]["b"]["status"]) == ("running", "timed_out")
    assert {name: each["head"] for name, each in report["streams"].items()} == {
        name: store.read_stream(name)[-1].head.hex() for name in ("run:a", "task:t", "run:b")
    }
    assert report["commands"] == {"c": False}
    store.close()
    assert read(tmp_path / "trail.db") == report


def test_it_tells_trails_as_dicts(tmp_path: Path) -> None:
    filled(tmp_path / "trail.db").close()
    command = [sys.executable, "-I", str(READER), str(tmp_path / "trail.db"), "--trails"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    trail = json.loads(done.stdout)["runs"]["a"]["trail"]
    assert [event["seq"] for event in trail] == [1, 2, 3, 4, 5, 6]
    assert trail[0]["type"] == "segment.started"
    assert trail[0]["segment_id"] == "claims"
    told = {"seq": 5, "at_us": NOW, "origin": None, "type_number": 12, "type": "step.completed", "visit": "one", "ends": ""}
    absent = dict.fromkeys(FIELDS[12][1])
    assert trail[4] == absent | told | {"outputs": {"o": [0, None]}}


BODY = "UPDATE appends SET body = CAST(replace(body, 'one', 'two') AS BLOB) WHERE position = 2"
ENDED = "UPDATE runs SET status = 'completed', ended_us = 1, owner = NULL WHERE run_id = 'a'"
TAMPERINGS = {
    "a changed body": (BODY, "chain breaks at position 2"),
    "a dropped append": ("DELETE FROM appends WHERE position = 2", "seq 6 at position 3, expected 2"),
    "a moved append": ("UPDATE appends SET stream = 2, first_seq = 2 WHERE position = 3", "chain breaks at position 3"),
    "a changed status": (ENDED, "0 endings"),
    "a wrong ending": ("UPDATE runs SET status = 'cancelled' WHERE run_id = 'b'", "its trail says ['failed', 'timed_out']"),
    "a renamed stream": ("UPDATE streams SET name = 'task:z' WHERE name = 'task:t'", "task:z: the chain breaks"),
    "a swapped salt": ("UPDATE streams SET salt = zeroblob(16) WHERE name = 'task:t'", "task:t: the chain breaks"),
}


@pytest.mark.parametrize("case", TAMPERINGS)
def test_it_sees_tampering_and_so_does_check(tmp_path: Path, case: str) -> None:
    path = tmp_path / "trail.db"
    filled(path).close()
    change, problem = TAMPERINGS[case]
    with sqlite3.connect(path) as file:  # no other library has the file open
        file.execute(change)
    file.close()
    assert any(problem in found for found in read(path)["problems"])
    store = SqliteStore(path)
    assert store.check() != []
    store.close()


def test_it_refuses_another_database(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as file:
        file.execute("CREATE TABLE x (y)")
    file.close()
    command = [sys.executable, "-I", str(READER), str(tmp_path / "other.db")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not a database of Worktrail's" in done.stderr


def test_a_run_of_nothing_is_a_run(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "trail.db")
    store.commit(Commit(new_runs=[new_run("a")]))
    assert read(tmp_path / "trail.db")["runs"]["a"]["events"] == 0
    assert store.check() == []
    store.close()
