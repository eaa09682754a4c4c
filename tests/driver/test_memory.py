"""What has ended is given back at once, not when the garbage collector next stops the program."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from tests.driver.build import Bench, played, segment, step
from worktrail.engine import Run, Visit

CHAIN = segment("chain", *(step(name, "echo") for name in "abc"), edges=["a>b", "b>c"])
ITEMS = segment(
    "items",
    {
        "step_id": "each",
        "step_type": "map",
        "config": {"concurrency": 3, "body": {"steps": [{"step_id": "one", "step_type": "echo"}], "edges": []}},
    },
)


def kept(*kinds: type) -> list[Any]:
    return [one for one in gc.get_objects() if isinstance(one, kinds)]


@pytest.mark.slow
@played
async def test_runs_that_ended_leave_nothing_to_collect(bench: Bench) -> None:
    async with bench.open() as driver:
        await driver.start(ITEMS, [0], run_id="first")  # what is made once, like a compiled plan, is made now
        await driver.result("first")
        gc.collect()
        before = kept(Run, Visit)  # of other tests of this process
        gc.disable()
        try:
            for number in range(5):
                for flow, value in ((CHAIN, 1), (ITEMS, list(range(20)))):
                    run_id = await driver.start(flow, value, run_id=f"{flow.segment_id}-{number}")
                    assert (await driver.result(run_id)).status == "completed"
            assert [one.id for one in kept(Run, Visit) if not any(one is other for other in before)] == []
        finally:
            gc.enable()
