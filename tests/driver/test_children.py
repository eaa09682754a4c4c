"""What a child run begins with, and how it ends when its parent's time is over."""

from __future__ import annotations

from typing import Any

import pytest

from tests.driver.build import Bench, played, segment, step
from worktrail.store import RunFilter

PARENT = segment("parent", step("s", "subsegment", segment="priced"), resources={"segments": ["priced"]})


def priced(**declaration: Any) -> Any:
    rate = {"rate": {"schema": {"type": "number"}, **declaration}}
    return segment("priced", step("t", "transform", expression="input * parameters.rate"), parameters=rate)


@played
async def test_the_defaults_of_its_parameters(bench: Bench) -> None:
    async with bench.open() as driver:
        await driver.start(PARENT, 2, run_id="r", children={"priced": priced(default=21)})
        result = await driver.result("r")
        assert (result.status, list(result.outputs.values())) == ("completed", [{"output": 42}])


@played
async def test_a_parameter_without_a_default_fails_the_step(bench: Bench) -> None:
    async with bench.open() as driver:
        await driver.start(PARENT, 2, run_id="r", children={"priced": priced()})
        result = await driver.result("r")
        assert result.status == "failed"
        assert result.error is not None
        assert (result.error.error_code, "PARAMETER_MISSING" in result.error.error_message) == ("CHILD_FAILED", True)


@pytest.mark.parametrize("restart", [False, True])
@played
async def test_the_deadline_of_its_visit_asks_it_to_end(bench: Bench, restart: bool) -> None:
    parent = segment("parent", step("s", "subsegment", {"deadline_s": 60}, segment="slow"), resources={"segments": ["slow"]})
    driver = bench.make()
    await driver.open()
    await driver.start(parent, 2, run_id="r", children={"slow": segment("slow", step("w", "wait", duration="PT1H"))})
    assert await driver.settled("r") == "waiting"
    if restart:
        await bench.crash(driver)
        driver = bench.make()
        await driver.open()
    bench.advance(driver, 61)
    result = await driver.result("r")
    assert (result.status, result.error and result.error.error_code) == ("failed", "DEADLINE_EXCEEDED")
    assert [row.status for row in driver.store.list_runs(RunFilter()) if row.run_id != "r"] == ["cancelled"]
    await driver.close()
