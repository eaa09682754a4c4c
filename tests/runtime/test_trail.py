"""What a reader of a trail gets beside what an event says itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.driver.build import Bench, played, segment, step, turns
from worktrail.errors import CallerError
from worktrail.runtime import Fail, read_trail

FLOW = segment(
    "flow",
    step(
        "m", "map", items="=[1]", body={"steps": [step("a", "gate", {"retry": {"max_attempts": 2, "delay_s": 2}})], "edges": []}
    ),
    step("t", "transform", expression="input"),
    edges=["m.results>t"],
)


@played
async def test_types_of_steps_and_how_long_things_took(tmp_path: Path) -> None:
    bench = Bench("memory", tmp_path)
    async with bench.open() as driver:
        await driver.start(FLOW, 1, run_id="r")
        await bench.called("r", "m#1/a")
        bench.advance(driver, 1.5)
        bench.tell("r", "m#1/a", Fail("BUSY", "", recoverable=True))
        await turns()
        bench.advance(driver, 2.5)
        await bench.called("r", "m#1/a", 2)
        bench.advance(driver, 0.25)
        bench.tell("r", "m#1/a", 7, attempt=2)
        await driver.result("r")
        events = read_trail(driver.store, "r")
        took = {(event.event_type, event.visit): event.duration_ms for event in events if event.duration_ms is not None}
        assert took == {
            ("step.retrying", "m#1/a"): 1500,
            ("step.completed", "m#1/a"): 250,
            ("step.completed", "m"): 4250,
            ("step.completed", "t"): 0,
            ("segment.completed", None): 4250,
        }
        types = {event.visit: event.step_type for event in events}
        assert types == {None: None, "m": "map", "m#1/a": "gate", "t": "transform"}
        for after in range(len(events) + 1):  # a reader that comes back is told the same
            assert read_trail(driver.store, "r", after) == events[after:]
        with pytest.raises(CallerError) as unknown:
            read_trail(driver.store, "nope")
        assert unknown.value.code == "NOT_FOUND"
