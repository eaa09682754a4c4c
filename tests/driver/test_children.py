"""What a child run begins with."""

from __future__ import annotations

from typing import Any

from tests.driver.build import Bench, played, segment, step

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
