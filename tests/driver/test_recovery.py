"""After a crash: what a new process finds, takes, interrupts and leaves alone."""

from __future__ import annotations

import pytest

from tests.driver.build import Bench, played, segment, step, turns, until
from worktrail.runtime import Driver
from worktrail.runtime.driver.live import Placed
from worktrail.store import TaskFilter

ASK = segment("ask", step("ask", "human_task", task_type="approval", timeout_hours=1000))
NAP = segment("nap", step("w", "wait", duration="PT100H"))
LINE = segment("line", step("a", "gate"), step("b", "gate"), edges=["a>b"])
OUTER = segment(
    "outer", step("s", "subsegment", segment="inner"), step("b", "echo"), edges=["s>b"],
    resources={"segments": {"inner": {"segment_id": "inner"}}},
)  # fmt: skip
INNER = segment(
    "inner", step("ask", "human_task", task_type="approval", timeout_hours=1000), step("c", "gate"), edges=["ask.approved>c"]
)


async def opened(bench: Bench, **options: object) -> Driver:
    driver = bench.make(**options)  # type: ignore[arg-type]
    await driver.open()
    return driver


@pytest.mark.slow
@played
async def test_a_thousand_parked_runs_cost_rows_and_no_memory(bench: Bench) -> None:
    driver = await opened(bench, writer="thread")
    for n in range(1000):
        driver.begin(ASK if n % 2 else NAP, n, run_id=f"r{n}", place=Placed("ask" if n % 2 else "nap"))
        if n % 100 == 99:
            await driver._core.committer.flushed()
    await turns()
    assert bench.live(driver) == []
    assert driver.store.count_runs()["waiting"] == 1000
    await bench.crash(driver)
    again = await opened(bench, writer="thread")
    assert bench.live(again) == []
    assert len(again.store.owned_runs(again.lease)) == 1000  # type: ignore[arg-type]
    (task,) = again.store.list_tasks(TaskFilter(run_id="r501"))
    assert (await again.command("task.decide", task.task_id, {"outcome": "approved"}, "user:ann"))["accepted"]
    assert (await again.result("r501")).status == "completed"
    bench.advance(again, 400_000)
    while again.store.count_runs().get("completed", 0) < 501:
        await turns()
        bench.advance(again, 0)
    await until(lambda: not bench.live(again))
    await again.close()


@played
async def test_what_was_in_flight_is_interrupted_and_what_was_done_is_not(bench: Bench) -> None:
    driver = await opened(bench)
    await driver.start(LINE, 1, run_id="r")
    await bench.called("r", "a")
    bench.tell("r", "a", 1)
    await bench.called("r", "b")
    await bench.crash(driver)
    again = await opened(bench)
    await bench.called("r", "b", 2)
    bench.tell("r", "b", 2, attempt=2)
    assert (await again.result("r")).outputs == {"output": 2}
    assert [call[:3] for call in bench.calls] == [("r", "a", 1), ("r", "b", 1), ("r", "b", 2)]
    assert "StepInterrupted b" in bench.words(again.store, "r")
    await again.close()


@played
async def test_being_told_to_stop_is_not_held_against_the_work(bench: Bench) -> None:
    driver = await opened(bench)
    await driver.start(segment("flow", step("a", "gate")), 1, run_id="r")
    for attempt in range(1, 8):  # more often than a crash would be forgiven
        await bench.called("r", "a", attempt)
        await driver.close(grace_s=0.0)
        assert bench.words(driver.store, "r")[-1] == "StepInterrupted a"
        driver = await opened(bench)
    await bench.called("r", "a", 8)
    await bench.crash(driver)
    driver = await opened(bench)
    await bench.called("r", "a", 9)
    bench.tell("r", "a", 2, attempt=9)
    assert (await driver.result("r")).outputs == {"output": 2}
    await driver.close()


@played
async def test_being_told_to_stop_leaves_an_effect_of_once_to_a_person(bench: Bench) -> None:
    driver = await opened(bench)
    await driver.start(segment("flow", step("a", "gate", policy={"effect": "once"})), 1, run_id="r")
    await bench.called("r", "a")
    await driver.close(grace_s=0.0)
    assert "StepInterrupted a" not in bench.words(driver.store, "r")
    driver = await opened(bench)
    await until(lambda: "IncidentOpened a" in bench.words(driver.store, "r"))
    await driver.close()


