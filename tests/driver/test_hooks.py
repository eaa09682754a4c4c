"""Hooks in the driver: who is told of what and when, what a veto does, and that watching breaks nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.driver.build import Bench, played, segment, step, turns
from worktrail.runtime import Fail, HookTable, HookVetoError
from worktrail.store import RunFilter

LINE = segment("line", step("a", "echo", value=1), step("b", "echo", value=2), edges=["a>b"])
INNER = segment("inner", step("x", "echo", value=7))
MIDDLE = segment("middle", step("m", "subsegment", segment="inner"), resources={"segments": ["inner"]})
OUTER = segment("outer", step("o", "subsegment", segment="middle"), resources={"segments": ["middle"]})


class Diary:
    """Notes what it is told; ``no`` is raised at the points that are named."""

    def __init__(self, **no: Exception) -> None:
        self.lines: list[str] = []
        self.seen: list[Any] = []
        self.no = no

    def _note(self, point: str, line: str, *facts: Any) -> None:
        self.lines.append(line)
        self.seen.append(facts)
        if point in self.no:
            raise self.no[point]

    def before_run(self, run: Any) -> None:
        self._note("before_run", f"before {run.segment_id}", run)

    async def after_run(self, run: Any, outcome: Any) -> None:
        self._note("after_run", f"after {run.segment_id} {outcome.status}", run, outcome)

    async def before_step(self, info: Any) -> None:
        self._note("before_step", f"before {info.visit}/{info.attempt}", info)

    def after_step(self, info: Any, outcome: Any) -> None:
        self._note("after_step", f"after {info.visit}/{info.attempt} {outcome.status}", info, outcome)


def table(diary: Diary, **options: Any) -> HookTable:
    made = HookTable()
    made.add(diary, name="diary", **options)
    return made


@played
async def test_who_is_told_of_what(bench: Bench) -> None:
    diary = Diary()
    async with bench.open(hooks=table(diary)) as driver:
        await driver.start(LINE, {"n": 1}, run_id="r", instance_id="i", workspace_id="w")
        await driver.result("r")
        await turns()
    assert diary.lines == [
        "before line",
        "before a/1",
        "after a/1 completed",
        "before b/1",
        "after b/1 completed",
        "after line completed",
    ]
    (run,), (first,), (_, answer), *_, (_, outcome) = diary.seen
    assert (run.run_id, run.instance_id, run.workspace_id, run.input_data) == ("r", "i", "w", {"n": 1})
    assert (first.run.run_id, first.step_type, first.config, first.inputs) == ("r", "echo", {"value": 1}, {"input": {"n": 1}})
    assert (answer.outputs, answer.error) == ({"output": 1}, None)
    assert (outcome.status, outcome.outputs) == ("completed", {"output": 2})


@played
async def test_before_the_first_event_and_after_the_last_commit(bench: Bench) -> None:
    found: dict[str, Any] = {}

    class Looks:
        def before_run(self, run: Any) -> None:
            found["before"] = driver.store.get_run(run.run_id)

        def after_run(self, run: Any, outcome: Any) -> None:
            found["after"] = driver.store.get_run(run.run_id)

    hooks = HookTable()
    hooks.add(Looks())
    async with bench.open(hooks=hooks) as driver:
        await driver.start(LINE, 1, run_id="r")
        await driver.result("r")
        await turns()
    assert found["before"] is None
    assert found["after"].status == "completed"


@played
async def test_a_refused_run_leaves_nothing(bench: Bench) -> None:
    diary = Diary(before_run=HookVetoError("not today"))
    async with bench.open(hooks=table(diary)) as driver:
        with pytest.raises(HookVetoError, match="hook 'diary' refused: not today") as caught:
            await driver.start(LINE, 1, run_id="r")
        await turns()
        assert (caught.value.code, caught.value.reason) == ("HOOK_VETO", "not today")
        assert driver.store.list_runs(RunFilter()) == []
        assert (bench.live(driver), diary.lines) == ([], ["before line"])


@pytest.mark.parametrize(("guard", "status"), [(True, "failed"), (False, "completed")])
@played
async def test_a_guard_fails_closed_and_a_watcher_does_not(bench: Bench, guard: bool, status: str) -> None:
    diary = Diary(before_step=ValueError("broken"))
    hooks = table(diary, guard=guard)
    async with bench.open(hooks=hooks) as driver:
        await driver.start(LINE, 1, run_id="r")
        result = await driver.result("r")
        await turns()
        assert result.status == status
        assert bool(bench.calls) is not guard
        assert hooks.failures == ({} if guard else {"diary": 2})
        if guard:
            assert result.error is not None
            assert (result.error.error_code, result.error.not_executed) == ("HOOK_VETO", True)


@played
async def test_a_refused_attempt_of_once_may_be_made_again(bench: Bench) -> None:
    """Certainly nothing happened: no incident, and the retry applies."""
    diary = Diary(before_step=HookVetoError("busy"))
    flow = segment("f", step("a", "echo", {"effect": "once", "retry": {"max_attempts": 2, "delay_s": 1, "on": ["HOOK_VETO"]}}))
    async with bench.open(hooks=table(diary)) as driver:
        await driver.start(flow, 1, run_id="r")
        await turns()
        diary.no.clear()
        bench.advance(driver, 2)
        result = await driver.result("r")
        assert (result.status, result.outputs) == ("completed", {"output": 1})
        assert [call.attempt for call in bench.calls] == [2]


@played
async def test_what_goes_wrong_afterwards_breaks_nothing(bench: Bench) -> None:
    hooks = table(Diary(after_step=RuntimeError("x"), after_run=HookVetoError("too late")), guard=True)
    async with bench.open(hooks=hooks) as driver:
        await driver.start(LINE, 1, run_id="r")
        assert (await driver.result("r")).status == "completed"
        await turns()
        assert hooks.failures == {"diary": 3}


@played
async def test_every_attempt_is_told(bench: Bench) -> None:
    diary = Diary()
    async with bench.open(hooks=table(diary)) as driver:
        await driver.start(segment("f", step("a", "gate", {"retry": {"max_attempts": 2, "delay_s": 1}})), 1, run_id="r")
        await bench.called("r", "a")
        bench.tell("r", "a", Fail("BUSY", "again", recoverable=True))
        await turns()
        bench.advance(driver, 2)
        await bench.called("r", "a", 2)
        bench.tell("r", "a", 1, attempt=2)
        await driver.result("r")
        await turns()
    assert diary.lines == [
        "before f",
        "before a/1",
        "after a/1 failed",
        "before a/2",
        "after a/2 completed",
        "after f completed",
    ]
    assert diary.seen[2][1].error.error_code == "BUSY"


@played
async def test_a_child_run_is_a_step_of_its_parent(bench: Bench) -> None:
    """Who lets the parent in has seen what may run inside; only the steps of children are told of, with their parents."""
    diary = Diary()
    async with bench.open(hooks=table(diary)) as driver:
        await driver.start(OUTER, 1, run_id="r", children={"middle": MIDDLE, "inner": INNER})
        assert (await driver.result("r")).status == "completed"
        await turns()
        assert diary.lines == ["before outer", "before x/1", "after x/1 completed", "after outer completed"]
        assert diary.seen[0][0].segments == ("middle", "inner")
        inside = diary.seen[1][0].run
        child = driver.store.get_run(inside.run_id)
        assert child is not None
        assert (inside.segment_id, inside.root_run_id, inside.parent_run_id) == ("inner", "r", child.parent_run_id)


@played
async def test_a_run_that_is_taken_over_ends_there(bench: Bench) -> None:
    """`before_run` was asked once; `after_run` is told where the run ends."""
    first, second = Diary(), Diary()
    driver = bench.make(hooks=table(first))
    await driver.open()
    await driver.start(segment("f", step("a", "gate")), 1, run_id="r")
    await bench.called("r", "a")
    await bench.crash(driver)
    async with bench.open(hooks=table(second)) as again:
        await bench.called("r", "a", 2)
        bench.tell("r", "a", 1, attempt=2)
        await again.result("r")
        await turns()
    assert first.lines == ["before f", "before a/1"]
    assert second.lines == ["before a/2", "after a/2 completed", "after f completed"]


@played
async def test_a_slow_hook_holds_nobody_else_up(bench: Bench) -> None:
    gate = asyncio.Event()

    class Slow:
        async def before_run(self, run: Any) -> None:
            if run.run_id == "slow":
                await gate.wait()

    hooks = HookTable()
    hooks.add(Slow())
    async with bench.open(hooks=hooks) as driver:
        slow = asyncio.ensure_future(driver.start(LINE, 1, run_id="slow"))
        await driver.start(LINE, 1, run_id="r")
        assert (await driver.result("r")).status == "completed"
        assert driver.store.get_run("slow") is None
        gate.set()
        await slow
        assert (await driver.result("slow")).status == "completed"
