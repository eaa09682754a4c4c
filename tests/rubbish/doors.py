"""The doors: each pushes one payload through the entry point that people use, and brings back what they would see."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from tests.rubbish.matrix import CSV_HEAD, SECRET, Input, Whole
from worktrail.app import (
    Caller,
    SegmentRunner,
    list_tasks,
    load_project,
    load_segment_text,
    os_principal,
    wire,
)
from worktrail.cli import main
from worktrail.contract import SegmentDefinition
from worktrail.errors import WorktrailError
from worktrail.runtime import load_run
from worktrail.store import RunFilter, Store, open_store

MAX_VALUE = 100_000

FILES = {
    "worktrail.toml": f"[project]\nmax_value_bytes = {MAX_VALUE}\n",
    "segments/plain.yaml": """
worktrail: 1
segment_id: plain
parameters:
  limit: {schema: {type: integer, minimum: 0}, default: 1}
  word: {schema: {type: string}, default: ""}
  rules: {schema: {type: object}, default: {}}
  any: {default: null}
input_schema:
  type: object
  required: [n]
  additionalProperties: false
  properties: {n: {type: integer}, t: {type: string}, o: {type: [object, "null"]}}
steps:
- {step_id: a, step_type: transform, config: {expression: input.n}}
""",
    "segments/loose.yaml": """
worktrail: 1
segment_id: loose
steps:
- {step_id: a, step_type: transform, config: {expression: "1"}}
""",
    "segments/ask.yaml": """
worktrail: 1
segment_id: ask
steps:
- step_id: h
  step_type: human_task
  config:
    title: How many?
    task_type: input
    input_schema:
      {type: object, required: [n], additionalProperties: false, properties: {n: {type: integer}, t: {type: string}}}
""",
    "segments/stuck.yaml": """
