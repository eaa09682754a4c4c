"""The command line as processes: what it loads, signals, pipes, a crash, and commands beside a running process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.projects import sample, write
from tests.cli.command import command_line, environment, process
from tests.gate import open_gate

HEAVY = ("worktrail.app", "worktrail.runtime", "worktrail.store", "apsw", "httpx", "jsonschema_rs", "ruamel", "pydantic", "rich")
GATED = '''
from tests.gate import passed
from worktrail import step


@step("gated")
async def gated(input: int) -> int:
    """Goes on once the gate is open."""
    await passed("gate")
    return input * 2
'''
SEGMENT = "worktrail: 1\nsegment_id: gated\nsteps: [{step_id: g, step_type: gated}]\n"

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project whose one step waits at a gate."""
    files = {
        "worktrail.toml": '[project]\napp = "gated_steps.py"\n',
        "gated_steps.py": GATED,
        "segments/gated.yaml": SEGMENT,
        "rows.jsonl": "".join(f"{n}\n" for n in range(30)),
    }
    return write(tmp_path, files)


Begin = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def begin(folder: Path) -> Iterator[Begin]:
    """Begins commands that go on beside the test; what is left of them afterwards is killed."""
    begun: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        begun.append(subprocess.Popen(command_line(*words), cwd=folder, env=environment(), text=True, **pipes))
        return begun[-1]

    yield start
    for one in begun:
        one.kill()
        with one:
            pass


