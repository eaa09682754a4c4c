"""When a commit is made: at once where nothing could join it, together where several things happen in one turn of the loop."""

from __future__ import annotations

import asyncio
import itertools
import selectors
from collections.abc import Awaitable, Callable
from typing import Any

from tests.driver.build import Bench, played, segment, step

PLACES = [f"s{number}" for number in range(40)]


class Counting(selectors.DefaultSelector):
    """Counts the turns of a loop: it selects once in each."""

    turns = 0

    def select(self, timeout: float | None = None) -> Any:
        self.turns += 1
        return super().select(timeout)


def turns_of(work: Callable[[], Awaitable[None]]) -> int:
    selector = Counting()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        runner.run(work())  # type: ignore[arg-type]
    return selector.turns


def chain(length: int) -> Any:
    names = PLACES[:length]
    edges = [f"{one}>{other}" for one, other in itertools.pairwise(names)]
    return segment(f"chain-{length}", *(step(name, "echo") for name in names), edges=edges)


def test_a_step_of_a_lonely_run_takes_one_turn_of_the_loop(bench: Bench) -> None:
    def work(length: int) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            async with bench.open() as driver:
                await driver.start(chain(length), 1, run_id=f"r{length}")
                assert (await driver.result(f"r{length}")).status == "completed"

        return run

    assert turns_of(work(40)) - turns_of(work(20)) == 20


@played
async def test_what_is_in_flight_together_is_committed_together(bench: Bench) -> None:
    fan = segment("fan", *(step(name, "gate") for name in ("a", "b", "c")))
    async with bench.open() as driver:
        await driver.start(fan, 1, run_id="r")
        for name in ("a", "b", "c"):
            await bench.called("r", name)
        before = driver._core.committer.commits
        for name in ("a", "b", "c"):
            bench.tell("r", name, {"output": name})
        assert (await driver.result("r")).status == "completed"
        assert driver._core.committer.commits - before == 1
