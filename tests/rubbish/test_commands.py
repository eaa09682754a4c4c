"""Command lines beside their data: databases that are none, project files, modules, files that would be lost, starts of runs."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.rubbish import doors
from tests.rubbish.matrix import endless
from worktrail.app import Batch, SegmentRunner, load_project, load_segment_text, open_rows, wire
from worktrail.errors import CallerError, WorktrailError
from worktrail.runtime import RunConfig, load_run
from worktrail.store import RunFilter, open_store

LOOSE = load_segment_text(doors.FILES["segments/loose.yaml"], "yaml")


def run_by_hand(folder: Path, *words: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """A command line in a process of its own."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return subprocess.run(
        [sys.executable, "-m", "worktrail.cli", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        timeout=120,
        check=False,
        **options,
    )


# --- databases ------------------------------------------------------------------------------------------------------


def good_database(path: Path) -> None:
    doors.command(path.parent, "run", "loose", "--db", path.name)


def sql(path: Path, *statements: str) -> None:
    """With another SQLite, in a process of its own."""
    code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); [c.execute(s) for s in sys.argv[2:]]; c.commit(); c.close()"
    subprocess.run([sys.executable, "-c", code, str(path), *statements], check=True)


def newer(path: Path) -> None:
    good_database(path)
    sql(path, "UPDATE meta SET value = '99' WHERE name = 'schema_version'")


def no_number(path: Path) -> None:
    good_database(path)
    sql(path, "UPDATE meta SET value = 'soon' WHERE name = 'schema_version'")


def no_meta(path: Path) -> None:
    good_database(path)
    sql(path, "DROP TABLE meta")


def cut(path: Path) -> None:
    good_database(path)
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2 + 100])


DATABASES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "no database": (lambda path: path.write_bytes(b"this is no database at all\n" * 500), ("STORE_CORRUPT",)),
    "a database of somebody else": (lambda path: sql(path, "CREATE TABLE t (a)"), ("STORE_VERSION",)),
    "a newer one": (newer, ("STORE_VERSION",)),
    "a version that is no number": (no_number, ("STORE_CORRUPT",)),
    "facts of the file missing": (no_meta, ("STORE_CORRUPT",)),
    "half of one": (cut, ("STORE_CORRUPT",)),
    "a folder": (lambda path: path.mkdir(), ("STORE_PATH",)),
}
COMMANDS = (
    ("run", "loose"),
    ("runs", "list"),
    ("tasks", "list"),
    ("incidents", "list"),
    ("trail", "r"),
    ("worker", "--until-idle"),
)


@pytest.mark.parametrize("name", DATABASES)
def test_a_database_that_is_none(name: str, tmp_path: Path) -> None:
    make, codes = DATABASES[name]
    folder, path = doors.workspace(tmp_path), tmp_path / "given.sqlite"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    for words in COMMANDS:
        found = doors.seen(folder, *words, "--db", "given.sqlite")
        assert found.error is not None, (words, found.printed)
        assert found.error["code"] in codes, found.error
        assert found.exit == 5
        assert found.error["hint"]
        assert "Traceback" not in found.printed
    code, out, _ = doors.command(folder, "doctor", "--db", "given.sqlite")
    assert code == 5
    assert {each["code"] for each in json.loads(out)["findings"]} & set(codes)
    assert not path.is_file() or path.read_bytes() == before, "nobody wrote to it"


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    folder = doors.workspace(tmp_path)
    (folder / "worktrail.sqlite").touch()
    assert doors.command(folder, "run", "loose")[0] == 0
    doors.database_is_well(folder)


@pytest.mark.parametrize(
    "words", [("runs", "list"), ("tasks", "decide", "t", "approved"), ("incidents", "resolve", "r", "--action", "skip")]
)
def test_looking_makes_no_database(words: tuple[str, ...], tmp_path: Path) -> None:
    found = doors.seen(doors.workspace(tmp_path), *words, "--db", "a/../nowhere.sqlite")
    assert found.error is not None
    assert (found.exit, found.error["code"]) == (3, "DATABASE_NOT_FOUND")
    assert not (tmp_path / "nowhere.sqlite").exists()


