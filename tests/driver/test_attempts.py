"""Attempts: retries and their back-off, time limits, effects, keys, late answers, big values."""

from __future__ import annotations

from typing import Any

import pytest

from tests.driver.build import Bench, played, segment, step, turns, until
from worktrail.errors import CallerError
from worktrail.events import Blob, StepCompleted, StepRetrying
from worktrail.runtime import Driver, Fail

BUSY = Fail("BUSY", "try again", recoverable=True)


def one(step_type: str = "gate", **policy: Any) -> Any:
    return segment("one", step("a", step_type, policy))


@played
async def test_back_off(bench: Bench) -> None:
    flow = one(retry={"max_attempts": 4, "delay_s": 10, "backoff": 3, "max_delay_s": 60})
    async with bench.open() as driver:
        await driver.start(flow, 1, run_id="r")
        for attempt, delay in ((1, 10.0), (2, 30.0), (3, 60.0)):
            await bench.called("r", "a", attempt)
            bench.tell("r", "a", BUSY, attempt=attempt)
            await turns()
            retrying = [event for event in bench.trail(driver.store, "r") if isinstance(event, StepRetrying)][-1]
            waits_s = (retrying.due_us - bench.now_us) / 1e6
            assert delay * 0.8 <= waits_s <= delay * 1.2  # jitter
            assert retrying.attempt == attempt + 1
            bench.advance(driver, waits_s - 0.01)
            await turns()
            assert len(bench.calls) == attempt
            bench.advance(driver, 0.02)
        await bench.called("r", "a", 4)
        bench.tell("r", "a", BUSY, attempt=4)
        result = await driver.result("r")
        assert (result.status, result.step_results["a"]["attempts"], driver.stats.retries) == ("failed", 4, 3)


@pytest.mark.parametrize(
    ("policy", "answer", "again"),
    [
        ({}, Fail("NO", "", recoverable=False), False),
        ({}, BUSY, True),
        ({"on": ["NO"]}, Fail("NO", "", recoverable=False), True),
        ({"on": ["NO"]}, BUSY, False),
    ],
)
@played
async def test_what_is_retried(bench: Bench, policy: dict[str, Any], answer: Fail, again: bool) -> None:
    async with bench.open() as driver:
        await driver.start(one(retry={"max_attempts": 2, "delay_s": 1, **policy}), 1, run_id="r")
        await bench.called("r", "a")
        bench.tell("r", "a", answer)
        await turns()
        row = driver.store.get_run("r")
        assert row is not None
        assert (row.ended_us is None) is again


@played
async def test_a_time_limit_stops_the_attempt(bench: Bench) -> None:
    async with bench.open() as driver:
        await driver.start(one(timeout_s=0.02, retry={"max_attempts": 2, "delay_s": 5}), 1, run_id="r")
        await bench.called("r", "a")
        await until(lambda: driver.stats.retries)
        await turns()
        assert driver._core.attempts.in_flight == 0
        assert driver._core.free == 64
        bench.tell("r", "a", "too late")
        bench.advance(driver, 10)
        await bench.called("r", "a", 2)
        bench.tell("r", "a", "in time", attempt=2)
        result = await driver.result("r")
        assert (result.status, result.outputs) == ("completed", {"output": "in time"})
        assert bench.words(driver.store, "r")[3:5] == ["StepTimedOut a", "StepRetrying a"]


@played
async def test_once_is_not_retried_and_a_person_decides(bench: Bench) -> None:
    flow = one(effect="once", timeout_s=0.02)
    async with bench.open() as driver:
        for run, wish, status in (
            ("skip", {"action": "skip"}, "failed"),
            ("retry", {"action": "retry"}, "completed"),
            ("fail", {"action": "fail"}, "failed"),
            ("deliver", {"action": "deliver", "outputs": {"output": "by hand"}}, "completed"),
        ):
            await driver.start(flow, 1, run_id=run)
            await bench.called(run, "a")
            assert await driver.settled(run) == "waiting"
            (incident,) = [event for event in bench.trail(driver.store, run) if type(event).__name__ == "IncidentOpened"]
            body = {"incident": incident.incident, **wish}
            answer = await driver.command("incident.resolve", run, body, "user:ann")
            assert answer["accepted"], answer
            if run == "retry":
                call = await bench.called(run, "a", 2)
                assert call.key == bench.calls[[c.run for c in bench.calls].index(run)].key
                bench.tell(run, "a", "again", attempt=2)
            assert (await driver.result(run)).status == status
            again = await driver.command("incident.resolve", run, body, "user:ann")
            assert again["accepted"] is False
        assert (await driver.result("deliver")).outputs == {"output": "by hand"}


