"""What stands in a run's row about what it waits for."""

from __future__ import annotations

import json

from tests.driver.build import Bench, played, segment, step


@played
async def test_an_incident_is_named_however_much_else_waits(bench: Bench) -> None:
    people = [step(f"ask{number}", "human_task", task_type="approval", title="Pay?") for number in range(8)]
    flow = segment(
        "crowd",
        *people,
        step("a", "gate", {"effect": "once", "timeout_s": 0.02}),
        step("nap", "wait", duration="PT1H"),
        outputs={"a": "a.output"},
    )
    async with bench.open() as driver:
        await driver.start(flow, 1, run_id="r")
        await bench.called("r", "a")
        assert await driver.settled("r") == "waiting"
        row = driver.store.get_run("r")
        assert row is not None
        named = [each["for"] for each in json.loads(row.waiting or "")]
        assert named == ["incident", "person", "person", "person", "timer"]
