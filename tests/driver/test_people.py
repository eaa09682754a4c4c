"""Human tasks through the desk: opened, decided, expired and cancelled in the commit of their run."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.driver.build import Bench, played, segment, step, turns

ASK = segment(
    "ask",
    step("ask", "human_task", task_type="approval", title="Pay?", timeout_hours=1),
    step("yes", "echo", value="yes"),
    step("no", "echo", value="no"),
    step("late", "echo", value="late"),
    edges=["ask.approved>yes", "ask.rejected>no", "ask.expired>late"],
    outputs={"yes": "yes.output", "no": "no.output", "late": "late.output"},
)


@pytest.mark.parametrize("outcome", ["approved", "rejected"])
@played
async def test_a_decision(bench: Bench, outcome: str) -> None:
    async with bench.open() as driver:
        await driver.start(ASK, {"sum": 7}, run_id="r")
        assert await driver.settled("r") == "waiting"
        assert bench.live(driver) == []
        (task,) = bench.tasks(driver.store)
        assert (task.run_id, task.visit, task.title, task.version) == ("r", "ask", "Pay?", 1)
        answer = await driver.command("task.decide", task.task_id, {"outcome": outcome, "comment": "ok"}, "user:ann")
        assert answer["accepted"]
        assert (answer["task"]["status"], answer["task"]["decided_by"]) == ("completed", "user:ann")
        word = "yes" if outcome == "approved" else "no"
        assert (await driver.result("r")).outputs == {word: word}
        again = await driver.command("task.decide", task.task_id, {"outcome": outcome}, "user:eve")
        assert (again["accepted"], again["error"]["code"]) == (False, "TASK_NOT_OPEN")


@pytest.mark.parametrize(
    ("wish", "principal", "code"),
    [
        ({"outcome": "perhaps"}, "user:ann", "DECISION_INVALID"),
        ({}, "user:ann", "DECISION_INVALID"),
        ({"outcome": "approved"}, "", "DECISION_INVALID"),
        ({"outcome": "approved", "expected_version": 7}, "user:ann", "TASK_VERSION"),
    ],
)
@played
async def test_a_refused_decision_changes_nothing(bench: Bench, wish: dict[str, object], principal: str, code: str) -> None:
    async with bench.open() as driver:
        await driver.start(ASK, 1, run_id="r")
        await driver.settled("r")
        (task,) = bench.tasks(driver.store)
        before = driver.store.position()
        answer = await driver.command("task.decide", task.task_id, wish, principal)
        assert (answer["accepted"], answer["error"]["code"]) == (False, code)
        assert driver.store.position() == before
        assert bench.live(driver) == []
        answer = await driver.command("task.decide", "nothing", {"outcome": "approved"}, "user:ann")
        assert answer["error"]["code"] == "TASK_NOT_FOUND"


@pytest.mark.parametrize("restart", [False, True])
@played
async def test_a_task_expires(bench: Bench, restart: bool) -> None:
    driver = bench.make()
    await driver.open()
    await driver.start(ASK, 1, run_id="r")
    await driver.settled("r")
    if restart:
        await bench.crash(driver)
        driver = bench.make()
        await driver.open()
    bench.advance(driver, 3601)
    assert (await driver.result("r")).outputs == {"late": "late"}
    assert [task.status for task in bench.tasks(driver.store, None)] == ["expired"]
    await driver.close()


@played
async def test_a_cancelled_run_cancels_its_task(bench: Bench) -> None:
    async with bench.open() as driver:
        await driver.start(ASK, 1, run_id="r")
        await driver.settled("r")
        assert (await driver.command("run.cancel", "r", {}, "user:ann"))["accepted"]
        assert (await driver.result("r")).status == "cancelled"
        assert [task.status for task in bench.tasks(driver.store, None)] == ["cancelled"]


@pytest.mark.parametrize("first", ["cancel", "decide", "expire"])
@played
async def test_two_wishes_in_one_turn_of_the_loop(bench: Bench, first: str) -> None:
    """Of a decision, a cancellation and an expiry before either is durable the first counts; nothing breaks."""
    async with bench.open() as driver:
        await driver.start(ASK, 1, run_id="r")
        await driver.settled("r")
        (task,) = bench.tasks(driver.store)
        wishes = {
            "cancel": lambda: driver.command("run.cancel", "r", {}, "user:ann"),
            "decide": lambda: driver.command("task.decide", task.task_id, {"outcome": "approved"}, "user:ann"),
        }
        order = [first] + [name for name in wishes if name != first]
        if first == "expire":
            bench.advance(driver, 3601)
            order = ["decide", "cancel"]
        answers = await asyncio.gather(*(wishes[name]() for name in order))
        await turns()
        assert driver.dead is None
        result = await driver.result("r")
        assert result.status in {"cancelled", "completed"}
        assert bench.tasks(driver.store) == []
        if first != "expire":
            assert answers[0]["accepted"]
        (stored,) = bench.tasks(driver.store, None)
        assert stored.status == {"cancel": "cancelled", "decide": "completed", "expire": "expired"}[first]
        assert stored.version == 2


@played
async def test_a_task_that_is_cancelled_before_it_is_durable(bench: Bench) -> None:
    """One branch opens a task in the very turn in which another one fails the run."""
    flow = segment("flow", step("a", "gate"), step("b", "gate"), step("ask", "human_task", task_type="approval"), edges=["a>ask"])
    async with bench.open() as driver:
        await driver.start(flow, 1, run_id="r")
        await bench.called("r", "a")
        await bench.called("r", "b")
        bench.tell("r", "a", 1)
        bench.tell("r", "b", RuntimeError("broken"))
        result = await driver.result("r")
        assert result.status == "failed"
        assert bench.tasks(driver.store) == []


@played
async def test_a_run_that_is_cancelled_before_anything_is_durable(bench: Bench) -> None:
    async with bench.open() as driver:
        starting = asyncio.ensure_future(driver.start(ASK, 1, run_id="r"))
        cancelling = asyncio.ensure_future(driver.command("run.cancel", "r", {}, "user:ann"))
        await starting
        assert (await cancelling)["accepted"]
        assert (await driver.result("r")).status == "cancelled"
        assert bench.tasks(driver.store) == []


@played
async def test_a_decision_after_a_restart(bench: Bench) -> None:
    driver = bench.make()
    await driver.open()
    await driver.start(ASK, 1, run_id="r")
    await bench.crash(driver)
    async with bench.open() as again:
        assert bench.live(again) == []
        (task,) = bench.tasks(again.store)
        assert (await again.command("task.decide", task.task_id, {"outcome": "rejected"}, "user:ann"))["accepted"]
        assert (await again.result("r")).outputs == {"no": "no"}


@played
async def test_two_people_at_once(bench: Bench) -> None:
    async with bench.open() as driver:
        await driver.start(ASK, 1, run_id="r")
        await driver.settled("r")
        (task,) = bench.tasks(driver.store)
        answers = await asyncio.gather(
            *(driver.command("task.decide", task.task_id, {"outcome": "approved"}, f"user:{n}") for n in range(5))
        )
        assert [answer["accepted"] for answer in answers] == [True, False, False, False, False]
        assert {answer["error"]["code"] for answer in answers[1:]} == {"TASK_NOT_OPEN"}
        assert (await driver.result("r")).outputs == {"yes": "yes"}


@played
async def test_a_run_that_still_works_says_what_it_waits_for_besides(bench: Bench) -> None:
    beside = segment(
        "beside",
        step("ask", "human_task", task_type="approval", title="Pay?", timeout_hours=1),
        step("slow", "gate"),
        outputs={"slow": "slow.output"},
    )
    async with bench.open() as driver:
        await driver.start(beside, 1, run_id="r")
        await bench.called("r", "slow")
        row = driver.store.get_run("r")
        assert row is not None
        assert (row.status, [each["for"] for each in json.loads(row.waiting or "")]) == ("running", ["person"])
        (task,) = bench.tasks(driver.store)
        await driver.command("task.decide", task.task_id, {"outcome": "approved"}, "user:ann")
        row = driver.store.get_run("r")
        assert row is not None
        assert (row.status, row.waiting) == ("running", "[]")
        bench.tell("r", "slow", 2)
        await driver.result("r")


def nested(depth: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(depth - 1):
        made = [made]
    return made


SHOWN: dict[str, tuple[Any, int]] = {
    # what a step was given, as deep or as large as anything may be, and the cap
    "deep": (nested(200), 1_000_000),
    "large": ("x" * 19_998, 20_000),
}


@pytest.mark.parametrize("how", ["decided", "expired"])
@pytest.mark.parametrize("name", SHOWN)
@played
async def test_what_just_fits_can_be_decided_on(bench: Bench, name: str, how: str) -> None:
    """Around the input stands what was decided: together they are larger and deeper than what is accepted of anybody else."""
    value, cap = SHOWN[name]
    flow = segment(
        "f",
        step("ask", "human_task", task_type="approval", timeout_hours=1),
        step("b", "quick", value="gone on"),
        edges=["ask.approved>b", "ask.expired>b"],
    )
    async with bench.open(max_value_bytes=cap) as driver:
        await driver.start(flow, value, run_id="r")
        await driver.settled("r")
        (task,) = bench.tasks(driver.store)
        if how == "decided":
            assert (await driver.command("task.decide", task.task_id, {"outcome": "approved"}, "user:ann"))["accepted"]
        else:
            bench.advance(driver, 3601)
        assert (await driver.result("r")).outputs == {"output": "gone on"}
        assert driver.dead is None
        given = bench.calls[-1].inputs["input"]
        assert (given["decision"], given["data"]) == ("approved" if how == "decided" else "expired", value)


@played
async def test_a_decision_that_cannot_be_kept_leaves_the_task_open(bench: Bench) -> None:
    """Refused means that nothing has changed: neither the task nor its run."""
    flow = segment("f", step("ask", "human_task", task_type="input", input_schema={"type": "object"}))
    async with bench.open(max_value_bytes=20_000) as driver:
        await driver.start(flow, 1, run_id="r")
        await driver.settled("r")
        (task,) = bench.tasks(driver.store)
        large = {"outcome": "approved", "data": {"t": "x" * 20_000}}
        refused = await driver.command("task.decide", task.task_id, large, "user:ann")
        assert (refused["accepted"], refused["error"]["code"]) == (False, "VALUE_TOO_LARGE")
        assert [one.task_id for one in bench.tasks(driver.store)] == [task.task_id]
        small = {"outcome": "approved", "data": {"t": "x"}}
        assert (await driver.command("task.decide", task.task_id, small, "user:ann"))["accepted"]
        assert (await driver.result("r")).status == "completed"


@played
async def test_what_is_composed_deeper_than_a_value_may_be_is_shown(bench: Bench) -> None:
    """A join puts an object around what was delivered; nobody may die of that."""
    flow = segment(
        "f",
        step("a", "quick"),
        step("j", "parallel_join"),
        step("ask", "human_task", task_type="approval", timeout_hours=1),
        edges=["a>j", "j>ask"],
    )
    async with bench.open() as driver:
        await driver.start(flow, nested(200), run_id="r")
        assert await driver.settled("r") == "waiting"
        (task,) = bench.tasks(driver.store)
        assert (await driver.command("task.decide", task.task_id, {"outcome": "approved"}, "user:ann"))["accepted"]
        assert (await driver.result("r")).status == "completed"
