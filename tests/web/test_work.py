"""Runs over HTTP: started, found, looked into, repaired, decided."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.projects import sample, write
from tests.web.hosts import Web, served

EXPENSE = """
worktrail: 1
segment_id: expense
name: Expense
steps:
  - {step_id: dear, step_type: condition, config: {expression: input.amount > 100}}
  - {step_id: ask, step_type: human_task, config: {title: "Pay it?", assignee_ref: anna, description: "An expense"}}
  - {step_id: pay, step_type: transform, config: {expression: input.data}}
  - {step_id: refuse, step_type: transform, config: {expression: input.reason}}
  - {step_id: small, step_type: transform, config: {expression: input.amount}}
edges:
  - {source_step: dear, source_port: "true", target_step: ask}
  - {source_step: dear, source_port: "false", target_step: small}
  - {source_step: ask, source_port: approved, target_step: pay}
  - {source_step: ask, source_port: rejected, target_step: refuse}
  - {source_step: ask, source_port: expired, target_step: refuse}
"""
MAP = """
worktrail: 1
segment_id: many
steps:
  - step_id: all
    step_type: map
    config:
      items: =input.list
      body:
        steps:
          - {step_id: twice, step_type: transform, config: {expression: input * 2}}
"""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    folder = write(sample(tmp_path), {"segments/expense.yaml": EXPENSE, "segments/many.yaml": MAP})
    with served(folder) as made:
        yield made


def start(web: Web, segment_id: str, given: Any, **more: Any) -> str:
    answer = web.post("/api/v1/runs", json={"segment_id": segment_id, "input": given, **more})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["run_id"])


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.slow
def test_a_run_is_durable_when_its_start_answers_and_a_worker_goes_on_with_it(web: Web) -> None:
    run_id = start(web, "expense", {"amount": 12.50}, business_key="A-1", labels={"team": "blue"})
    shown = web.get(f"/api/v1/runs/{run_id}").json()
    assert (shown["status"], shown["owned"], shown["segment_name"]) == ("running", False, "Expense")
    assert (shown["business_key"], shown["labels"], shown["principal"][:6]) == ("A-1", {"team": "blue"}, "local:")
    web.work()
    answer = web.get(f"/api/v1/runs/{run_id}")
    assert b'"input":{"amount":12.5}' in answer.content
    shown = answer.json()
    assert (shown["status"], shown["outputs"], shown["strip"]) == ("completed", {"small": {"output": 12.5}}, "ckkkc")
    assert shown["steps"]["small"]["outputs"] == {"output": 12.5}


def test_numbers_arrive_and_leave_digit_by_digit(web: Web) -> None:
    body = '{"segment_id": "expense", "input": {"amount": 12.50, "big": 12345678901234567890.123456789}}'
    answer = web.post("/api/v1/runs", content=body, headers={"Content-Type": "application/json"})
    run_id = answer.json()["run_id"]
    value = web.get(f"/api/v1/runs/{run_id}/value?part=input")
    assert value.content == b'{"amount":12.50,"big":12345678901234567890.123456789}'
    assert web.get(f"/api/v1/runs/{run_id}/value?part=input&pointer=/big").content == b"12345678901234567890.123456789"
    assert refused(web.get(f"/api/v1/runs/{run_id}/value?part=input&pointer=/none")) == (404, "NOT_FOUND")
    assert refused(web.get(f"/api/v1/runs/{run_id}/outputs")) == (404, "NOT_FOUND")


def test_a_start_is_safe_to_repeat_under_its_key(web: Web) -> None:
    body = {"segment_id": "expense", "input": {"amount": 1}}
    first = web.post("/api/v1/runs", json=body, headers={"Idempotency-Key": "k1"}).json()
    again = web.post("/api/v1/runs", json=body, headers={"Idempotency-Key": "k1"}).json()
    assert (first["status"], again["status"]) == ("started", "already_started")
    assert first["run_id"] == again["run_id"]
    other = web.post("/api/v1/runs", json={**body, "input": {"amount": 2}}, headers={"Idempotency-Key": "k1"})
    assert refused(other) == (409, "IDEMPOTENCY_CONFLICT")
    assert web.post("/api/v1/runs", json=body, headers={"Idempotency-Key": "k2"}).json()["run_id"] != first["run_id"]
    assert web.get("/api/v1/runs/counts").json()["total"] == 2
    foreign = web.post("/api/v1/runs", json=body, headers={"Idempotency-Key": "k1"}, key=web.key("ann", "run")).json()
    assert foreign["status"] == "started"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"segment_id": "none"}, 404, "SEGMENT_NOT_FOUND"),
        ({"segment_id": "../secret.yaml"}, 404, "SEGMENT_NOT_FOUND"),
        ({"segment_id": "double", "version": "9"}, 404, "SEGMENT_NOT_FOUND"),
        ({"segment_id": "double", "input": {"n": "x"}}, 422, "INPUT_INVALID"),
        ({"segment_id": "double", "input": {"n": 1}, "parameters": {"no": 1}}, 422, "PARAMETER_UNKNOWN"),
        ({"segment_id": "double", "input": {"n": 1}, "run_id": ""}, 422, "REQUEST_INVALID"),
        ({"segment_id": "double", "input": {"n": 1}, "labels": {"": "x"}}, 422, "ARGUMENT_INVALID"),
        ({"segment_id": "double", "input": {"n": 1}, "timeout_seconds": 0}, 422, "REQUEST_INVALID"),
        ({"segment_id": "double", "inputs": {}}, 422, "REQUEST_INVALID"),
    ],
)
def test_what_cannot_be_started_leaves_nothing(web: Web, body: dict[str, Any], status: int, code: str) -> None:
    assert refused(web.post("/api/v1/runs", json=body)) == (status, code)
    assert web.get("/api/v1/runs/counts").json()["total"] == 0


def test_a_run_of_a_chosen_id_is_started_once(web: Web) -> None:
    start(web, "double", {"n": 1}, run_id="mine")
    assert refused(web.post("/api/v1/runs", json={"segment_id": "double", "input": {"n": 1}, "run_id": "mine"})) == (
        409,
        "RUN_EXISTS",
    )


@pytest.mark.slow
def test_runs_are_found_page_by_page_and_counted(web: Web) -> None:
    ids = [
        start(web, "expense", {"amount": number * 60}, business_key=f"A-{number}", labels={"n": str(number)})
        for number in range(4)
    ]
    start(web, "broken", {"n": 1})
    web.work()
    page = web.get("/api/v1/runs?limit=2&segment_id=expense").json()
    rest = web.get(f"/api/v1/runs?limit=2&segment_id=expense&cursor={page['next']}").json()
    assert [each["run_id"] for each in (*page["runs"], *rest["runs"])] == ids[::-1]
    assert rest["next"] is None
    counts = web.get("/api/v1/runs/counts").json()
    assert counts["by_status"] == {"completed": 2, "waiting": 2, "failed": 1}
    assert counts["by_wait"] == {"person": 2}
    for query, found in (
        ("status=waiting", ids[:1:-1]),
        ("wait_for=person&order=oldest", ids[2:]),
        ("status=completed&status=waiting&order=oldest", ids),
        ("business_key=A-1", ids[1:2]),
        ("label=n=3", ids[3:]),
        ("q=A-2", ids[2:3]),
        (f"q={ids[0][:12]}", ids[:1]),
        ("step_id=ask", ids[:1:-1]),
        ("workspace_id=none", []),
        ("created_after=2099-01-01T00:00:00Z", []),
        ("ended_after=2020-01-01T00:00:00&segment_id=expense", ids[1::-1]),
    ):
        assert [each["run_id"] for each in web.get(f"/api/v1/runs?{query}").json()["runs"]] == found, query
    failed = web.get("/api/v1/runs?error_code=HANDLER_FAILED").json()["runs"]
    assert [(each["segment_id"], each["strip"]) for each in failed] == [("broken", "f")]
    waits = web.get("/api/v1/runs?wait_for=person").json()["runs"][0]["waiting"][0]
    assert (waits["visit"], waits["who"], waits["task_id"][0]) == ("ask", "anna", "t")
    assert refused(web.get("/api/v1/runs?cursor=none")) == (422, "ARGUMENT_INVALID")
    assert refused(web.get("/api/v1/runs?status=sleeping")) == (422, "REQUEST_INVALID")
    assert refused(web.get("/api/v1/runs?colour=red")) == (422, "REQUEST_INVALID")
    assert refused(web.get("/api/v1/runs?limit=501")) == (422, "REQUEST_INVALID")


@pytest.mark.slow
def test_a_trail_is_read_in_pages_and_kept_whole(web: Web) -> None:
    run_id = start(web, "expense", {"amount": 200})
    web.work()
    whole = web.get(f"/api/v1/runs/{run_id}/trail").json()
    assert [event["seq"] for event in whole["events"]] == list(range(1, whole["last_seq"] + 1))
    assert whole["events"][0]["event_type"] == "segment.started"
    found, after = [], 0
    while True:
        page = web.get(f"/api/v1/runs/{run_id}/trail?limit=2&after={after}").json()
        found += page["events"]
        if page["next"] is None:
            break
        after = page["next"]
    assert found == whole["events"]
    only = web.get(f"/api/v1/runs/{run_id}/trail?event_type=human.task_created").json()["events"]
    assert [event["visit"] for event in only] == ["ask"]
    assert {event["visit"] for event in web.get(f"/api/v1/runs/{run_id}/trail?visit=dear").json()["events"]} == {"dear"}
    lines = web.get(f"/api/v1/runs/{run_id}/trail?format=jsonl")
    assert lines.headers["content-disposition"].startswith("attachment")
    assert lines.text.count("\n") == whole["last_seq"]


@pytest.mark.slow
def test_states_graph_and_visits_say_why(web: Web) -> None:
    run_id = start(web, "expense", {"amount": 200})
    web.work()
    base = f"/api/v1/runs/{run_id}"
    first = web.get(f"{base}/state?seq=1").json()
    assert (first["status"], first["visits"], first["edges"]) == ("running", [], {"": "....."})
    now = web.get(f"{base}/state").json()
    assert {one["visit"]: one["status"] for one in now["visits"]} == {"dear": "completed", "ask": "waiting", "small": "skipped"}
    assert now["edges"] == {"": "DX..."}
    assert refused(web.get(f"{base}/state?seq=99")) == (404, "NOT_FOUND")
    graph = web.get(f"{base}/graph").json()
    assert [(edge["number"], edge["leaves"], edge["source_port"]) for edge in graph["edges"]][:4] == [
        (0, 0, "true"),
        (1, 1, "false"),
        (2, 0, "approved"),
        (3, 1, "rejected"),
    ]
    assert graph["name"] == "Expense"
    dear = web.get(f"{base}/visit?visit=dear").json()
    assert dear["cause"]["sentence"] == "no edge leads to it: it starts with the run"
    assert [(each["target"], each["fate"]) for each in dear["caused"]] == [("ask", "delivered"), ("small", "not delivered")]
    assert dear["inputs"] == {"input": {"amount": 200}}
    small = web.get(f"{base}/visit?visit=small").json()
    assert (small["status"], small["cause"]["rule"]) == ("skipped", "R2")
    assert small["cause"]["sentence"] == "no inbound edge is delivered: the edge from dear (false) is dead, not delivered"
    ask = web.get(f"{base}/visit?visit=ask").json()
    assert (ask["status"], ask["waits"]["for"], ask["waits"]["who"], ask["task_id"]) == (
        "waiting",
        "person",
        "anna",
        ask["waits"]["task_id"],
    )
    pay = web.get(f"{base}/visit?visit=pay").json()
    assert (pay["status"], pay["cause"]["sentence"]) == ("not_reached", "it waits for the end of ask")
    assert refused(web.get(f"{base}/visit?visit=none")) == (404, "NOT_FOUND")
    assert refused(web.get(f"{base}/visit?visit=a%231/b")) == (404, "NOT_FOUND")


@pytest.mark.slow
def test_what_is_inside_of_an_ended_container_can_still_be_looked_at(web: Web) -> None:
    run_id = start(web, "many", {"list": [1, 2, 3]})
    web.work()
    inner = web.get(f"/api/v1/runs/{run_id}/visit", params={"visit": "all#2/twice"}).json()
    assert (inner["status"], inner["inputs"], inner["outputs"]) == ("completed", {"input": 2}, {"output": 4})
    outer = web.get(f"/api/v1/runs/{run_id}/visit?visit=all").json()
    assert outer["items"] == {"count": 3, "completed": 3, "failed": 0, "running": 0}
    graph = web.get(f"/api/v1/runs/{run_id}/graph").json()
    assert [(step["step_id"], step["container"]) for step in graph["steps"]] == [("all", None), ("twice", "all")]
    only = web.get(f"/api/v1/runs/{run_id}/trail", params={"visit": "all#2"}).json()["events"]
    assert {event["visit"] for event in only} == {"all#2/twice"}


def test_large_values_are_cut_and_read_by_their_place(web: Web) -> None:
    long = "x" * 100_000
    run_id = start(web, "expense", {"amount": 1, "text": long})
    cut = web.get(f"/api/v1/runs/{run_id}").json()["input"]["$cut"]
    assert cut["bytes"] > 100_000
    assert web.get(cut["href"]).json()["text"] == long
    trail = web.get(f"/api/v1/runs/{run_id}/trail?limit=1").json()["events"][0]["payload"]
    address = trail["input"][1]
    assert web.get(f"/api/v1/runs/{run_id}/blobs/{address}").json()["text"] == long
    other = start(web, "expense", {"amount": 1})
    assert refused(web.get(f"/api/v1/runs/{other}/blobs/{address}")) == (404, "NOT_FOUND")
    assert refused(web.get(f"/api/v1/runs/{run_id}/blobs/{'0' * 64}")) == (404, "NOT_FOUND")


@pytest.mark.slow
def test_an_incident_is_found_looked_at_and_repaired(web: Web) -> None:
    run_id = start(web, "stuck", {"n": 1})
    web.work()
    one = web.get("/api/v1/incidents").json()["incidents"][0]
    assert (one["run_id"], one["visit"], one["kind"]) == (run_id, "pay", "failure")
    detail = web.get(f"/api/v1/runs/{run_id}/incidents/{one['incident']}").json()
    assert detail["inputs"] == {"input": {"n": 1}}
    visit = web.get(f"/api/v1/runs/{run_id}/visit?visit=pay").json()
    assert (visit["retryable"], visit["attempts"][0]["outcome"], len(visit["idempotency_key"])) == (True, "running", 32)
    path = f"/api/v1/runs/{run_id}/incidents/{one['incident']}/resolve"
    assert refused(web.post(path, json={"action": "true"})) == (409, "INCIDENT_ACTION")
    assert web.post(f"/api/v1/runs/{run_id}/retry?visit=pay", json={}).json()["queued"] is True
    web.work()
    assert web.get(f"/api/v1/runs/{run_id}/visit?visit=pay").json()["attempts"][-1]["number"] == 2
    assert web.post(
        path.replace(one["incident"], web.get("/api/v1/incidents").json()["incidents"][0]["incident"]), json={"action": "skip"}
    ).json()["queued"]
    web.work()
    assert refused(web.post(f"/api/v1/runs/{run_id}/retry?visit=pay", json={})) == (409, "VISIT_NOT_RETRYABLE")
    assert web.get("/api/v1/incidents").json() == {"incidents": [], "next": None}


@pytest.mark.slow
def test_a_task_says_why_it_asks_and_is_decided_once(web: Web) -> None:
    run_id = start(web, "expense", {"amount": 200.10}, business_key="A-1")
    web.work()
    page = web.get("/api/v1/tasks").json()
    assert (page["open_count"], page["tasks"][0]["business_key"]) == (1, "A-1")
    task = web.get(f"/api/v1/tasks/{page['tasks'][0]['task_id']}").json()
    assert [(each["visit"], each["sentence"], each["value"]) for each in task["why"]] == [
        ("dear", "chose 'true' of input.amount > 100", {"amount": 200.1})
    ]
    assert [(each["outcome"], each["target"]) for each in task["next"]] == [
        ("approved", "pay"),
        ("rejected", "refuse"),
        ("expired", "refuse"),
    ]
    path = f"/api/v1/tasks/{task['task_id']}/decide"
    assert refused(web.post(path, json={"outcome": "approved"})) == (422, "REQUEST_INVALID")
    assert refused(web.post(path, json={"outcome": "approved", "expected_version": 7})) == (409, "TASK_VERSION")
    assert refused(web.post(path, json={"outcome": "maybe", "expected_version": 1})) == (422, "DECISION_INVALID")
    assert web.post(path, json={"outcome": "rejected", "expected_version": 1, "reason": "too dear"}).json()["queued"]
    web.work()
    task = web.get(f"/api/v1/tasks/{task['task_id']}").json()
    assert (task["status"], task["outcome"], task["decision"]["reason"], task["next"]) == (
        "completed",
        "rejected",
        "too dear",
        [],
    )
    assert refused(web.post(path, json={"outcome": "approved", "expected_version": 2})) == (409, "TASK_NOT_OPEN")
    assert web.get(f"/api/v1/runs/{run_id}/outputs").json() == {"refuse": {"output": "too dear"}}


@pytest.mark.slow
def test_many_are_changed_after_a_look_at_what_it_touches(web: Web) -> None:
    ids = [start(web, "expense", {"amount": 200}) for _ in range(3)]
    done = start(web, "expense", {"amount": 1})
    web.work()
    told = web.post("/api/v1/runs/bulk/preview", json={"action": "cancel", "query": "segment_id=expense"}).json()
    assert (told["matched"], told["can"], told["cannot"], told["truncated"]) == (4, 3, 1, False)
    assert [(line["run_id"], line["can"], line["why"]) for line in told["lines"][:2]] == [
        (done, False, "it is completed"),
        (ids[2], True, "1 open tasks"),
    ]
    dry = web.post("/api/v1/runs/bulk", json={"action": "cancel", "run_ids": ids}).json()
    assert (dry["accepted"], dry["queued"]) == (0, 0)
    asked = web.post(
        "/api/v1/runs/bulk", json={"action": "cancel", "run_ids": [*ids, done], "dry_run": False, "reason": "x"}
    ).json()
    assert (asked["queued"], asked["refused"], asked["answers"][3]["code"]) == (3, 1, "RUN_ENDED")
    web.work()
    assert web.get("/api/v1/runs/counts").json()["by_status"] == {"cancelled": 3, "completed": 1}
    for body, code in (
        ({"action": "cancel"}, "ARGUMENT_INVALID"),
        ({"action": "cancel", "run_ids": ["none"]}, "NOT_FOUND"),
        ({"action": "cancel", "query": "colour=red"}, "REQUEST_INVALID"),
        ({"action": "drop", "run_ids": ids}, "REQUEST_INVALID"),
    ):
        assert web.post("/api/v1/runs/bulk/preview", json=body).json()["code"] == code


@pytest.mark.slow
def test_one_run_is_paused_resumed_and_cancelled(web: Web) -> None:
    run_id = start(web, "expense", {"amount": 200})
    web.work()
    for wish, status in (("pause", "paused"), ("resume", "waiting"), ("cancel", "cancelled")):
        assert web.post(f"/api/v1/runs/{run_id}/{wish}", json={"reason": "because"}).json()["queued"]
        web.work()
        assert web.get(f"/api/v1/runs/{run_id}").json()["status"] == status
    assert refused(web.post(f"/api/v1/runs/{run_id}/cancel", json={})) == (409, "RUN_ENDED")


CHILD = """
worktrail: 1
segment_id: parent
resources: {segments: {expense: {segment_id: expense}}}
steps:
  - {step_id: inner, step_type: subsegment, config: {segment: expense}}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("segment_id", "given", "outputs"),
    [
        ("timer", {}, None),
        ("parent", {"amount": 4}, {"output": {"small": {"output": 4}}}),
        ("many", {"list": []}, {"results": []}),
    ],
)
def test_every_kind_of_first_step_is_gone_on_with(tmp_path: Path, segment_id: str, given: Any, outputs: Any) -> None:
    files = {"segments/parent.yaml": CHILD, "segments/many.yaml": MAP, "segments/expense.yaml": EXPENSE}
    with served(write(sample(tmp_path), files)) as web:
        run_id = start(web, segment_id, given)
        web.work()
        shown = web.get(f"/api/v1/runs/{run_id}").json()
        if shown["status"] == "waiting":  # for time: the next worker looks at it when it is due
            web.work()
            shown = web.get(f"/api/v1/runs/{run_id}").json()
        assert (shown["status"], shown["error"]) == ("completed", None)
        if outputs is not None:
            assert shown["outputs"] == outputs
        assert web.get("/api/v1/runs?parent=any").json()["runs"][-1]["run_id"] == run_id
        assert len(shown["children"]) == (segment_id == "parent")