@played
async def test_a_paused_run_with_an_attempt_in_flight(bench: Bench) -> None:
    driver = await opened(bench)
    await driver.start(LINE, 1, run_id="r")
    await bench.called("r", "a")
    await driver.command("run.pause", "r", {}, "user:ann")
    await bench.crash(driver)
    again = await opened(bench)
    await turns()
    assert again.store.get_run("r").status == "paused"  # type: ignore[union-attr]
    assert len(bench.calls) == 1
    await again.command("run.resume", "r", {}, "user:ann")
    await bench.called("r", "a", 2)
    bench.tell("r", "a", 1, attempt=2)
    await bench.called("r", "b")
    bench.tell("r", "b", 1)
    assert (await again.result("r")).status == "completed"
    await again.close()


@played
async def test_a_child_that_waits_and_its_parent(bench: Bench) -> None:
    driver = await opened(bench)
    await driver.start(OUTER, 1, run_id="r", children={"inner": INNER})
    assert await driver.settled("r") == "waiting"
    await bench.crash(driver)
    again = await opened(bench)
    (task,) = bench.tasks(again.store)
    assert (await again.command("task.decide", task.task_id, {"outcome": "approved"}, "user:ann"))["accepted"]
    call = await bench.called(task.run_id or "", "c")
    await bench.crash(again)
    third = await opened(bench)
    await bench.called(call.run, "c", 2)
    bench.tell(call.run, "c", "deep", attempt=2)
    assert (await third.result("r")).outputs == {"output": {"output": "deep"}}
    assert bench.live(third) == []
    await third.close()


@played
async def test_pause_and_resume_reach_children_of_children(bench: Bench) -> None:
    middle = segment(
        "middle", step("s", "subsegment", segment="inner"), resources={"segments": {"inner": {"segment_id": "inner"}}}
    )
    top = segment("top", step("m", "subsegment", segment="middle"), resources={"segments": {"middle": {"segment_id": "middle"}}})
    driver = await opened(bench)
    inner = segment("inner", step("c", "gate"), step("d", "gate"), edges=["c>d"])
    await driver.start(top, 1, run_id="r", children={"middle": middle, "inner": inner})
    while not bench.calls:
        await turns()
    (call,) = bench.calls
    assert (await driver.command("run.pause", "r", {}, "user:ann"))["accepted"]
    bench.tell(call.run, "c", 1)
    await turns()
    assert set(driver.store.count_runs()) - {"paused"} <= {name for name, n in driver.store.count_runs().items() if not n}
    assert len(bench.calls) == 1
    assert (await driver.command("run.resume", "r", {}, "user:ann"))["accepted"]
    await bench.called(call.run, "d")
    bench.tell(call.run, "d", 1)
    assert (await driver.result("r")).status == "completed"
    await driver.close()


@played
async def test_cancel_reaches_children_of_children(bench: Bench) -> None:
    middle = segment(
        "middle", step("s", "subsegment", segment="inner"), resources={"segments": {"inner": {"segment_id": "inner"}}}
    )
    top = segment("top", step("m", "subsegment", segment="middle"), resources={"segments": {"middle": {"segment_id": "middle"}}})
    driver = await opened(bench)
    await driver.start(top, 1, run_id="r", children={"middle": middle, "inner": INNER})
    assert await driver.settled("r") == "waiting"
    durable: list[bool] = []
    driver._core.on_end.append(lambda live: durable.append(driver.store.get_run(live.run.id).ended_us is not None))  # type: ignore[union-attr]
    assert (await driver.command("run.cancel", "r", {}, "user:ann"))["accepted"]
    assert (await driver.result("r")).status == "cancelled"
    assert durable == [True, True, True]  # nobody was told of an end that was not on the disk
    assert driver.store.count_runs()["cancelled"] == 3
    assert bench.tasks(driver.store) == []
    assert bench.live(driver) == []
    await driver.close()