worktrail: 1
segment_id: stuck
policy: {on_failure: incident}
steps:
- {step_id: a, step_type: transform, config: {expression: input.missing}}
""",
}


class Seen(NamedTuple):
    """What came out: the exit code (0 where it was taken), the error in its one shape, and everything that was printed."""

    exit: int
    error: dict[str, Any] | None
    printed: str = ""
    others: int | None = None  # good rows that completed beside the bad one


def workspace(folder: Path) -> Path:
    """A project without code of its own."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def command(folder: Path, *words: str | bytes) -> tuple[int, str, str]:
    """A command line, run in this process: exit code, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([*map(os.fsdecode, words), "--json"])
    return code, out.getvalue(), err.getvalue()


def _last_error(err: str) -> dict[str, Any] | None:
    lines = err.strip().splitlines()
    with contextlib.suppress(ValueError, IndexError):
        found = json.loads(lines[-1])
        return found if isinstance(found, dict) and "code" in found else None
    return None


def _report_error(out: str) -> dict[str, Any] | None:
    """The first thing that is wrong in a report: a bad row, a failed run, a problem of a segment."""
    try:
        report = json.loads(out)
    except ValueError:
        return None
    if not isinstance(report, dict):
        return None
    for row in report.get("bad_rows", ()):
        return {**row["error"], "details": {"line": row["line"]}}
    failed = (report.get("result") or {}).get("error")
    if failed:
        return {"code": failed["error_code"], "message": failed["error_message"], "hint": failed["hint"]}
    problems = [each for one in report.get("segments", ()) for each in one["problems"] if each["severity"] == "error"]
    return {**problems[0], "details": {**problems[0].get("details", {}), "problems": problems}} if problems else None


def seen(folder: Path, *words: str | bytes) -> Seen:
    code, out, err = command(folder, *words)
    return Seen(code, _last_error(err) or (_report_error(out) if code else None), out + err)


def raised(work: Any) -> Seen:
    """The same of a call: what it raises in one of our shapes; anything else goes on up and fails the test."""
    try:
        work()
    except WorktrailError as error:
        return Seen(1, error.to_dict(), str(error))
    return Seen(0, None)


# --- doors ----------------------------------------------------------------------------------------------------------


def file(folder: Path, payload: bytes) -> Seen:
    """`validate FILE` and `run FILE` must both refuse; what `validate` says is looked at."""
    path = folder / "given.json"
    path.write_bytes(payload)
    checked = seen(folder, "validate", "given.json")
    ran = seen(folder, "run", "given.json", "--input", "[]")
    assert bool(checked.exit) == bool(ran.exit), ran.printed
    if checked.exit:
        assert ran.error is not None
        assert ran.error["hint"]
        assert SECRET not in ran.printed
    return checked


def json_text(folder: Path, payload: bytes) -> Seen:
    return raised(lambda: _checked(load_segment_text(payload, "json"), folder))


def yaml_text(folder: Path, payload: bytes) -> Seen:
    return raised(lambda: _checked(load_segment_text(payload, "yaml"), folder))


def _checked(segment: SegmentDefinition, folder: Path) -> None:
    made = wire(load_project(folder))
    segment.validate(made.catalog, strict=True, segments=lambda name, version, digest: segment)


def _rows(folder: Path, name: str, raw: bytes, good: int) -> Seen:
    (folder / name).write_bytes(raw)
    code, out, err = command(folder, "run", "plain", "--input", name)
    error = _last_error(err) or (_report_error(out) if code else None)
    others = json.loads(out)["completed"] if out else None
    if out and good:
        report = json.loads(out)
        assert report["completed"] + report["skipped"] == report["rows"]
        assert report["completed"] >= good
    return Seen(code, error, out + err, others)


def csv(folder: Path, payload: bytes | Whole) -> Seen:
    if isinstance(payload, Whole):
        return _rows(folder, "rows.csv", payload.raw, 0)
    return _rows(folder, "rows.csv", CSV_HEAD + b"1,a,\n" + payload + b"3,c,\n", 2)


def jsonl(folder: Path, payload: bytes) -> Seen:
    return _rows(folder, "rows.jsonl", b'{"n": 1}\n' + payload + b'\n{"n": 3}\n', 2)


def python(folder: Path, payload: Any) -> Seen:
    store = open_store(folder / "worktrail.sqlite")
    runner = SegmentRunner(store, max_value_bytes=MAX_VALUE)
    loose = load_segment_text(FILES["segments/loose.yaml"], "yaml")
    try:
        if isinstance(payload, Input):
            return raised(lambda: asyncio.run(runner.run(loose, None, payload.value)))
        made = payload()
        if not isinstance(made, SegmentDefinition):
            return Seen(0, None, str(made)[:100])
        checked = raised(lambda: made.validate(strict=True))
        ran = raised(lambda: asyncio.run(runner.run(made, None, {})))
        assert bool(checked.exit) == bool(ran.exit), (checked, ran)
    except WorktrailError as error:  # it was refused while it was made or asked for its hash
        return Seen(1, error.to_dict(), str(error))
    else:
        return checked
    finally:
        store.close()


def argument(folder: Path, payload: list[str | bytes]) -> Seen:
    command(folder, "run", "loose")  # so that there is a database to ask
    return seen(folder, *payload)


def param(folder: Path, payload: str | bytes) -> Seen:
    texts = payload.split("\0") if isinstance(payload, str) else [payload]
    words = [word for text in texts for word in ("--param", text)]
    return seen(folder, "run", "plain", "--input", '{"n": 1}', *words)


def decision(folder: Path, payload: bytes) -> Seen:
    command(folder, "run", "ask")
    with wire(load_project(folder), with_app=False) as made:
        (task,) = (each["task_id"] for each in list_tasks(Caller(made.existing(), os_principal()))["tasks"])
    return seen(folder, "tasks", "decide", task, "approved", "--data", payload)


def repair(folder: Path, payload: bytes) -> Seen:
    """Parsed by the command line, carried out by the next owner of the run."""
    command(folder, "run", "stuck", "--run-id", "r")
    code, out, err = command(folder, "incidents", "resolve", "r", "--action", "deliver", "--outputs", payload)
    if code:
        return Seen(code, _last_error(err), out + err)
    command(folder, "worker", "--until-idle")
    with wire(load_project(folder), with_app=False) as made:
        row = made.existing().get_command(json.loads(out)["command_id"])
    assert row is not None
    assert row.answer is not None
    answer = json.loads(row.answer)
    return Seen(0 if answer["accepted"] else 4, answer.get("error"))


DOORS = {
    "file": file,
    "json": json_text,
    "yaml": yaml_text,
    "csv": csv,
    "jsonl": jsonl,
    "python": python,
    "argument": argument,
    "param": param,
    "decision": decision,
    "repair": repair,
}


# --- afterwards -----------------------------------------------------------------------------------------------------


def database_is_well(folder: Path) -> None:
    """The integrity check finds nothing, and every run refolds from its trail."""
    path = folder / "worktrail.sqlite"
    if not path.exists():
        return
    store = open_store(path)
    try:
        assert store.check() == []
        for row in all_runs(store):
            assert load_run(store, row).id == row
    finally:
        store.close()


def all_runs(store: Store) -> list[str]:
    return [row.run_id for row in store.list_runs(RunFilter(limit=10_000))]