# --- files that would be lost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("out", ["rows.jsonl", "./segments/../rows.jsonl", "worktrail.sqlite", "link"])
def test_output_is_never_written_over_what_is_read(out: str, tmp_path: Path) -> None:
    folder = doors.workspace(tmp_path)
    rows = folder / "rows.jsonl"
    rows.write_text('{"n": 1}\n', encoding="utf-8")
    (folder / "link").symlink_to(rows)
    assert doors.command(folder, "run", "plain", "--input", "rows.jsonl")[0] == 0
    found = doors.seen(folder, "run", "plain", "--input", "rows.jsonl", "--out", out)
    assert found.error is not None
    assert found.error["code"] == "OUTPUT_FILE"
    assert rows.read_text(encoding="utf-8") == '{"n": 1}\n'
    doors.database_is_well(folder)


def test_output_beside_the_input_is_written(tmp_path: Path) -> None:
    folder = doors.workspace(tmp_path)
    (folder / "rows.jsonl").write_text('{"n": 1}\n', encoding="utf-8")
    assert doors.command(folder, "run", "plain", "--input", "rows.jsonl", "--out", "out.jsonl")[0] == 0
    assert json.loads((folder / "out.jsonl").read_text(encoding="utf-8"))["outputs"] == {"output": 1}


# --- the project file and the app module -----------------------------------------------------------------------------

PROJECTS: dict[str, tuple[bytes, str]] = {
    "half a table": (b"[project\n", "PROJECT_INVALID"),
    "a byte": (b'[project]\nname = "\xff"\n', "PROJECT_INVALID"),
    "deep": (b"a = " + b"[" * 50_000, "PROJECT_INVALID"),
    "a key": (b"[project]\nsegmnts = []\n", "PROJECT_INVALID"),
    "a table": (b"[projekt]\n", "PROJECT_INVALID"),
    "a key twice": (b'[project]\nname = "a"\nname = "b"\n', "PROJECT_INVALID"),
    "a number for a list": (b"[project]\nsegments = 5\n", "PROJECT_INVALID"),
    "a date for a text": (b"[project]\nname = 2020-01-01\n", "PROJECT_INVALID"),
    "a NUL in a path": (b'[project]\ndatabase = "a\\u0000b"\n', "PROJECT_INVALID"),
    "a NUL in a module": (b'[project]\napp = "a\\u0000.py"\n', "PROJECT_INVALID"),
    "no steps at the same time": (b"[project]\nconcurrency = 0\n", "PROJECT_INVALID"),
    "infinity": (b"[project]\nconcurrency = inf\n", "PROJECT_INVALID"),
    "no room for values": (b"[project]\nmax_value_bytes = 0\n", "PROJECT_INVALID"),
    "more room than there is": (b"[project]\nmax_value_bytes = 2000000000\n", "PROJECT_INVALID"),
    "a secret in the open": (b'[resources.secrets]\nkey = "s3cret"\n', "PROJECT_INVALID"),
    "a folder that is not there": (b'[project]\nsegments = ["nowhere"]\n', "DOCUMENT_FILE"),
}


@pytest.mark.parametrize("name", PROJECTS)
def test_a_project_file(name: str, tmp_path: Path) -> None:
    raw, code = PROJECTS[name]
    doors.workspace(tmp_path)
    (tmp_path / "worktrail.toml").write_bytes(raw)
    for words in (("validate",), ("validate", "--project", "worktrail.toml")):
        found = doors.seen(tmp_path, *words)
        assert found.error is not None
        assert found.error["code"] == code
        assert found.error["hint"]
        assert "s3cret" not in found.printed


MODULES: dict[str, str] = {
    "broken syntax": "def (",
    "an exception": "raise ValueError('x' * 1_000_000)",
    "leaving": "import sys; sys.exit(0)",
    "a module that is not there": "import nowhere_to_be_found",
    "a step that is none": "from worktrail import step\n@step('bad id')\ndef f(a): ...",
    "a setup that is none": "setup = 5",
    "a setup that fails": "def setup(resources): raise OSError('no')",
    "no Python": "\0",
}


