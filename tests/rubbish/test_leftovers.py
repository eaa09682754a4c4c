"""What must be gone when a command ends: connections, and everything that a child run still has to say."""

from __future__ import annotations

import asyncio
import gc
import http.server
import json
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rubbish import doors
from worktrail.app import (
    Batch,
    BatchOptions,
    Worker,
    load_project,
    open_rows,
    register_steps,
    run_segment,
    step,
    waits_for_people,
    wire,
)
from worktrail.store import RunFilter, Store


class Hello(http.server.BaseHTTPRequestHandler):
    """Answers and keeps the connection open."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b'{"hello": true}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def service() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def project(folder: Path, port: int) -> Path:
    (folder / "worktrail.toml").write_text(f'[http]\nallow_hosts = ["127.0.0.1:{port}"]\nports = [{port}]\n', encoding="utf-8")
    (folder / "segments").mkdir()
    (folder / "segments" / "call.yaml").write_text(
        f"""
worktrail: 1
segment_id: call
steps:
- {{step_id: a, step_type: http_action, config: {{url: "http://127.0.0.1:{port}/"}}}}
""",
        encoding="utf-8",
    )
    return folder


def batch(folder: Path, **options: Any) -> str:
    with wire(load_project(folder)) as made:
        segment, _ = made.find_segment("call")
        (folder / "in.jsonl").write_text("1\n2\n", encoding="utf-8")
        rows = open_rows(folder / "in.jsonl", None)
        report = asyncio.run(Batch(made, segment, rows, options=BatchOptions(**options)).run())
        return json.dumps(report.to_dict()["completed"])


def worker(folder: Path) -> str:
    batch(folder, wait=False, grace_s=0.0)
    with wire(load_project(folder)) as made:
        asyncio.run(Worker(made).run(until_idle=True))
        return json.dumps(made.store.count_runs()["completed"])


def single(folder: Path) -> str:
    return str(run_segment("call", {}, project=folder).status)


@pytest.mark.slow
@pytest.mark.parametrize(("way", "said"), [(batch, "2"), (worker, "2"), (single, "completed")])
def test_connections_end_with_their_loop(way: Any, said: str, service: int, tmp_path: Path) -> None:
    folder = project(tmp_path, service)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert way(folder) == said
        gc.collect()
    assert [str(each.message) for each in told if issubclass(each.category, ResourceWarning)] == []


def test_a_parent_does_not_wait_for_people_while_its_child_works(tmp_path: Path) -> None:
    """Its row says `waiting` (for a child run); a batch must not take that for the end of what happens by itself."""
    folder = doors.workspace(tmp_path)
    (folder / "segments" / "parent.yaml").write_text(
        """
worktrail: 1
segment_id: parent
resources: {segments: [child]}
steps:
- {step_id: a, step_type: subsegment, config: {segment: child}}
""",
        encoding="utf-8",
    )
    (folder / "segments" / "child.yaml").write_text(
        "worktrail: 1\nsegment_id: child\nsteps:\n- {step_id: b, step_type: gate_of_child}\n", encoding="utf-8"
    )
    seen: list[bool] = []

    @step("gate_of_child")
    def gate_of_child(input: Any) -> int:  # noqa: A002  the port's name
        seen.append(waits_for_people(made.store, parent_of(made.store)))
        return 7

    def parent_of(store: Store) -> str:
        return next(row.run_id for row in store.list_runs(RunFilter()) if row.segment_id == "parent")

    with wire(load_project(folder)) as made:
        register_steps(made.catalog, made.handlers)
        segment, children = made.find_segment("parent")
        (folder / "in.jsonl").write_text("1\n", encoding="utf-8")
        rows = open_rows(folder / "in.jsonl", None)
        report = asyncio.run(Batch(made, segment, rows, children=children).run())
        assert seen == [False]
        assert (report.statuses["completed"], report.waiting) == (1, 0)
    doors.database_is_well(folder)