def until_running(folder: Path, number: int) -> list[dict[str, Any]]:
    """Asks `runs list` until so many run; the runs."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        answer = process(folder, "runs", "list", "--status", "running", "--limit", "100", "--json")
        if answer.code == 0 and len(answer.json["runs"]) >= number:
            return list(answer.json["runs"])
    raise AssertionError(f"there were never {number} running runs")


def test_help_loads_nothing_heavy() -> None:
    code = "import json, sys, worktrail.cli as c; c.main(['--help']); print(json.dumps(list(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True, timeout=60)
    loaded = {name for name in json.loads(done.stderr) if name in HEAVY or name.split(".")[0] in HEAVY}
    assert loaded == set()
    assert "worktrail run orders" in done.stdout


def test_a_whole_day(tmp_path: Path) -> None:
    assert process(tmp_path, "new", "shop").code == 0
    shop = tmp_path / "shop"
    ran = process(shop, "run", "orders", "--input", "data/orders.csv", "--out", "results.jsonl")
    assert ran.code == 0, ran.err
    assert "waiting for people\t1" in ran.out
    task = process(shop, "tasks", "list", "--json").json["tasks"][0]
    assert process(shop, "tasks", "decide", task["task_id"], "rejected", "--reason", "too dear").code == 0
    assert process(shop, "worker", "--until-idle").code == 0
    again = process(shop, "run", "orders", "--input", "data/orders.csv", "--out", "results.jsonl", "--json")
    assert (again.code, again.json["already"]) == (0, 4)
    lines = [json.loads(line) for line in (shop / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {line["row"]: next(iter(line["outputs"])) for line in lines} == {
        1: "shipped",
        2: "refused",
        3: "shipped",
        4: "shipped",
    }


def test_rows_come_from_stdin(tmp_path: Path) -> None:
    sample(tmp_path)
    answer = process(tmp_path, "run", "double", "--input", "-", "--json", text='{"n": 1}\n{"n": 2}\n')
    assert (answer.code, answer.json["completed"]) == (0, 2)
    one = process(tmp_path, "run", "double", "--input", "-", "--json", text='{\n  "n": 1\n}\n')
    assert one.json["result"]["outputs"] == {"output": 2}


def test_ctrl_c_parks_and_the_same_call_goes_on(folder: Path, begin: Begin) -> None:
    running = begin("run", "gated", "--input", "rows.jsonl", "--json")
    until_running(folder, 30)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    report = json.loads(out)
    assert (report["interrupted"], report["parked"], report["completed"]) == (True, 30, 0)
    assert "stopping" in err
    open_gate(folder / "gate")
    again = process(folder, "run", "gated", "--input", "rows.jsonl", "--json")
    assert again.code == 0, again.err
    assert (again.json["completed"], again.json["resumed"], again.json["started"]) == (30, 30, 0)


def test_it_can_be_stopped_when_nobody_reads_its_errors_any_more(folder: Path, begin: Begin) -> None:
    running = begin("run", "gated", "--input", "rows.jsonl", "--json")
    until_running(folder, 30)
    assert running.stderr is not None
    running.stderr.close()
    running.send_signal(signal.SIGTERM)
    assert running.stdout is not None
    assert json.loads(running.stdout.read())["parked"] == 30
    assert running.wait(timeout=60) == 130


def test_a_second_ctrl_c_leaves_at_once_and_nothing_is_lost(folder: Path, begin: Begin) -> None:
    running = begin("run", "gated", "--input", "rows.jsonl")
    until_running(folder, 30)
    running.send_signal(signal.SIGINT)
    assert running.stderr is not None
    while "stopping" not in running.stderr.readline():
        pass
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    assert running.returncode == 130
    open_gate(folder / "gate")
    again = process(folder, "run", "gated", "--input", "rows.jsonl", "--json")
    assert (again.code, again.json["completed"]) == (0, 30)


def test_a_killed_process_is_taken_over(folder: Path, begin: Begin) -> None:
    running = begin("run", "gated", "--input", "rows.jsonl")
    until_running(folder, 30)
    running.kill()
    running.communicate(timeout=60)
    open_gate(folder / "gate")
    again = process(folder, "run", "gated", "--input", "rows.jsonl", "--out", "out.jsonl", "--json")
    assert again.code == 0, again.err
    assert again.json["completed"] + again.json["already"] == 30
    assert len((folder / "out.jsonl").read_text(encoding="utf-8").splitlines()) == 30


def test_a_cancel_says_what_it_still_waits_for(folder: Path, begin: Begin) -> None:
    once = SEGMENT.replace("step_type: gated}", "step_type: gated, policy: {effect: once}}")
    (folder / "segments" / "gated.yaml").write_text(once, encoding="utf-8")
    running = begin("run", "gated", "--input", "rows.jsonl", "--json")
    paid = until_running(folder, 30)[0]["run_id"]
    asked = process(folder, "runs", "cancel", paid)
    assert (asked.code, asked.out) == (0, "cancel requested; waits for: g\n")
    open_gate(folder / "gate")
    running.communicate(timeout=60)
    assert process(folder, "runs", "show", paid, "--json").json["status"] == "cancelled"


def test_commands_beside_a_running_process_are_answered(folder: Path, begin: Begin) -> None:
    running = begin("run", "gated", "--input", "rows.jsonl", "--json")
    runs = until_running(folder, 30)
    first, second = runs[0]["run_id"], runs[1]["run_id"]
    cancelled = process(folder, "runs", "cancel", first, "--reason", "test")
    assert (cancelled.code, cancelled.out) == (0, f"run {first} cancelled\n")
    paused = process(folder, "runs", "pause", second, "--json")
    assert paused.json == {"accepted": True}
    follower = begin("trail", second, "--follow")
    assert process(folder, "runs", "resume", second).code == 0
    open_gate(folder / "gate")
    out, err = running.communicate(timeout=60)
    report = json.loads(out)
    assert (report["cancelled"], report["completed"]) == (1, 29), err
    assert running.returncode == 1
    followed, _ = follower.communicate(timeout=60)
    events = [line.split()[3] for line in followed.splitlines()]
    assert events[-1] == "segment.completed"
    assert {"segment.paused", "segment.resumed"} <= set(events)


def test_a_worker_goes_on_with_what_was_left_to_it(folder: Path, begin: Begin) -> None:
    left = process(folder, "run", "gated", "--input", "rows.jsonl", "--no-wait", "--json")
    assert (left.code, left.json["queued"]) == (0, 30)
    worker = begin("worker", "--json")
    open_gate(folder / "gate")
    assert worker.stdout is not None
    ended = [json.loads(worker.stdout.readline()) for _ in range(30)]
    assert {each["status"] for each in ended} == {"completed"}
    (folder / "one.jsonl").write_text("1\n", encoding="utf-8")
    beside = process(folder, "run", "gated", "--input", "one.jsonl", "--no-wait")
    assert "Queued 1 run. A process that runs here takes it." in beside.out
    worker.send_signal(signal.SIGTERM)
    out, _ = worker.communicate(timeout=60)
    assert json.loads(out.splitlines()[-1])["interrupted"] is True
    assert worker.returncode == 0


@pytest.mark.parametrize("options", [(), ("--no-worker",)])
def test_a_server_that_is_stopped_says_how_to_go_on(options: tuple[str, ...], begin: Begin) -> None:
    pytest.importorskip("fastapi", reason="the server needs worktrail[web]")
    server = begin("serve", "--port", "0", "--db", "a b.sqlite", *options)
    assert server.stdout is not None
    with urllib.request.urlopen(f"{server.stdout.readline().strip()}/api/v1/me", timeout=60) as answer:
        assert answer.status == 200
    server.send_signal(signal.SIGTERM)
    _, told = server.communicate(timeout=60)
    assert server.returncode == 0
    assert ("everything is parked" in told) is not bool(options)
    assert "worktrail serve --db 'a b.sqlite'" in told
    assert "worktrail worker --db 'a b.sqlite'" in told


def test_a_port_that_is_taken_asks_for_another(folder: Path) -> None:
    pytest.importorskip("fastapi", reason="the server needs worktrail[web]")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        answer = process(folder, "serve", "--port", str(other.getsockname()[1]), "--json")
    assert (answer.code, answer.error["code"]) == (4, "SERVE_ADDRESS")
    assert answer.error["hint"] == "Use another host, or another port with `--port`."


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        command_line("schema"),
        cwd=sample(tmp_path),
        env=environment(),
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
