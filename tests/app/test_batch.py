# ruff: noqa: A002, A006 (`input` is the name of a port)
"""Batches: one run a row, resumable, with a bounded window; bad rows stop nothing."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from tests.app.projects import as_anna, batch, sample, wiring, write
from worktrail import Fail, RunConfig, SegmentDefinition
from worktrail.app import (
    Batch,
    BatchOptions,
    BatchReport,
    SegmentRunner,
    Worker,
    decide_task,
    list_tasks,
    match_option,
    open_rows,
    parameters_of,
    row_run_id,
    step,
    waits_for_people,
)
from worktrail.errors import AuthorError, CallerError, WorktrailError
from worktrail.store import RunFilter, RunRow, Store


def rows_of(path: Path) -> list[dict[str, Any]]:
    return sorted((json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()), key=lambda row: row["row"])


def facts(report: BatchReport, *names: str) -> tuple[Any, ...]:
    shape = report.to_dict()
    return tuple(shape[name] for name in names)


def test_rows_run_and_the_same_call_again_counts_them(tmp_path: Path) -> None:
    write(sample(tmp_path), {"in.csv": "n,key\n1,a\nx,b\n3,c\n4\n"})
    out = tmp_path / "out.jsonl"
    with wiring(tmp_path) as made:
        report = batch(made, "double", tmp_path / "in.csv", out=out, business_key="key")
        assert facts(report, "rows", "started", "completed", "skipped", "already", "steps") == (4, 2, 2, 2, 0, 2)
        assert [row.get("outputs") for row in rows_of(out)] == [{"output": 2}, None, {"output": 6}, None]
        assert [row["line"] for row in report.bad_rows] == [3, 5]
        assert dict(report.errors) == {"ROW_CELL": 1, "ROW_CELLS": 1}
        assert {row.business_key for row in made.store.list_runs(RunFilter())} == {"a", "c"}
        again = batch(made, "double", tmp_path / "in.csv", out=out)
        assert facts(again, "started", "completed", "already", "skipped") == (0, 0, 2, 2)
        assert [row.get("outputs") for row in rows_of(out)] == [{"output": 2}, None, {"output": 6}, None]
        assert facts(batch(made, "double", tmp_path / "in.csv", fresh=True), "started", "already") == (2, 0)
        other = batch(made, "double", tmp_path / "in.csv", parameters={"scale": 5})
        assert facts(other, "started", "already") == (2, 0)
        write(tmp_path, {"in.csv": "n,key\n1,a\n"})
        assert facts(batch(made, "double", tmp_path / "in.csv"), "started", "already") == (1, 0)


def test_rows_run_anew_where_a_sub_segment_has_changed(tmp_path: Path) -> None:
    parent = """
