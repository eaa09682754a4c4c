"""The expenses example as it is meant: runs on a database file, against the flaky service, with people who decide."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from tests.examples.reckoning import FOLDER, expected_of, load_reports
from tests.examples.test_service import Running
from worktrail.app import Wiring, wire
from worktrail.net import NetPolicy, OutboundClient
from worktrail.runtime import Driver, SegmentResult
from worktrail.steps import HttpAction
from worktrail.store import TaskFilter

Reports = list[dict[str, Any]]

pytestmark = pytest.mark.slow
SECONDS = 60  # for one run to end, and never needed
# what people decide → what becomes of a report that asked (manager, finance)
SAID = {"approved": ("approved", "approved"), "rejected": ("rejected", "rejected"), "modified": ("rejected", "returned")}


def some_of_each() -> Reports:
    """The first three reports of every way and outcome."""
    ordered = sorted(load_reports(), key=lambda report: (expected_of(report)[:2], report["report_id"]))
    groups = (list(group) for _, group in groupby(ordered, key=lambda report: expected_of(report)[:2]))
    return [report for group in groups for report in group[:3]]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path / "ledger.jsonl")
    yield running
    running.stop()


async def run_all(reports: Reports, *, database: Path, url: str, outcome: str) -> dict[str, SegmentResult]:
    """Report id → result; everybody who is asked decides `outcome` (managers can only say yes or no)."""
    with wire(FOLDER, database=database) as wiring:
        policy = NetPolicy(allow_hosts=wiring.project.document.http.allow_hosts)
        async with OutboundClient(policy) as client:  # one that this loop closes
            wiring.handlers.register("http_action", HttpAction(client), replace=True)
            driver = wiring.driver()
            await driver.open()
            results = await carry_out(wiring, driver, reports, url=url, outcome=outcome)
            await driver.close()
    return results


async def carry_out(wiring: Wiring, driver: Driver, reports: Reports, *, url: str, outcome: str) -> dict[str, SegmentResult]:
    """Starts all reports, decides for all people, waits for all ends."""
    segment, children = wiring.find_segment("expense_report")
    assert segment.validate(wiring.catalog, segments=wiring.segments.lookup) == []
    ids = {}
    for report in reports:
        ids[report["report_id"]] = await driver.start(segment, report, parameters={"service_url": url}, children=children)
    asking = {ids[report["report_id"]] for report in reports if expected_of(report).way in ("manager", "finance")}
    for run_id in asking:
        assert await asyncio.wait_for(driver.settled(run_id), SECONDS) == "waiting"
    tasks = wiring.store.list_tasks(TaskFilter())
    assert {task.run_id for task in tasks} == asking
    for task in tasks:
        answer = await driver.command("task.decide", task.task_id, decision(outcome, task.task_type), "cli:kim")
        assert answer["accepted"], answer
    return {name: await asyncio.wait_for(driver.result(run_id), SECONDS) for name, run_id in ids.items()}


def decision(outcome: str, task_type: str) -> dict[str, Any]:
    """What a person sends."""
    if outcome == "modified":
        return {"outcome": outcome, "changes": {"travel": 900}} if task_type == "review" else decision("rejected", task_type)
    return {"outcome": outcome, "reason": "as the test says"}


@pytest.mark.parametrize("outcome", SAID)
def test_reports_end_as_the_rules_and_the_people_say(service: Running, tmp_path: Path, outcome: str) -> None:
    reports = some_of_each()
    database = tmp_path / "worktrail.sqlite"
    results = asyncio.run(run_all(reports, database=database, url=service.ready["url"], outcome=outcome))
    paid = 0
    for report in reports:
        expected, result = expected_of(report), results[report["report_id"]]
        if expected.outcome == "failed":
            assert result.status == "failed" and result.error is not None and result.error.error_code == "ITEM_FAILED"
            continue
        asked = expected.way in ("manager", "finance")
        status = SAID[outcome][expected.way == "finance"] if asked and outcome != "approved" else expected.outcome
        assert (result.outputs["status"], result.outputs["total"]) == (status, expected.total), report["report_id"]
        assert result.outputs.get("approved_by") == ("cli:kim" if asked and outcome == "approved" else None)
        assert ("payment" in result.outputs) is (status == "approved")
        paid += status == "approved"
    lines = [line for line in service.lines() if line["kind"] == "payment"]
    assert len(lines) == len({line["report_id"] for line in lines}) == paid