@pytest.mark.parametrize("name", MODULES)
def test_an_app_module(name: str, tmp_path: Path) -> None:
    folder = doors.workspace(tmp_path)
    (folder / "mine.py").write_text(MODULES[name], encoding="utf-8")
    found = doors.seen(folder, "run", "loose", "--app", "mine.py")
    assert found.exit != 0
    assert found.error is not None
    assert found.error["code"] in {"APP_MODULE", "STEP_TYPE_INVALID"}
    assert found.error["hint"]
    assert len(found.error["message"]) < 4_100


# --- how a run is started and asked ---------------------------------------------------------------------------------

STARTS: dict[str, tuple[dict[str, Any], str]] = {
    "a number for an id": ({"run_id": 5}, "ARGUMENT_INVALID"),
    "a control character in an id": ({"run_id": "a\0b"}, "ARGUMENT_INVALID"),
    "half a character in an id": ({"run_id": "\ud800"}, "ARGUMENT_INVALID"),
    "a long id": ({"run_id": "x" * 501}, "ARGUMENT_INVALID"),
    "a number for a key": ({"business_key": 5}, "ARGUMENT_INVALID"),
    "half a character in a key": ({"business_key": "\udfff"}, "ARGUMENT_INVALID"),
    "a number for a label": ({"labels": {"a": 1}}, "ARGUMENT_INVALID"),
    "a number as a label": ({"labels": {1: "a"}}, "ARGUMENT_INVALID"),
    "NaN for a label": ({"labels": {"a": float("nan")}}, "ARGUMENT_INVALID"),
    "a list of labels": ({"labels": ["a"]}, "ARGUMENT_INVALID"),
    "a number for who asks": ({"principal": 5}, "ARGUMENT_INVALID"),
    "a number for a workspace": ({"workspace_id": 5}, "ARGUMENT_INVALID"),
    "a list of parameters": ({"parameters": [1]}, "PARAMETER_INVALID"),
    "a stranger's parameter": ({"parameters": {"a": 1}}, "PARAMETER_UNKNOWN"),
    "NaN for a limit": ({"config": RunConfig(timeout_seconds=float("nan"))}, "ARGUMENT_INVALID"),
    "no end for a limit": ({"config": RunConfig(deadline_s=float("inf"))}, "ARGUMENT_INVALID"),
    "less than no retries": ({"config": RunConfig(max_retries=-1)}, "ARGUMENT_INVALID"),
    "a text for a limit": ({"config": {"step_timeout": "soon"}}, "ARGUMENT_INVALID"),
}


@pytest.mark.parametrize("name", STARTS)
def test_a_start(name: str, tmp_path: Path) -> None:
    options, code = STARTS[name]
    store = open_store(tmp_path / "worktrail.sqlite")
    runner = SegmentRunner(store)
    with pytest.raises(CallerError) as caught:
        asyncio.run(runner.run(LOOSE, None, 1, **options))
    assert (caught.value.code, bool(caught.value.hint)) == (code, True)
    assert store.list_runs(RunFilter()) == []
    assert asyncio.run(runner.run(LOOSE, None, 1)).outputs == {"output": 1}, "the runner goes on"
    assert store.check() == []
    store.close()


@pytest.mark.parametrize("given", [None, "loose", {"segment_id": "s"}, 5])
def test_what_is_no_segment(given: Any) -> None:
    with pytest.raises(WorktrailError) as caught:
        asyncio.run(SegmentRunner().run(given, None, 1))
    assert caught.value.code == "SEGMENT_INVALID"


WISHES: dict[str, tuple[str, Any, str]] = {
    "no command": ("run.explode", {}, "COMMAND_UNKNOWN"),
    "a number for a reason": ("run.cancel", {"reason": 5}, "COMMAND_INVALID"),
    "half a repair": ("incident.resolve", {"action": "skip"}, "COMMAND_INVALID"),
    "a repair of nothing": ("incident.resolve", {"incident": "x", "action": "skip"}, "INCIDENT_NOT_OPEN"),
    "outputs that are none": ("incident.resolve", {"incident": "i", "action": "deliver", "outputs": [1]}, "COMMAND_INVALID"),
    "an endless output": (
        "incident.resolve",
        {"incident": "!", "action": "deliver", "outputs": {"output": endless()}},
        "ANSWER_INVALID",
    ),
}