worktrail: 1
segment_id: parent
resources: {segments: {inner: {segment_id: inner}}}
steps: [{step_id: call, step_type: subsegment, config: {segment: inner}}]
"""
    inner = "worktrail: 1\nsegment_id: inner\nsteps: [{step_id: t, step_type: transform, config: {expression: input.n + 1}}]\n"
    write(sample(tmp_path), {"in.jsonl": '{"n": 1}\n', "segments/parent.yaml": parent, "segments/inner.yaml": inner})
    for body, told in ((inner, (1, 0)), (inner, (0, 1)), (inner.replace("+ 1", "+ 2"), (1, 0))):
        write(tmp_path, {"segments/inner.yaml": body})
        with wiring(tmp_path) as made:
            assert facts(batch(made, "parent", tmp_path / "in.jsonl"), "started", "already") == told


def test_a_run_id_follows_from_what_runs_and_where_it_stands() -> None:
    ids = {row_run_id(*args) for args in (("h", "f", 1), ("h", "f", 2), ("h", "g", 1), ("i", "f", 1))}
    ids.add(row_run_id("h", "f", 1, salt="x"))
    assert len(ids) == 5
    assert row_run_id("h", "f", 1) == row_run_id("h", "f", 1)
    assert all(len(each) == 24 for each in ids)


def test_an_input_that_does_not_fit_is_a_bad_row(tmp_path: Path) -> None:
    write(sample(tmp_path), {"in.jsonl": '{"n": 1}\n{"m": 1}\n{"n": "1"}\n7\n{"n": 2}\n'})
    with wiring(tmp_path) as made:
        report = batch(made, "double", tmp_path / "in.jsonl")
        assert facts(report, "rows", "completed", "skipped") == (5, 2, 3)
        assert dict(report.errors) == {"INPUT_INVALID": 3}


def test_failed_rows_are_told_with_their_error(tmp_path: Path) -> None:
    write(sample(tmp_path), {"in.jsonl": '{"n": 1}\n{"n": 2}\n'})
    with wiring(tmp_path) as made:
        report = batch(made, "broken", tmp_path / "in.jsonl")
        assert facts(report, "completed", "failed") == (0, 2)
        told = report.failures[0]["error"]
        assert (told["code"], told["message"]) == ("HANDLER_FAILED", "ValueError: cannot do 1")
        assert told["hint"]
        assert facts(batch(made, "broken", tmp_path / "in.jsonl"), "already", "already_failed") == (2, 2)


KEYS: list[tuple[str, str, str | None]] = [
    ("key", '{"n": 1, "key": "A-1"}', "A-1"),
    ("input.n", '{"n": 17}', "17"),
    ('row.key + "/" + string(n)', '{"n": 1, "key": "x"}', "x/1"),
    ("n * 1.5", '{"n": 3}', "4.5"),
    ("missing", '{"n": 1}', None),
    ("null", '{"n": 1}', None),
    ("n > 0", '{"n": 1}', None),
    ("[n]", '{"n": 1}', None),
]


@pytest.mark.parametrize(("expression", "row", "key"), KEYS)
def test_a_business_key_is_feel_over_the_row(expression: str, row: str, key: str | None, tmp_path: Path) -> None:
    write(sample(tmp_path), {"in.jsonl": row + "\n"})
    with wiring(tmp_path, database=":memory:") as made:
        report = batch(made, "double", tmp_path / "in.jsonl", business_key=expression)
        if key is None:
            assert dict(report.errors) == {"BUSINESS_KEY": 1}
        else:
            assert [run.business_key for run in made.store.list_runs(RunFilter())] == [key]


def test_what_no_row_is_to_blame_for_ends_the_call(tmp_path: Path) -> None:
    bad = "worktrail: 1\nsegment_id: bad\nsteps: [{step_id: a, step_type: transform, config: {expression: '1 +'}}]\n"
    write(sample(tmp_path), {"in.jsonl": '{"n": 1}\n{"n": 2}\n', "bad.yaml": bad})
    with wiring(tmp_path, database=":memory:") as made:
        for name, options, code in (
            (str(tmp_path / "bad.yaml"), {}, "SEGMENT_INVALID"),
            ("double", {"parameters": {"scale": "x"}}, "PARAMETER_INVALID"),
            ("double", {"business_key": "1 +"}, "FEEL_SYNTAX"),
        ):
            with pytest.raises(WorktrailError) as caught:
                batch(made, name, tmp_path / "in.jsonl", **options)
            assert caught.value.code == code
        with pytest.raises(CallerError) as refused:
            batch(made, "double", tmp_path / "in.jsonl", out=tmp_path / "no" / "out.jsonl")
        assert refused.value.code == "OUTPUT_FILE"


@pytest.mark.slow
def test_rows_that_wait_for_people_count_and_are_gone_on_with(tmp_path: Path) -> None:
    write(sample(tmp_path), {"in.jsonl": "1\n2\n3\n"})
    with wiring(tmp_path) as made:
        report = batch(made, "ask", tmp_path / "in.jsonl")
        assert facts(report, "completed", "waiting") == (0, 3)
        tasks = list_tasks(as_anna(made))["tasks"]
        assert len(tasks) == 3
        with pytest.raises(CallerError):
            decide_task(as_anna(made), tasks[0]["task_id"], {"outcome": "approved"})
        option = match_option(as_anna(made), tasks[0]["task_id"], "Two")
        answer = decide_task(as_anna(made), tasks[0]["task_id"], {"outcome": "approved", "option": option})
        assert answer["queued"] is True
        told: list[dict[str, Any]] = []
        done = asyncio.run(Worker(made, tell=told.append).run(until_idle=True))
        assert (done["runs_ended"], done["interrupted"]) == (1, False)
        assert [each["status"] for each in told] == ["completed"]
        again = batch(made, "ask", tmp_path / "in.jsonl")
        assert facts(again, "already", "resumed", "waiting") == (1, 2, 2)


def test_timers_are_waited_for(tmp_path: Path) -> None:
    write(sample(tmp_path), {"in.jsonl": "1\n2\n3\n"})
    with wiring(tmp_path) as made:
        report = batch(made, "timer", tmp_path / "in.jsonl")
        assert facts(report, "completed", "waiting") == (3, 0)


@pytest.mark.slow
def test_no_wait_leaves_the_runs_to_a_worker(tmp_path: Path) -> None:
    write(sample(tmp_path), {"in.jsonl": "".join(f'{{"n": {n}}}\n' for n in range(20))})
    with wiring(tmp_path) as made:
        report = batch(made, "double", tmp_path / "in.jsonl", wait=False, grace_s=0.0)
        assert facts(report, "started", "queued", "completed") == (20, 20, 0)
        asyncio.run(Worker(made).run(until_idle=True))
        assert made.store.count_runs() == {"completed": 20}


@pytest.mark.slow
def test_a_worker_that_can_do_nothing_leaves(tmp_path: Path) -> None:
    """A run whose handler is not registered here may wait for ever: nobody waits for it."""
    strange = SegmentDefinition.from_dict({"segment_id": "strange", "steps": [{"step_id": "a", "step_type": "strange"}]})

    async def leave_one() -> None:
        runner = SegmentRunner(tmp_path / "trail.sqlite")
        runner.register_handler("strange", lambda ctx, config, input_data: Fail("NOT_NOW", "later", recoverable=True))
        async with runner:
            await runner.start(strange, 1, config=RunConfig(max_retries=3, retry_delay=60))

    asyncio.run(leave_one())
    sample(tmp_path)
    with wiring(tmp_path, database=tmp_path / "trail.sqlite") as made:
        done = asyncio.run(asyncio.wait_for(Worker(made).run(until_idle=True), 30))
        assert (done["runs_ended"], made.store.count_runs()) == (0, {"running": 1})


def test_stopping_parks_what_is_open_and_the_same_call_goes_on(tmp_path: Path) -> None:
    write(sample(tmp_path), {"in.jsonl": "".join(f"{n}\n" for n in range(200))})
    gate, full, seen = asyncio.Event(), asyncio.Event(), []

    @step("gate_step")
    async def gate_step(input: int) -> int:
        seen.append(input)
        if len(seen) == 4:
            full.set()
        await gate.wait()
        return input

    text = "worktrail: 1\nsegment_id: gated\nsteps: [{step_id: g, step_type: gate_step}]\n"
    write(tmp_path, {"segments/gated.yaml": text})
    with wiring(tmp_path) as made:
        segment, _ = made.find_segment("gated")
        options = BatchOptions(concurrency=4, grace_s=0.0)
        one = Batch(made, segment, open_rows(tmp_path / "in.jsonl", None), options=options)

        async def stop_soon() -> BatchReport:
            running = asyncio.ensure_future(one.run())
            await full.wait()
            assert one.report.in_flight <= 64
            one.stop()
            return await running

        report = asyncio.run(stop_soon())
        assert report.interrupted
        assert report.parked == report.started <= 64
        assert report.rows == report.started
        gate.set()
        again = batch(made, "gated", tmp_path / "in.jsonl")
        assert facts(again, "completed", "resumed", "interrupted") == (200, report.parked, False)


def test_an_incident_waits_for_people_and_a_timer_does_not(tmp_path: Path) -> None:
    write(sample(tmp_path), {"in.jsonl": "1\n"})
    with wiring(tmp_path) as made:
        assert facts(batch(made, "stuck", tmp_path / "in.jsonl"), "waiting") == (1,)
        run = made.store.list_runs(RunFilter())[0]
        assert waits_for_people(made.store, run.run_id)
        assert not waits_for_people(made.store, "none")


class Overtaken:
    """A store that somebody else writes to between two looks: the child ends and its parent goes on, in one commit."""

    def __init__(self, *rows: RunRow) -> None:
        self.rows = list(rows)

    def get_run(self, run_id: str) -> RunRow:
        return self.rows.pop(0)

    def list_runs(self, where: RunFilter) -> list[RunRow]:
        return []


def test_a_run_that_moved_between_two_looks_does_not_wait_for_people(tmp_path: Path) -> None:
    write(sample(tmp_path), {"in.jsonl": "1\n"})
    with wiring(tmp_path) as made:
        batch(made, "stuck", tmp_path / "in.jsonl")
        waiting = made.store.list_runs(RunFilter())[0]
    ended = msgspec.structs.replace(waiting, status="completed", updated_us=waiting.updated_us + 1)
    assert not waits_for_people(cast(Store, Overtaken(waiting, ended)), waiting.run_id)
    assert waits_for_people(cast(Store, Overtaken(waiting, waiting)), waiting.run_id)


def test_parameters_are_read_by_their_schemas(tmp_path: Path) -> None:
    text = """
