"""Files of rows over the network: the runs they become, what is told of them, and what a killed server leaves."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import process
from tests.live.serving import Server, make_project

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    make_project(made)
    return made


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with Server(folder) as made:
        yield made


def send(server: Server, body: str | bytes, **query: Any) -> dict[str, Any]:
    answer = server.client.post("/api/v1/batches", params={"segment_id": "quick", **query}, content=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def until(server: Server, batch_id: str, state: str = "ended") -> dict[str, Any]:
    """The report once the batch is in a state; the server's own clock is all that is waited for."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        report: dict[str, Any] = server.client.get(f"/api/v1/batches/{batch_id}").json()
        if report["state"] == state:
            return report
    raise AssertionError(report)


CSV = "n\n1\n2\nthree\n4\n"


def test_the_rows_of_a_file_become_runs(server: Server) -> None:
    begun = send(server, CSV, file_name="numbers.csv")
    assert (begun["state"], begun["rows"], begun["file_name"]) == ("reading", None, "numbers.csv")
    report = until(server, begun["batch_id"])
    assert (report["rows"], report["started"], report["skipped"], report["by_status"]) == (4, 3, 1, {"completed": 3})
    assert [(bad["row"], bad["line"], bad["code"]) for bad in report["bad_rows"]] == [(3, 4, "ROW_CELL")]
    listed = server.client.get("/api/v1/batches").json()["batches"]
    assert [one["batch_id"] for one in listed] == [begun["batch_id"]]
    runs = server.client.get("/api/v1/runs", params={"batch": begun["batch_id"]}).json()["runs"]
    assert {run["status"] for run in runs} == {"completed"}
    assert len(runs) == 3


def test_ids_are_those_of_the_command_line(folder: Path, server: Server) -> None:
    (folder / "numbers.csv").write_text(CSV)
    assert process(folder, "run", "quick", "--input", "numbers.csv", "--json", "--no-wait").code in {0, 1}
    report = until(server, send(server, CSV)["batch_id"])
    assert (report["already"], report["started"], report["skipped"]) == (3, 0, 1)
    again = until(server, send(server, CSV, format="csv")["batch_id"])
    assert (again["already"], again["started"]) == (3, 0)


@pytest.mark.parametrize(
    ("body", "query"),
    [
        ('{"n": 1}\n{"n": 2}\nno json\n', {"format": "jsonl"}),
        ('[{"n": 1}, {"n": 2}, {"n": "three"}]', {"file_name": "rows.json"}),
        ("n\n1\n2\nx\n", {}),
    ],
)
def test_a_try_says_what_would_be_and_starts_nothing(server: Server, body: str, query: dict[str, Any]) -> None:
    report = send(server, body, dry_run=True, **query)
    assert (report["rows"], report["skipped"], report["started"], len(report["bad_rows"])) == (3, 1, 0, 1)
    assert server.client.get("/api/v1/batches").json() == {"batches": []}
    assert server.client.get("/api/v1/runs/counts").json()["total"] == 0


def test_a_killed_server_goes_on_with_the_file(folder: Path) -> None:
    rows = "".join(json.dumps({"n": number}) + "\n" for number in range(400))
    with Server(folder) as server:
        batch_id = send(server, rows, format="jsonl")["batch_id"]
        while not server.client.get("/api/v1/runs/counts").json()["total"]:
            pass
        server.kill()
    with Server(folder) as server:
        report = until(server, batch_id)
        assert (report["rows"], report["started"], report["already"], report["skipped"]) == (400, 400, 0, 0)
        assert report["by_status"] == {"completed": 400}
        assert server.client.get("/api/v1/runs/counts").json()["total"] == 400
    assert list((folder / "live.db.spool").iterdir()) == []


@pytest.mark.parametrize(
    ("query", "body", "status", "code"),
    [
        ({"segment_id": "nothing"}, CSV, 404, "SEGMENT_NOT_FOUND"),
        ({"format": "xlsx"}, CSV, 422, "ARGUMENT_INVALID"),
        ({"business_key": "1 +"}, CSV, 422, None),
        ({"dry_run": True}, "", 422, "INPUT_FILE"),
    ],
)
def test_what_is_refused(folder: Path, server: Server, query: dict[str, Any], body: str, status: int, code: str | None) -> None:
    answer = server.client.post("/api/v1/batches", params={"segment_id": "quick", **query}, content=body)
    assert answer.status_code == status, answer.text
    assert code is None or answer.json()["code"] == code
    spool = folder / "live.db.spool"
    assert not spool.exists() or list(spool.iterdir()) == []


def test_a_file_that_cannot_be_read_fails_its_batch(server: Server) -> None:
    report = until(server, send(server, "n,n\n1,2\n", format="csv")["batch_id"], "failed")
    assert report["error"]["code"] == "INPUT_FILE"