@pytest.mark.parametrize("found", [{"output": "found"}, "not_executed", "unknown"])
@played
async def test_verify_asks_after_a_crash(bench: Bench, found: Any) -> None:
    flow = one("probed", effect="verify", retry={"max_attempts": 3, "delay_s": 1})
    driver = bench.make()
    await driver.open()
    await driver.start(flow, 1, run_id="r")
    await bench.called("r", "a")
    await bench.crash(driver)
    bench.found = found
    async with bench.open() as again:
        await until(lambda: bench.probes)
        if found == "not_executed":
            await until(lambda: again.stats.retries)
            bench.advance(again, 10)
            await bench.called("r", "a", 2)
            bench.tell("r", "a", "repeated", attempt=2)
        result = await again.result("r")
        assert bench.probes == ["a"]
        assert (
            result.outputs
            == {dict: {"output": "found"}, str: {"output": "repeated"} if found == "not_executed" else None}[type(found)]
        )
        assert result.status == ("failed" if found == "unknown" else "completed")


@played
async def test_verify_that_runs_out_of_time_is_stopped_before_it_is_asked(bench: Bench) -> None:
    flow = one("probed", effect="verify", timeout_s=0.02, retry={"max_attempts": 3, "delay_s": 1})
    bench.found = {"output": "found"}
    async with bench.open() as driver:
        await driver.start(flow, 1, run_id="r")
        await bench.called("r", "a")
        result = await driver.result("r")
        assert (result.status, result.outputs, bench.probes) == ("completed", {"output": "found"}, ["a"])
        await turns()
        assert driver._core.attempts.in_flight == 0
        assert driver._core.free == 64


@played
async def test_the_key_is_equal_over_attempts_and_restarts(bench: Bench) -> None:
    flow = segment("two", step("a", "gate", {"retry": {"max_attempts": 2, "delay_s": 0.001}}), step("b", "gate"), edges=["a>b"])
    driver = bench.make()
    await driver.open()
    await driver.start(flow, {"big": "x" * 20_000}, run_id="r")
    await driver.start(flow, {"big": "x" * 20_000}, run_id="other")
    await bench.called("r", "a")
    bench.tell("r", "a", BUSY)
    await turns()
    bench.advance(driver, 1)
    await bench.called("r", "a", 2)
    await bench.crash(driver)
    async with bench.open() as again:
        await bench.called("r", "a", 3)
        bench.tell("r", "a", 1, attempt=3)
        await bench.called("r", "b")
        await again.command("run.cancel", "other", {}, "user:ann")
        keys = {(call.run, call.visit): {c.key for c in bench.calls if c[:2] == call[:2]} for call in bench.calls}
        assert all(len(found) == 1 for found in keys.values())
        assert len(set.union(*keys.values())) == len(keys) == 3


@played
async def test_an_answer_of_a_cancelled_run_is_nobodys(bench: Bench) -> None:
    async with bench.open() as driver:
        await driver.start(one(), 1, run_id="r")
        await bench.called("r", "a")
        assert (await driver.command("run.cancel", "r", {"reason": "enough"}, "user:ann"))["accepted"]
        bench.tell("r", "a", "late")
        await turns()
        assert (await driver.result("r")).status == "cancelled"
        assert driver._core.free == 64
        assert bench.words(driver.store, "r")[-3:] == ["SegmentCancelRequested", "StepCancelled a", "SegmentCancelled"]


@played
async def test_cancel_awaits_a_once(bench: Bench) -> None:
    async with bench.open() as driver:
        await driver.start(one(effect="once"), 1, run_id="r")
        await bench.called("r", "a")
        assert (await driver.command("run.cancel", "r", {}, "user:ann"))["accepted"]
        await turns()
        row = driver.store.get_run("r")
        assert row is not None and row.ended_us is None
        bench.tell("r", "a", "paid")
        assert (await driver.result("r")).status == "cancelled"
        assert "StepCompleted a" in bench.words(driver.store, "r")