worktrail: 1
segment_id: p
parameters:
  n: {schema: {type: integer}, default: 1}
  t: {schema: {type: string}, default: ""}
  any: {default: null}
  maybe: {schema: {type: [number, "null"]}, default: null}
steps: [{step_id: a, step_type: emit, config: {event: e}}]
"""
    write(sample(tmp_path), {"segments/p.yaml": text})
    with wiring(tmp_path, database=":memory:") as made:
        segment, _ = made.find_segment("p")
        assert parameters_of(segment, ["n=5", "t=5", "any=[1]", "maybe="]) == {"n": 5, "t": "5", "any": [1], "maybe": None}
        assert parameters_of(segment, ["any=plain=text"]) == {"any": "plain=text"}
        for texts, code, said in (
            (["n=x"], "PARAMETER_INVALID", "'x' is no integer"),
            (["mybe=1"], "PARAMETER_UNKNOWN", "no parameter 'mybe'"),
            (["n"], "ARGUMENT_INVALID", "name=value"),
            (["n=1", "n=2"], "ARGUMENT_INVALID", "twice"),
        ):
            with pytest.raises(CallerError, match=said) as caught:
                parameters_of(segment, texts)
            assert caught.value.code == code


@pytest.mark.slow
def test_many_rows_take_no_more_memory_than_few(tmp_path: Path) -> None:
    """10,003 rows through one window: never more in flight than its size, and nothing kept of what has ended."""
    import tracemalloc

    write(sample(tmp_path), {"in.csv": "n\n" + "".join(f"{n}\n" for n in range(10_003))})
    highest = 0
    marks: list[int] = []

    def look(report: BatchReport) -> None:
        nonlocal highest
        highest = max(highest, report.in_flight)
        if report.done in {2_000, 10_000} and len(marks) < 2 and (not marks or report.done == 10_000):
            marks.append(tracemalloc.get_traced_memory()[0])

    with wiring(tmp_path) as made:
        segment, _ = made.find_segment("double")
        one = Batch(made, segment, open_rows(tmp_path / "in.csv", segment.input_schema), out=tmp_path / "out.jsonl", tell=look)
        tracemalloc.start()
        report = asyncio.run(one.run())
        tracemalloc.stop()
    assert facts(report, "rows", "completed") == (10_003, 10_003)
    assert highest <= 128
    assert marks[1] - marks[0] < 4_000_000
    assert len((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()) == 10_003


def test_an_app_error_is_the_authors() -> None:
    with pytest.raises(AuthorError):
        step("bad id")(lambda input: input)
