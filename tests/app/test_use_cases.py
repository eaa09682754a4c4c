"""Use cases: what every face asks, over databases that batches made."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.app.projects import SEGMENTS, as_anna, batch, sample, wiring, write
from worktrail.app import (
    Wiring,
    Worker,
    cancel_run,
    check_segments,
    count_runs,
    decide_task,
    document_schema,
    evaluate_feel,
    examine,
    list_incidents,
    list_runs,
    list_tasks,
    pause_run,
    resolve_incident,
    resume_run,
    show_incident,
    show_run,
    show_task,
    timeline,
    trail_events,
)
from worktrail.errors import CallerError, WorktrailError
from worktrail.store import RunFilter

ANNA = "user:anna"


@pytest.fixture
def made(tmp_path: Path) -> Any:
    """A database with a finished run, a failed one, one that waits for a person, one with an incident."""
    write(sample(tmp_path), {"one.jsonl": '{"n": 1}\n'})
    found = wiring(tmp_path)
    for name in ("double", "broken", "ask", "stuck"):
        batch(found, name, tmp_path / "one.jsonl", labels={"kind": name}, business_key="n")
    yield found
    found.close()


def run_of(made: Wiring, segment: str) -> str:
    return str(list_runs(as_anna(made), RunFilter(segment_ids=[segment]))["runs"][0]["run_id"])


def test_runs_are_listed_in_pages(made: Wiring) -> None:
    page = list_runs(as_anna(made), RunFilter(limit=3))
    assert [each["segment_id"] for each in page["runs"]] == ["stuck", "ask", "broken"]
    counts = count_runs(as_anna(made), RunFilter())
    assert (counts["total"], counts["by_status"]) == (4, {"completed": 1, "failed": 1, "waiting": 2})
    assert counts["by_wait"] == {"person": 1, "incident": 1}
    rest = list_runs(as_anna(made), RunFilter(limit=3, after=page["next"]))
    assert ([each["segment_id"] for each in rest["runs"]], rest["next"]) == (["double"], None)
    assert [each["status"] for each in list_runs(as_anna(made), RunFilter(status=["failed"]))["runs"]] == ["failed"]
    assert len(list_runs(as_anna(made), RunFilter(labels=[("kind", "ask")]))["runs"]) == 1
    assert len(list_runs(as_anna(made), RunFilter(business_key="1"))["runs"]) == 4
    assert list_runs(as_anna(made), RunFilter(segment_ids=["nothing"]))["runs"] == []
    waiting = {each["segment_id"]: [one["for"] for one in each["waiting"]] for each in page["runs"]}
    assert waiting == {"stuck": ["incident"], "ask": ["person"], "broken": []}


def test_a_run_is_shown_whole(made: Wiring) -> None:
    facts = show_run(as_anna(made), run_of(made, "double"))
    assert (facts["status"], facts["input"], facts["outputs"]) == ("completed", {"n": 1}, {"output": 2})
    assert facts["steps"]["a"]["status"] == "completed"
    failed = show_run(as_anna(made), run_of(made, "broken"))
    assert failed["error"]["error_code"] == "HANDLER_FAILED"
    assert show_run(as_anna(made), run_of(made, "stuck"))["incidents"][0]["kind"] == "failure"
    with pytest.raises(CallerError, match="no run 'nope'"):
        show_run(as_anna(made), "nope")


@pytest.mark.slow
def test_changes_are_queued_without_a_worker_and_refused_where_they_cannot_be(made: Wiring) -> None:
    for change in (cancel_run, pause_run, resume_run):
        with pytest.raises(CallerError) as caught:
            change(as_anna(made), run_of(made, "double"))
        assert caught.value.code == "RUN_ENDED"
        with pytest.raises(CallerError) as unknown:
            change(as_anna(made), "nope")
        assert unknown.value.code == "NOT_FOUND"
    answer = cancel_run(as_anna(made), run_of(made, "ask"), reason="not needed")
    assert (answer["queued"], answer["reason"]) == (True, "no worker")
    asyncio.run(Worker(made).run(until_idle=True))
    assert show_run(as_anna(made), run_of(made, "ask"))["status"] == "cancelled"
    assert list_tasks(as_anna(made))["tasks"] == []
    assert list_tasks(as_anna(made), status=None)["tasks"][0]["status"] == "cancelled"


@pytest.mark.slow
def test_a_task_is_shown_and_decided_once(made: Wiring) -> None:
    task_id = list_tasks(as_anna(made))["tasks"][0]["task_id"]
    shown = show_task(as_anna(made), task_id)
    assert (shown["form"]["title"], shown["data"], shown["status"]) == ("Good?", {"n": 1}, "open")
    assert shown["answers"]["approved"] == {"must": ["option"], "may": []}
    for decision, code in (
        ({"outcome": "approved", "option": "blue"}, "DECISION_INVALID"),
        ({"outcome": "approved", "option": "red", "expected_version": 9}, "TASK_VERSION"),
    ):
        with pytest.raises(CallerError) as caught:
            decide_task(as_anna(made), task_id, decision)
        assert caught.value.code == code
    assert decide_task(as_anna(made), task_id, {"outcome": "approved", "option": "red"})["queued"]
    asyncio.run(Worker(made).run(until_idle=True))
    shown = show_task(as_anna(made), task_id)
    assert (shown["status"], shown["outcome"], shown["decided_by"]) == ("completed", "approved", ANNA)
    assert shown["decision"] == {"outcome": "approved", "comment": None, "reason": None, "option": "red"}
    assert [(each["event"], each["principal"]) for each in shown["history"]] == [("task.created", None), ("task.decided", ANNA)]
    assert shown["answers"] == {}
    assert show_run(as_anna(made), run_of(made, "ask"))["outputs"] == {"chosen": "red"}
    with pytest.raises(CallerError) as late:
        decide_task(as_anna(made), task_id, {"outcome": "rejected"})
    assert late.value.code == "TASK_NOT_OPEN"
    with pytest.raises(CallerError) as unknown:
        show_task(as_anna(made), "nope")
    assert unknown.value.code == "TASK_NOT_FOUND"


@pytest.mark.slow
def test_an_incident_is_shown_and_repaired(made: Wiring) -> None:
    run_id = run_of(made, "stuck")
    assert [each["run_id"] for each in list_incidents(as_anna(made))["incidents"]] == [run_id]
    assert list_incidents(as_anna(made), run_of(made, "double")) == {"incidents": [], "next": None}
    facts = show_incident(as_anna(made), run_id)
    assert (facts["kind"], facts["visit"], facts["error"]["error_code"]) == ("failure", "pay", "HANDLER_FAILED")
    refused: list[tuple[str | None, str, dict[str, Any], str]] = [
        ("nope", "retry", {}, "INCIDENT_NOT_OPEN"),
        (None, "explode", {}, "INCIDENT_ACTION"),
        (None, "deliver", {}, "INCIDENT_ACTION"),
        (None, "retry", {"outputs": {"output": 1}}, "INCIDENT_ACTION"),
    ]
    for incident, action, more, code in refused:
        with pytest.raises(CallerError) as caught:
            resolve_incident(as_anna(made), run_id, incident, action, **more)
        assert caught.value.code == code
    assert resolve_incident(as_anna(made), run_id, None, "deliver", outputs={"output": {"paid": 5}})["queued"]
    asyncio.run(Worker(made).run(until_idle=True))
    assert show_run(as_anna(made), run_id)["outputs"] == {"output": {"paid": 5}}
    with pytest.raises(CallerError) as gone:
        show_incident(as_anna(made), run_id)
    assert gone.value.code == "INCIDENT_NOT_OPEN"


def test_a_running_worker_answers_at_once(made: Wiring, tmp_path: Path) -> None:
    async def scene() -> dict[str, Any]:
        worker = Worker(made)
        running = asyncio.ensure_future(worker.run())
        await asyncio.sleep(0)
        answer: dict[str, Any] = {"queued": True}
        other = wiring(tmp_path)
        run_id = run_of(made, "stuck")
        while answer.get("queued"):  # until the worker has its lease
            answer = await asyncio.to_thread(resolve_incident, as_anna(other), run_id, None, "skip")
        other.close()
        worker.stop()
        await running
        return answer

    assert asyncio.run(scene()) == {"accepted": True}


def test_a_trail_reads_line_by_line(made: Wiring) -> None:
    lines = list(timeline(as_anna(made), run_of(made, "double")))
    assert [line["event"] for line in lines][:3] == ["segment.started", "step.scheduled", "step.started"]
    assert lines[-1]["event"] == "segment.completed"
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert all(line["after_s"] >= 0 for line in lines)
    failed = list(timeline(as_anna(made), run_of(made, "broken")))
    assert any("HANDLER_FAILED: ValueError: cannot do 1" in line["text"] for line in failed)
    events = trail_events(as_anna(made), run_of(made, "double"), after_seq=2)
    assert events[0].stream_seq == 3
    with pytest.raises(CallerError):
        list(timeline(as_anna(made), "nope"))


def test_segments_are_checked_by_file_and_by_id(tmp_path: Path) -> None:
    write(
        sample(tmp_path),
        {
            "bad.yaml": "worktrail: 1\nsegment_id: bad\nsteps:\n  - {step_id: a, step_type: transfrm}\n",
            "worse.yaml": "worktrail: [1\n",
            "foreign.yaml": "worktrail: 1\nsegment_id: f\nsteps: [{step_id: a, step_type: sample_double, config: {factor: x}}]\n",
        },
    )
    with wiring(tmp_path, database=":memory:") as made:
        assert check_segments(made, [])["ok"]
        assert len(check_segments(made, [])["segments"]) == 5
        assert check_segments(made, ["double"])["segments"][0]["hash"].startswith("sha256:")
        stuck = str(tmp_path / "segments/stuck.yaml")  # its step type is `once`: the hash is that of its runs
        assert check_segments(made, [stuck])["segments"][0]["hash"] == made.find_segment("stuck")[0].hash
        for name, code in (("bad", "TYPE_UNKNOWN"), ("worse", "DOCUMENT_SYNTAX"), ("foreign", "CONFIG_INVALID")):
            found = check_segments(made, [str(tmp_path / f"{name}.yaml")])
            assert not found["ok"]
            problem = found["segments"][0]["problems"][0]
            assert problem["code"] == code
            assert problem["severity"] == "error"
        with pytest.raises(CallerError):
            check_segments(made, ["dubble"])
        with pytest.raises(CallerError):
            check_segments(made, [str(tmp_path / "none.yaml")])


def test_an_id_in_two_files_is_found_before_a_run(tmp_path: Path) -> None:
    write(sample(tmp_path), {"segments/again.yaml": SEGMENTS["ask.yaml"]})
    with wiring(tmp_path, database=":memory:") as made:
        checked = check_segments(made, [])
        report = examine(made)
    bad = {Path(each["name"]).name: each["problems"] for each in checked["segments"] if not each["ok"]}
    assert not checked["ok"]
    assert [(name, problem["code"]) for name, problems in bad.items() for problem in problems] == [
        ("again.yaml", "SEGMENT_TWICE"),
        ("ask.yaml", "SEGMENT_TWICE"),
    ]
    found = [each for each in report["findings"] if each["severity"] == "error"]
    assert [each["code"] for each in found] == ["SEGMENT_TWICE"]
    assert "again.yaml" in found[0]["message"]
    assert "ask.yaml" in found[0]["message"]


def test_schemas_know_the_projects_own_step_types(tmp_path: Path) -> None:
    with wiring(sample(tmp_path), database=":memory:") as made:
        assert "sample_double" in str(document_schema(made))
        assert document_schema(made, "sample_double")["properties"]["factor"]["default"] == 2
        with pytest.raises(WorktrailError) as caught:
            document_schema(made, "sample_dubble")
        assert caught.value.hint == "Did you mean 'sample_double'?"


def test_feel_by_hand() -> None:
    assert evaluate_feel("1/3", {}) == Decimal("0.3333333333333333333333333333333333")
    assert evaluate_feel("a + input.a", {"a": 2}) == 4
    assert evaluate_feel("input[1]", [5, 6]) == 5
    assert evaluate_feel("now().year", {}) >= datetime.now(UTC).year - 1
    with pytest.raises(WorktrailError):
        evaluate_feel("nothing + 1", {})


def test_the_doctor_finds_what_is_wrong(made: Wiring, tmp_path: Path) -> None:
    report = examine(made, deep=True)
    assert report["ok"], report["findings"]
    assert report["runs"] == {"completed": 1, "failed": 1, "waiting": 2}
    assert {each["code"] for each in report["findings"]} <= {"RUNS_UNOWNED", "DISK_SLOW"}
    write(tmp_path, {"segments/bad.yaml": "worktrail: 1\nsegment_id: bad\nsteps: []\n"})
    with wiring(tmp_path, database=tmp_path / "none.sqlite") as fresh:
        report = examine(fresh)
        assert not report["ok"]
        assert report["database"] == {"path": str(tmp_path / "none.sqlite"), "exists": False}
        assert not (tmp_path / "none.sqlite").exists()
    write(tmp_path, {"worktrail.toml": "", "none/x": ""})
    with wiring(tmp_path, database=made.database) as poor:
        codes = {each["code"]: each["message"] for each in examine(poor)["findings"]}
        assert "sample_once" in codes["HANDLER_MISSING"]
