"""Time limits of runs and visits, timers, and what of them a restart keeps."""

from __future__ import annotations

import pytest

from tests.driver.build import Bench, played, segment, step, turns
from worktrail.runtime import RunConfig

ASK = segment("ask", step("ask", "human_task", task_type="approval", timeout_hours=1000))
PACED = segment(
    "paced",
    step("a", "gate"),
    step("ask", "human_task", task_type="approval", timeout_hours=1000),
    step("b", "gate"),
    edges=["a>ask", "ask.approved>b"],
)


@pytest.mark.parametrize("restart", [False, True])
@played
async def test_the_deadline_of_a_parked_run(bench: Bench, restart: bool) -> None:
    driver = bench.make()
    await driver.open()
    await driver.start(ASK, 1, run_id="r", config=RunConfig(deadline_s=3600))
    assert await driver.settled("r") == "waiting"
    assert bench.live(driver) == []
    if restart:
        await bench.crash(driver)
        driver = bench.make()
        await driver.open()
        assert bench.live(driver) == []
    bench.advance(driver, 3500)
    await turns()
    assert driver.store.get_run("r").ended_us is None  # type: ignore[union-attr]
    bench.advance(driver, 200)
    result = await driver.result("r")
    assert (result.status, result.error and result.error.error_code) == ("timed_out", "RUN_TIMED_OUT")
    assert [task.status for task in bench.tasks(driver.store, None)] == ["cancelled"]
    assert bench.live(driver) == []
    await driver.close()


@pytest.mark.parametrize("restart", [False, True])
@played
async def test_the_deadline_of_a_visit(bench: Bench, restart: bool) -> None:
    flow = segment("flow", step("w", "wait", {"deadline_s": 60}, duration="PT1H"))
    driver = bench.make()
    await driver.open()
    await driver.start(flow, 1, run_id="r")
    assert await driver.settled("r") == "waiting"
    if restart:
        await bench.crash(driver)
        driver = bench.make()
        await driver.open()
    bench.advance(driver, 61)
    result = await driver.result("r")
    assert result.error is not None
    assert (result.status, result.error.error_code) == ("failed", "DEADLINE_EXCEEDED")
    await driver.close()


@pytest.mark.parametrize("restart", [False, True])
@played
async def test_active_time_does_not_run_while_a_person_is_awaited(bench: Bench, restart: bool) -> None:
    driver = bench.make()
    await driver.open()
    await driver.start(PACED, 1, run_id="r", config=RunConfig(timeout_seconds=100))
    await bench.called("r", "a")
    bench.now_us += 60_000_000
    bench.tell("r", "a", 1)
    assert await driver.settled("r") == "waiting"
    if restart:
        await bench.crash(driver)
        driver = bench.make()
        await driver.open()
    bench.advance(driver, 100_000)
    await turns()
    assert driver.store.get_run("r").status == "waiting"  # type: ignore[union-attr]
    assert bench.live(driver) == []
    (task,) = bench.tasks(driver.store)
    assert (await driver.command("task.decide", task.task_id, {"outcome": "approved"}, "user:ann"))["accepted"]
    await bench.called("r", "b")
    bench.advance(driver, 30)
    await turns()
    assert driver.store.get_run("r").ended_us is None  # type: ignore[union-attr]
    bench.advance(driver, 20)
    assert (await driver.result("r")).status == "timed_out"
    await driver.close()


@pytest.mark.parametrize("restart", [False, True])
@played
async def test_a_timer_comes_due_though_it_is_later_than_the_limit_of_active_time(bench: Bench, restart: bool) -> None:
    flow = segment("flow", step("w", "wait", duration="PT1H"), step("b", "gate"), edges=["w>b"], policy={"timeout_seconds": 100})
    driver = bench.make()
    await driver.open()
    await driver.start(flow, 7, run_id="r")
    assert await driver.settled("r") == "waiting"
    if restart:
        await bench.crash(driver)
        driver = bench.make()
        await driver.open()
    bench.advance(driver, 150)
    await turns()
    assert bench.live(driver) == []
    bench.advance(driver, 3600)
    await bench.called("r", "b")
    bench.advance(driver, 99)
    await turns()
    assert driver.store.get_run("r").ended_us is None  # type: ignore[union-attr]
    bench.advance(driver, 2)
    assert (await driver.result("r")).status == "timed_out"
    await driver.close()


@pytest.mark.parametrize("restart", [False, True])
@played
async def test_a_wait(bench: Bench, restart: bool) -> None:
    flow = segment("flow", step("w", "wait", duration="PT1H"), step("b", "echo"), edges=["w>b"])
    driver = bench.make()
    await driver.open()
    await driver.start(flow, 7, run_id="r")
    assert await driver.settled("r") == "waiting"
    assert bench.live(driver) == []
    row = driver.store.get_run("r")
    assert row is not None and row.due_us == bench.now_us + 3_600_000_000
    if restart:
        await bench.crash(driver)
        driver = bench.make()
        await driver.open()
    bench.advance(driver, 3600)
    assert (await driver.result("r")).outputs == {"output": 7}
    await driver.close()


@played
async def test_an_overdue_wait_fires_once_at_the_restart(bench: Bench) -> None:
    flow = segment("flow", step("w", "wait", duration="PT1H"), step("b", "gate"), edges=["w>b"])
    driver = bench.make()
    await driver.open()
    await driver.start(flow, 7, run_id="r")
    await bench.crash(driver)
    bench.now_us += 7_200_000_000
    async with bench.open() as again:
        await bench.called("r", "b")
        assert bench.words(again.store, "r").count("TimerFired w") == 1
        bench.tell("r", "b", 1)
        await again.result("r")


@pytest.mark.slow
@played
async def test_a_wait_that_comes_due_while_paused_waits_for_the_resumption(bench: Bench) -> None:
    flow = segment("flow", step("w", "wait", duration="PT1H"))
    async with bench.open() as driver:
        await driver.start(flow, 7, run_id="r")
        await driver.command("run.pause", "r", {}, "user:ann")
        bench.advance(driver, 4000)
        await turns()
        assert driver.store.get_run("r").status == "paused"  # type: ignore[union-attr]
        await driver.command("run.resume", "r", {}, "user:ann")
        bench.advance(driver, 0)
        assert (await driver.result("r")).status == "completed"


@played
async def test_a_limit_that_comes_due_after_the_end_does_nothing(bench: Bench) -> None:
    flow = segment("flow", step("a", "echo", {"deadline_s": 50}), policy={"deadline_s": 60, "timeout_seconds": 30})
    async with bench.open() as driver:
        await driver.start(flow, 7, run_id="r")
        first = await driver.result("r")
        bench.advance(driver, 1000)
        await turns()
        assert bench.live(driver) == []
        assert await driver.result("r") == first
        for kind in ("run.cancel", "run.pause", "run.resume"):
            answer = await driver.command(kind, "r", {}, "user:ann")
            assert (answer["accepted"], answer["error"]["code"]) == (False, "RUN_ENDED")
        assert bench.live(driver) == []
        assert await driver.result("r") == first


@played
async def test_a_run_that_waits_sets_no_clock_again_and_again(bench: Bench) -> None:
    async with bench.open() as driver:
        await driver.start(ASK, 1, run_id="r", config=RunConfig(deadline_s=1e6, timeout_seconds=1e6))
        await driver.settled("r")
        before = len(driver._core.clocks)
        for _ in range(20):
            await driver.command("run.pause", "r", {}, "user:ann")
            await driver.command("run.resume", "r", {}, "user:ann")
        assert len(driver._core.clocks) == before
        assert bench.live(driver) == []
