"""Activity, attention, throughput: what Home shows, by scope and page by page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.board import Writer
from worktrail import SegmentDefinition, SegmentRunner, StepDefinition
from worktrail.app import ActivityFilter, Caller, attention, list_activity, throughput
from worktrail.errors import CallerError
from worktrail.guard import Principal
from worktrail.store import SqliteStore, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = SqliteStore(tmp_path / "live.db")
    yield made
    made.close()


def caller(store: Store, *workspaces: str) -> Caller:
    return Caller(store, Principal("key:ann", workspaces=frozenset(workspaces) if workspaces else None))


def test_activity_page_by_page_is_every_headline_once(store: Store) -> None:
    writer = Writer(store)
    written = []
    for number in range(7):
        written.append(writer.begin(f"r{number}", "far" if number == 3 else "default"))
        writer.step(f"r{number}")
        written.append(writer.end(f"r{number}"))
    found: list[int] = []
    before = None
    while True:
        page = list_activity(caller(store), ActivityFilter(before=before, limit=3))
        found += [line["position"] for line in page["events"]]
        if page["next"] is None:
            break
        before = int(page["next"])
    assert found == written[::-1]
    seen = list_activity(caller(store, "default"), ActivityFilter(limit=100))["events"]
    assert {line["run_id"] for line in seen} == {"r0", "r1", "r2", "r4", "r5", "r6"}
    assert [line["event"] for line in list_activity(caller(store), ActivityFilter(run_id="r1"))["events"]] == [
        "workflow_run",
        "workflow_started",
    ]
    only = list_activity(caller(store), ActivityFilter(events=["segment.completed"], areas=["workflow"]))["events"]
    assert len(only) == 7
    assert list_activity(caller(store), ActivityFilter(areas=["human"])) == {"events": [], "next": None, "position": 21}
    with pytest.raises(CallerError) as unseen:
        list_activity(caller(store, "default"), ActivityFilter(run_id="r3"))
    assert unseen.value.code == "NOT_FOUND"


def test_a_question_looks_through_so_much_and_says_where_to_go_on(store: Store) -> None:
    writer = Writer(store)
    first = writer.begin("r")
    for _ in range(30):
        writer.step("r")
    page = list_activity(caller(store), ActivityFilter(scan_most=20))
    assert (page["events"], page["next"]) == ([], "12")
    page = list_activity(caller(store), ActivityFilter(before=int(page["next"]), scan_most=20))
    assert ([line["position"] for line in page["events"]], page["next"]) == ([first], None)


async def fail(ctx: object, config: object, inputs: object) -> dict[str, object]:
    raise ValueError("the till is closed")


@pytest.mark.parametrize(("on_failure", "kind"), [("incident", "incident"), ("cancel_rest", "failed")])
def test_what_stopped_runs_is_one_line_a_cause(store: Store, on_failure: str, kind: str) -> None:
    import asyncio

    from worktrail.contract import SegmentPolicy

    async def play() -> None:
        runner = SegmentRunner(store)
        runner.register_handler("pay", fail)
        segment = SegmentDefinition("orders", steps=[StepDefinition("pay", "pay")], policy=SegmentPolicy(on_failure=on_failure))
        async with runner:
            for _ in range(3):
                run_id = await runner.driver.start(segment, {})
                await runner.driver.settled(run_id)

    asyncio.run(play())
    (cause,) = attention(caller(store))["causes"]
    assert (cause["kind"], cause["runs"], cause["segment_id"], cause["step_id"], cause["sample_visit"]) == (
        kind,
        3,
        "orders",
        "pay",
        "pay",
    )
    assert "the till is closed" in cause["message"]
    assert cause["hint"]
    assert attention(caller(store, "elsewhere"))["causes"] == []
    told = throughput(caller(store), bucket_s=3600, buckets=2)
    assert (told["started"], told["failed"]) == (3, 0 if kind == "incident" else 3)
    assert len(told["buckets"]) == 2


@pytest.mark.parametrize(("bucket_s", "buckets"), [(0, 1), (60, 0), (60, 501), (10**9, 2)])
def test_too_much_throughput_is_refused(store: Store, bucket_s: int, buckets: int) -> None:
    with pytest.raises(CallerError) as refused:
        throughput(caller(store), bucket_s=bucket_s, buckets=buckets)
    assert refused.value.code == "ARGUMENT_INVALID"
