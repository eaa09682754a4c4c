"""The driver on SQLite leaves the trails that were written by hand: every case, read back from the database.

Handlers wait for the script, people are a port that says what the script says, a sub-segment's run is real and its end is
told by command. Where the only attempt in flight is interrupted, the driver is dropped and another one goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.driver.build import PATIENCE_S, turns, until
from tests.golden.lines import trail_lines
from tests.golden.play import catalog
from tests.golden.reader import Case, all_cases
from worktrail.contract import SegmentDefinition
from worktrail.engine import Interrupt, Status, TimeOut
from worktrail.errors import OurError, WorktrailError
from worktrail.events import Origin, decode_body
from worktrail.runtime import Driver, Fail, HandlerTable, RunPlace, StepContext, TaskAnswer, TaskChange, load_run, run_values
from worktrail.runtime.driver.processes.wishes import news_of, tell_run
from worktrail.store import SqliteStore, StreamAppend, TaskFilter, TaskRow

# Cases whose trail differs on a driver, and why.
DIFFERENT: dict[str, str] = {
    "timer/two_waits": "time passes for both waits: the one that is due earlier fires first, whatever the script says",
}


PROBE = 0  # in the place of an attempt


class NoSchema:
    """The cases use no output_schema; what they declare is not checked."""

    def problems(self, schema: dict[str, Any], value: Any) -> list[Any]:
        return []

    def schema_problems(self, schema: dict[str, Any]) -> list[Any]:
        return []


class People:
    """A task port that passes on exactly what the script says."""

    def open_task(self, task_id: str, place: RunPlace, form: Mapping[str, Any], at_us: int) -> TaskChange:
        row = TaskRow(task_id, "open", "approval", place.step_id, at_us, 1, run_id=place.run_id, visit=place.visit)
        return TaskChange(StreamAppend(f"task:{task_id}", 1, 1, b"[1,0,null,[]]"), row)

    def decide_task(
        self, task: TaskRow, history: Sequence[bytes], decision: Mapping[str, Any], origin: Origin, at_us: int
    ) -> TaskChange:
        return self._end(task, decision["outcome"], decision.get("value"), at_us)

    def expire_task(self, task: TaskRow, history: Sequence[bytes], at_us: int) -> TaskChange:
        return self._end(task, "expired", None, at_us)

    def cancel_task(self, task: TaskRow, history: Sequence[bytes], origin: Origin, at_us: int) -> TaskChange:
        return self._end(task, "cancelled", None, at_us)

    def _end(self, task: TaskRow, outcome: str, value: Any, at_us: int) -> TaskChange:
        status = outcome if outcome in {"cancelled", "expired"} else "completed"
        row = TaskRow(
            task.task_id,
            status,
            task.task_type,
            task.title,
            task.created_us,
            2,
            run_id=task.run_id,
            visit=task.visit,
            ended_us=at_us,
        )
        answer = TaskAnswer(task.run_id, task.visit, outcome, value, None)
        return TaskChange(StreamAppend(f"task:{task.task_id}", 2, 1, b"[1,0,null,[]]"), row, answer)


class Handler:
    """Waits for the script, and so does its probe."""

    def __init__(self, player: Player) -> None:
        self.player = player

    async def __call__(self, ctx: StepContext, config: Mapping[str, Any], inputs: Any) -> Any:
        return await asyncio.shield(self.player.answer(ctx.run_id, ctx.visit, ctx.attempt))

    async def probe(self, ctx: StepContext, config: Mapping[str, Any], inputs: Any) -> Any:
        return await asyncio.shield(self.player.answer(ctx.run_id, ctx.visit, PROBE))


class Player:
    """One case on drivers over one file."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.case = case
        self.folder = folder
        self.now_us = 1_790_000_000_000_000
        self.answers: dict[tuple[str, str, int], asyncio.Future[Any]] = {}
        self.store = SqliteStore(folder / "trail.db")
        self.driver = self.make()

    def make(self) -> Driver:
        table = HandlerTable()
        for step_type in ("work", "quiet"):
            table.register(step_type, Handler(self))
        return Driver(
            self.store, catalog=catalog(), handlers=table, checker=NoSchema(), tasks=People(), writer="inline", serve=False,
            clock=lambda: self.now_us,
        )  # fmt: skip

    def answer(self, run: str, visit: str, attempt: int) -> asyncio.Future[Any]:
        key = (run, visit, attempt)
        if key not in self.answers:
            self.answers[key] = asyncio.get_running_loop().create_future()
        return self.answers[key]

    async def play(self) -> list[str]:
        await self.driver.open()
        child = {
            "worktrail": 1,
            "segment_id": "sub",
            "version": "1",
            "steps": [{"step_id": "only", "step_type": "work"}],
            "edges": [],
        }
        segments = {"sub": SegmentDefinition.from_dict(child)}
        segment = SegmentDefinition.from_dict(self.case.segment)
        try:
            await self.driver.start(segment, self.case.input, run_id="r", children=segments)
            for verb, arguments in self.case.script:
                await turns()
                self.now_us += 1_000_000
                await getattr(self, f"do_{verb}")(**arguments)
            await turns()
            return self.lines()
        finally:
            await self.driver.close(grace_s=0)
            self.store.close()

    def lines(self) -> list[str]:
        run = load_run(self.store, "r")
        events = []
        for stored in self.store.read_stream("run:r"):
            append = decode_body(stored.body, stored.first_seq)
            events += [(append.at_us, event) for event in append.events]
        return trail_lines(run.plan, run_values(self.store, run), "r", events)

    # --- the script ---------------------------------------------------------------------------------------------------

    def visit(self, visit: str) -> Any:
        return load_run(self.store, "r").open[visit]

    async def command(self, kind: str, target: str, body: dict[str, Any]) -> None:
        answer = await self.driver.command(kind, target, body, "user:ann")
        assert answer["accepted"], answer

    async def do_answer(self, visit: str, ports: dict[str, Any]) -> None:
        self.answer("r", visit, self.visit(visit).attempt).set_result(ports)

    async def do_fail(
        self, visit: str, code: str, message: str = "", recoverable: bool = True, not_executed: bool = False
    ) -> None:
        self.answer("r", visit, self.visit(visit).attempt).set_result(Fail(code, message, recoverable, not_executed))

    async def do_time_out(self, visit: str, limit: str = "attempt") -> None:
        core = self.driver._core
        live = core.get("r")
        if limit == "attempt":
            core.attempts._time_out(live.attempts[visit])
        else:
            core.turns.tell(live, TimeOut(visit, live.run.open[visit].attempt, limit))

    async def do_interrupt(self, visit: str) -> None:
        run = load_run(self.store, "r")
        if [one.id for one in run.open.values() if one.status == Status.RUNNING] == [visit]:
            self.driver._die(OurError("TEST_CRASH", "gone"))
            await self.driver.close(grace_s=0)
            self.now_us += 20_000_000
            self.driver = self.make()
            await self.driver.open()
            return
        core = self.driver._core
        core.turns.take(core.get("r"), Interrupt(visit, run.open[visit].attempt))

    async def do_fire(self, visit: str) -> None:
        waiting = self.visit_or_none(visit)
        if waiting is not None:
            self.now_us = max(self.now_us, waiting.due_us)
            self.driver._core.clocks._wake()

    async def do_probe(self, visit: str, found: str, ports: dict[str, Any] | None = None) -> None:
        self.answer("r", visit, PROBE).set_result(ports if found == "executed" else found)
        await until(lambda: (one := self.visit_or_none(visit)) is None or one.status != Status.PROBING)

    async def do_decide(self, visit: str, outcome: str, value: Any = None) -> None:
        (task,) = [one for one in self.store.list_tasks(TaskFilter(status=None)) if one.visit == visit]
        if task.status == "cancelled":  # a decision that was accepted elsewhere before the cancellation came
            core = self.driver._core
            news = news_of(core, task.task_id, TaskAnswer("r", visit, outcome, value, None))
            assert news is not None
            tell_run(core, *news, None)
            return
        await self.command("task.decide", task.task_id, {"outcome": outcome, "value": value})

    async def do_expire(self, visit: str) -> None:
        await self.do_decide(visit, "expired")

    async def do_child(self, visit: str, **end: Any) -> None:
        if self.visit_or_none(visit) is None:
            return  # the driver asked its run, and it has answered before the script could
        child = self.visit(visit).child
        ((status, what),) = end.items()
        body: dict[str, Any] = {"visit": visit, "child": child, "status": status}
        if status == "completed":
            body["outputs"] = [0, what]
        elif status == "failed":
            body["error"] = [what, ""]
        await self.command("child.ended", "r", body)

    def visit_or_none(self, visit: str) -> Any:
        return load_run(self.store, "r").open.get(visit)

    async def do_resolve(self, visit: str, action: str, ports: dict[str, Any] | None = None, edge: int | None = None) -> None:
        run = load_run(self.store, "r")
        found = [one for one in run.incidents.values() if one.visit == visit and (edge is None or edge in one.edges)]
        body = {"incident": found[0].id, "action": str(action).lower(), "outputs": ports, "edge": edge}
        await self.command("incident.resolve", "r", body)

    async def do_cancel(self, reason: str | None = None) -> None:
        await self.command("run.cancel", "r", {"reason": reason})

    async def do_pause(self) -> None:
        await self.command("run.pause", "r", {})

    async def do_resume(self) -> None:
        await self.command("run.resume", "r", {})


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_trail(case: Case, tmp_path: Path) -> None:
    """The case's trail, line by line."""

    async def scene() -> list[str]:
        return await asyncio.wait_for(Player(case, tmp_path).play(), PATIENCE_S)

    if case.refused is not None:
        with pytest.raises(WorktrailError) as refused:
            asyncio.run(scene())
        assert refused.value.code == case.refused
        return
    lines = asyncio.run(scene())
    assert (lines == list(case.trail)) is (case.name not in DIFFERENT), "\n".join(lines)