@played
async def test_a_process_takes_only_what_it_can_serve(bench: Bench) -> None:
    driver = await opened(bench)
    await driver.start(LINE, 1, run_id="r")
    await driver.start(segment("other", step("a", "echo"), step("w", "wait", duration="PT1H")), 1, run_id="s")
    await driver.start(ASK, 1, run_id="t")
    await bench.crash(driver)
    poor = await opened(bench, lack=("gate",), tasks=None)
    assert [row.run_id for row in poor.store.owned_runs(poor.lease)] == ["s"]  # type: ignore[arg-type]
    assert poor.take_over() == 0
    before = bench.words(poor.store, "r")
    await turns()
    assert bench.words(poor.store, "r") == before
    await poor.close()
    rich = await opened(bench)
    assert {row.run_id for row in rich.store.owned_runs(rich.lease)} == {"r", "s", "t"}  # type: ignore[arg-type]
    await bench.crash(rich)


@played
async def test_a_parent_is_not_taken_without_what_its_child_needs(bench: Bench) -> None:
    """Parent and child change in one commit, so one process must be able to serve both."""
    driver = await opened(bench)
    await driver.start(OUTER, 1, run_id="r", children={"inner": segment("inner", step("c", "gate"))})
    while not bench.calls:
        await turns()
    await bench.crash(driver)
    poor = await opened(bench, lack=("gate",))
    assert poor.store.owned_runs(poor.lease) == []  # type: ignore[arg-type]
    await poor.close()
    rich = await opened(bench)
    call = await bench.called(bench.calls[0].run, "c", 2)
    bench.tell(call.run, "c", 1, attempt=2)
    assert (await rich.result("r")).status == "completed"
    await rich.close()


@pytest.mark.slow
@pytest.mark.parametrize("end", ["completed", "cancelled"])
@played
async def test_parent_and_child_in_two_processes(bench: Bench, end: str) -> None:
    """A process that can serve the child alone takes it; news go through the inbox."""
    driver = await opened(bench)
    await driver.start(OUTER, 1, run_id="r", children={"inner": segment("inner", step("c", "gate"))})
    while not bench.calls:
        await turns()
    child = bench.calls[0].run
    await bench.crash(driver)
    odd = await opened(bench, lack=("echo",))
    assert [row.run_id for row in odd.store.owned_runs(odd.lease)] == [child]  # type: ignore[arg-type]
    await bench.called(child, "c", 2)
    rich = await opened(bench)
    assert [row.run_id for row in rich.store.owned_runs(rich.lease)] == ["r"]  # type: ignore[arg-type]
    if end == "completed":
        bench.tell(child, "c", "deep", attempt=2)
    else:
        assert (await rich.command("run.cancel", "r", {}, "user:ann"))["accepted"]
    result = await rich.result("r")  # looks into the inbox now and then
    assert result.status == end
    assert result.outputs == (None if end == "cancelled" else {"output": {"output": "deep"}})
    assert odd.store.get_run(child).status == end  # type: ignore[union-attr]
    assert (odd.dead, rich.dead) == (None, None)
    await odd.close()
    await rich.close()


@played
async def test_closing_gives_the_runs_back_at_once(bench: Bench) -> None:
    driver = await opened(bench)
    await driver.start(LINE, 1, run_id="r")
    await bench.called("r", "a")
    await driver.close(grace_s=0)
    assert driver.store.get_run("r").owner is None  # type: ignore[union-attr]
    again = await opened(bench)  # no waiting for a lease
    await bench.called("r", "a", 2)
    await again.close(grace_s=0)


@played
async def test_closing_lets_attempts_end(bench: Bench) -> None:
    driver = await opened(bench)
    await driver.start(LINE, 1, run_id="r")
    await bench.called("r", "a")
    bench.tell("r", "a", 1)
    await driver.close(grace_s=30)
    words = bench.words(driver.store, "r")
    assert "StepCompleted a" in words
    assert "StepStarted b" not in words
    again = await opened(bench)
    await bench.called("r", "b")
    await again.close(grace_s=0)
    assert [call[:3] for call in bench.calls] == [("r", "a", 1), ("r", "b", 1)]
