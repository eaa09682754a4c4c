"""`policy.parallel: false`: one attempt at a time in a run, and no more is promised than that."""

from __future__ import annotations

from typing import Any

import pytest

from tests.driver.build import Bench, played, segment, step, turns
from worktrail.runtime import Fail


def wide(*kinds: str, policy: dict[str, Any] | None = None, **more: Any) -> Any:
    return segment("wide", *(step(f"s{n}", kind, policy) for n, kind in enumerate(kinds)), policy={"parallel": False}, **more)


@played
async def test_one_after_the_other_in_document_order(bench: Bench) -> None:
    async with bench.open() as driver:
        await driver.start(wide("gate", "gate", "gate"), 1, run_id="r")
        for n in range(3):
            await bench.called("r", f"s{n}")
            await turns()
            assert len(bench.calls) == n + 1
            assert driver._core.attempts.in_flight == 1
            bench.tell("r", f"s{n}", n)
        assert (await driver.result("r")).outputs == {"s0": {"output": 0}, "s1": {"output": 1}, "s2": {"output": 2}}


@played
async def test_without_it_all_begin(bench: Bench) -> None:
    async with bench.open() as driver:
        await driver.start(segment("wide", step("a", "gate"), step("b", "gate")), 1, run_id="r")
        await bench.called("r", "a")
        await bench.called("r", "b")
        assert driver._core.attempts.in_flight == 2


@played
async def test_each_run_counts_for_itself_and_holds_no_slot(bench: Bench) -> None:
    """What waits for its turn in one run leaves the slots to others."""
    async with bench.open(concurrency=2) as driver:
        for run in ("r", "s"):
            await driver.start(wide("gate", "gate"), 1, run_id=run)
        await bench.called("r", "s0")
        await bench.called("s", "s0")
        bench.tell("s", "s0", 1)
        await bench.called("s", "s1")
        assert [call[:2] for call in bench.calls] == [("r", "s0"), ("s", "s0"), ("s", "s1")]
        bench.tell("s", "s1", 1)
        await driver.result("s")
        bench.tell("r", "s0", 1)
        await bench.called("r", "s1")
        bench.tell("r", "s1", 1)
        assert (await driver.result("r")).status == "completed"
        assert driver._core.free == 2


@played
async def test_items_of_a_map_too(bench: Bench) -> None:
    flow = segment("m", step("m", "map", items="=input", body={"steps": [step("x", "gate")]}), policy={"parallel": False})
    async with bench.open() as driver:
        await driver.start(flow, [1, 2, 3], run_id="r")
        for n in (1, 2, 3):
            await bench.called("r", f"m#{n}/x")
            await turns()
            assert len(bench.calls) == n
            bench.tell("r", f"m#{n}/x", n * 10)
        assert (await driver.result("r")).outputs == {"results": [{"output": 10}, {"output": 20}, {"output": 30}]}


@played
async def test_a_back_off_gives_way_to_the_next(bench: Bench) -> None:
    """What waits for its next attempt is not an attempt."""
    async with bench.open() as driver:
        await driver.start(wide("gate", "gate", policy={"retry": {"max_attempts": 2, "delay_s": 10}}), 1, run_id="r")
        await bench.called("r", "s0")
        bench.tell("r", "s0", Fail("BUSY", "again", recoverable=True))
        await bench.called("r", "s1")
        bench.advance(driver, 20)
        await turns()
        assert len(bench.calls) == 2
        bench.tell("r", "s1", 1)
        await bench.called("r", "s0", 2)
        bench.tell("r", "s0", 1, attempt=2)
        assert (await driver.result("r")).status == "completed"


@pytest.mark.parametrize("how", ["time out", "cancel"])
@played
async def test_a_stopped_attempt_makes_room(bench: Bench, how: str) -> None:
    policy = {"timeout_s": 0.02, "on_error": "skip"} if how == "time out" else {}
    async with bench.open() as driver:
        await driver.start(wide("gate", "gate", policy=policy), 1, run_id="r")
        await bench.called("r", "s0")
        if how == "time out":
            await bench.called("r", "s1")
        else:
            await driver.command("run.cancel", "r", {}, "user:ann")
            assert (await driver.result("r")).status == "cancelled"
            assert driver._core.free == 64
            assert len(bench.calls) == 1


@played
async def test_it_holds_after_a_take_over(bench: Bench) -> None:
    driver = bench.make()
    await driver.open()
    await driver.start(wide("gate", "gate", "gate"), 1, run_id="r")
    await bench.called("r", "s0")
    bench.tell("r", "s0", 0)
    await bench.called("r", "s1")
    await bench.crash(driver)
    async with bench.open() as again:
        await bench.called("r", "s1", 2)
        await turns()
        assert [call[1:3] for call in bench.calls] == [("s0", 1), ("s1", 1), ("s1", 2)]
        bench.tell("r", "s1", 1, attempt=2)
        await bench.called("r", "s2")
        bench.tell("r", "s2", 2)
        assert (await again.result("r")).status == "completed"