@played
async def test_a_provider_of_secrets_that_breaks_fails_the_attempt(bench: Bench) -> None:
    class Broken:
        def get_secret(self, name: str) -> str:
            raise RuntimeError("no connection")

    bench.resources.register_secrets_provider(Broken())  # type: ignore[arg-type]
    flow = segment("one", step("a", "gate", None, secret_ref="token"), resources={"secrets": ["token"]})
    async with bench.open() as driver:
        await driver.start(flow, 1, run_id="r")
        result = await driver.result("r")
        assert result.status == "failed"
        assert bench.calls == []
        assert driver._core.free == 64


@pytest.mark.parametrize("size", [100, 9_000, 300_000])
@played
async def test_values_of_all_sizes(bench: Bench, size: int) -> None:
    flow = segment(
        "flow",
        step("a", "gate"),
        step("b", "transform", expression="{text: string length(input.text), kept: input.text}"),
        step("c", "echo"),
        edges=["a>b", "b>c"],
    )
    driver = bench.make()
    await driver.open()
    await driver.start(flow, {"text": "i" * size}, run_id="r")
    call = await bench.called("r", "a")
    assert call.inputs == {"input": {"text": "i" * size}}
    await bench.crash(driver)
    async with bench.open() as again:
        assert (await bench.called("r", "a", 2)).inputs == call.inputs
        bench.tell("r", "a", {"output": {"text": "o" * size}}, attempt=2)
        result = await again.result("r")
        assert result.outputs == {"output": {"text": size, "kept": "o" * size}}
        (answer,) = [event for event in bench.trail(again.store, "r") if isinstance(event, StepCompleted) and event.visit == "a"]
        assert isinstance(answer.outputs["output"], Blob) is (size > 8192)
        assert sum(len(stored.body) for stored in again.store.read_stream("run:r")) < 8192 * 4
        if bench.kind == "sqlite":
            assert again.store.check() == []


async def crashed(bench: Bench, driver: Driver) -> Driver:
    await bench.crash(driver)
    again = bench.make()
    await again.open()
    return again


@played
async def test_work_that_takes_its_process_with_it_too_often(bench: Bench) -> None:
    """A person is asked instead of for ever."""
    driver = bench.make()
    await driver.open()
    await driver.start(one(), 1, run_id="r")
    for attempt in range(1, 10):
        await bench.called("r", "a", attempt)
        driver = await crashed(bench, driver)
        await turns()
        if "IncidentOpened a" in bench.words(driver.store, "r"):
            break
    assert attempt == 6
    assert await driver.settled("r") == "waiting"
    await driver.close(grace_s=0)


@played
async def test_a_slot_is_free_again_when_an_attempt_is_stopped_before_it_began(bench: Bench) -> None:
    """The child's attempt is dispatched and stopped in one turn of the loop: its task is cancelled before its first step."""
    outer = segment(
        "outer",
        step("s", "subsegment", segment="inner"),
        step("t", "subsegment", segment="bad"),
        resources={"segments": {"inner": {"segment_id": "inner"}, "bad": {"segment_id": "bad"}}},
    )
    children = {"inner": segment("inner", step("c", "gate")), "bad": segment("bad", step("b", "transform", expression="input.x"))}
    async with bench.open() as driver:
        await driver.start(outer, {}, run_id="r", children=children)
        assert (await driver.result("r")).status == "failed"
        await turns()
        assert (driver._core.attempts.in_flight, driver._core.free) == (0, 64)
        assert bench.calls == []


@pytest.mark.parametrize("way", ["fail", "raise"])
@played
async def test_no_secret_of_the_step_stands_in_what_is_kept_of_a_failure(bench: Bench, way: str) -> None:
    class Vault:
        def get_secret(self, name: str) -> str:
            return "tops3cret"

    bench.resources.register_secrets_provider(Vault())  # type: ignore[arg-type]
    flow = segment("one", step("a", "gate", None, secret_ref="token"), resources={"secrets": ["token"]})
    said = "x tops3cret y"
    told = Fail(said, said, hint=said, details={said: [said]}, error_type=said)
    async with bench.open() as driver:
        await driver.start(flow, 1, run_id="r")
        await bench.called("r", "a")
        bench.tell("r", "a", told if way == "fail" else CallerError("NOT_FOUND", said, hint=said, details={"is": said}))
        result = await driver.result("r")
        assert "x [secret] y" in str(result.error)
        assert b"tops3cret" not in b"".join(one.body for one in driver.store.read_stream("run:r"))
