"""The hook port: order, vetoes, and that watching never breaks a run."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from worktrail.runtime.exceptions import HookVetoError, ResourceExistsError
from worktrail.runtime.hooks import POINTS, HookTable, Outcome, RunInfo, StepInfo

RUN = RunInfo(run_id="r", segment_id="seg")
STEP = StepInfo(run=RUN, step_id="s", step_type="tool", visit="s")
DONE = Outcome(status="completed", outputs={"output": 1})


class Recorder:
    def __init__(self, name: str, calls: list[Any]) -> None:
        self.name = name
        self.calls = calls

    def before_run(self, run: RunInfo) -> None:
        self.calls.append((self.name, "before_run", run.run_id))

    async def after_run(self, run: RunInfo, outcome: Outcome) -> None:
        self.calls.append((self.name, "after_run", outcome.status))

    async def before_step(self, step: StepInfo) -> None:
        self.calls.append((self.name, "before_step", step.visit))

    def after_step(self, step: StepInfo, outcome: Outcome) -> None:
        self.calls.append((self.name, "after_step", outcome.outputs))


class Raises:
    def __init__(self, point: str, error: Exception) -> None:
        def raising(*_: Any) -> None:
            raise error

        setattr(self, point, raising)


async def walk(table: HookTable) -> None:
    await table.before_run(RUN)
    await table.before_step(STEP)
    await table.after_step(STEP, DONE)
    await table.after_run(RUN, DONE)


def test_hooks_run_in_order_and_back() -> None:
    calls: list[Any] = []
    table = HookTable()
    table.add(Recorder("a", calls), name="a")
    table.add(Recorder("b", calls), name="b")
    asyncio.run(walk(table))
    assert [(name, point) for name, point, _ in calls] == [
        ("a", "before_run"), ("b", "before_run"), ("a", "before_step"), ("b", "before_step"),
        ("b", "after_step"), ("a", "after_step"), ("b", "after_run"), ("a", "after_run"),
    ]  # fmt: skip
    assert table.remove("a")
    assert not table.remove("a")
    assert table.names() == ["b"]


def test_a_table_says_which_points_anyone_wants() -> None:
    table = HookTable()
    assert not any(table.listens(point) for point in POINTS)
    table.add(Raises("after_step", ValueError()))
    assert [point for point in POINTS if table.listens(point)] == ["after_step"]
    with pytest.raises(TypeError, match="before_run"):
        table.add(object())
    with pytest.raises(ResourceExistsError):
        table.add(Raises("after_step", ValueError()))


@pytest.mark.parametrize("guard", [True, False])
@pytest.mark.parametrize("point", ["before_run", "before_step"])
def test_anyone_may_veto(point: str, guard: bool) -> None:
    table = HookTable()
    table.add(Raises(point, HookVetoError("over budget")), name="budget", guard=guard)
    with pytest.raises(HookVetoError, match=r"hook 'budget' refused: over budget") as caught:
        asyncio.run(walk(table))
    assert caught.value.code == "HOOK_VETO"
    assert caught.value.details == {"hook": "budget", "not_executed": True}


@pytest.mark.parametrize("point", ["before_run", "before_step"])
def test_a_guard_fails_closed(point: str) -> None:
    table = HookTable()
    table.add(Raises(point, ValueError("broken")), name="guard", guard=True)
    with pytest.raises(HookVetoError, match="ValueError: broken"):
        asyncio.run(walk(table))


def test_a_guard_that_runs_out_of_time_says_no() -> None:
    class Hangs:
        async def before_step(self, step: StepInfo) -> None:
            await asyncio.Event().wait()

    table = HookTable()
    table.add(Hangs(), guard=True, timeout_s=0.001)
    with pytest.raises(HookVetoError, match="TimeoutError"):
        asyncio.run(walk(table))


@pytest.mark.parametrize("guard", [True, False])
@pytest.mark.parametrize("point", POINTS)
def test_a_failing_observer_never_breaks_a_run(point: str, guard: bool, caplog: pytest.LogCaptureFixture) -> None:
    if guard and point.startswith("before_"):
        guard = False
    calls: list[Any] = []
    table = HookTable()
    table.add(Raises(point, ValueError("broken")), name="bad", guard=guard)
    table.add(Recorder("good", calls), name="good")
    asyncio.run(walk(table))
    assert len(calls) == 4
    assert table.failures == {"bad": 1}
    assert "the run goes on" in caplog.text


def test_a_veto_afterwards_changes_nothing() -> None:
    table = HookTable()
    table.add(Raises("after_step", HookVetoError("too late")), name="late", guard=True)
    asyncio.run(walk(table))
    assert table.failures == {"late": 1}


def test_cancelling_passes_through_a_hook() -> None:
    class Waits:
        def __init__(self) -> None:
            self.began = asyncio.Event()

        async def before_step(self, step: StepInfo) -> None:
            self.began.set()
            await asyncio.Event().wait()

    async def scene() -> None:
        table, hook = HookTable(), Waits()
        table.add(hook)
        task = asyncio.create_task(table.before_step(STEP))
        await hook.began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