@pytest.mark.parametrize("name", WISHES)
def test_a_wish(name: str, tmp_path: Path) -> None:
    kind, body, code = WISHES[name]
    stuck = load_segment_text(doors.FILES["segments/stuck.yaml"], "yaml")
    store = open_store(tmp_path / "worktrail.sqlite")

    async def ask() -> dict[str, Any]:
        async with SegmentRunner(store) as runner:
            run_id = await runner.start(stuck, {})
            assert await runner.driver.settled(run_id) == "waiting"
            (incident,) = load_run(store, run_id).incidents
            asked = {**body, "incident": incident} if body.get("incident") == "!" else body
            return await runner.command(kind, run_id, asked)

    answer = asyncio.run(ask())
    assert answer["accepted"] is False
    assert answer["error"]["code"] == code
    assert answer["error"]["hint"]
    assert store.check() == []
    assert [load_run(store, row.run_id).status for row in store.list_runs(RunFilter())] == ["running"]
    store.close()


@pytest.mark.slow
def test_numbers_of_a_repair_arrive_digit_by_digit(tmp_path: Path) -> None:
    folder = doors.workspace(tmp_path)
    doors.command(folder, "run", "stuck", "--run-id", "r")
    doors.command(folder, "incidents", "resolve", "r", "--action", "deliver", "--outputs", '{"output": 1.50}')
    doors.command(folder, "worker", "--until-idle")
    assert '"output": 1.50' in doors.command(folder, "runs", "show", "r")[1]


# --- a real process ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_input_longer_than_a_path_in_a_real_process(tmp_path: Path) -> None:
    folder = doors.workspace(tmp_path)
    done = run_by_hand(folder, "run", "loose", "--input", json.dumps({"t": "x" * 90_000}), "--json")
    assert done.returncode == 0, done.stderr
    doors.database_is_well(folder)


@pytest.mark.slow
def test_an_error_for_people_has_the_same_parts(tmp_path: Path) -> None:
    folder = doors.workspace(tmp_path)
    done = run_by_hand(folder, "run", "plain", "--input", '{"n": 1, "n": 2}')
    said = done.stderr.decode()
    assert done.returncode == 1
    assert "error INPUT_FILE" in said
    assert "'n' stands twice" in said
    assert "→" in said


def test_bytes_that_are_no_text_in_a_real_process(tmp_path: Path) -> None:
    done = run_by_hand(doors.workspace(tmp_path), os.fsdecode(b"feel"), os.fsdecode(b'"\xff"'))
    assert done.returncode == 2
    assert b"error ARGUMENT_INVALID" in done.stderr
    assert b"Traceback" not in done.stderr


# --- bad rows among good ones, seen from Python -----------------------------------------------------------------------


def test_a_bad_row_is_told_with_its_line_and_the_others_run(tmp_path: Path) -> None:
    folder = doors.workspace(tmp_path)
    rows = ['{"n": 1}', "{", '{"n": "x"}', '{"n": 2, "n": 3}', '{"n": NaN}', "", '{"n": 4}', '{"m": 1}']
    (folder / "in.jsonl").write_text("\n".join(rows), encoding="utf-8")
    with wire(load_project(folder)) as made:
        segment, _ = made.find_segment("plain")
        out = folder / "out.jsonl"
        report = asyncio.run(Batch(made, segment, open_rows(folder / "in.jsonl", segment.input_schema), out=out).run())
    told = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert {(row["line"], row["error"]["code"]) for row in report.bad_rows} == {
        (2, "ROW_SYNTAX"),
        (3, "INPUT_INVALID"),
        (4, "ROW_SYNTAX"),
        (5, "ROW_SYNTAX"),
        (8, "INPUT_INVALID"),
    }
    assert all(row["error"]["hint"] for row in report.bad_rows)
    assert (report.rows, report.skipped, report.statuses["completed"]) == (7, 5, 2)
    assert sorted(row["line"] for row in told) == [1, 2, 3, 4, 5, 7, 8]
    doors.database_is_well(folder)
