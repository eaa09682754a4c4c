"""The segment of segment.yaml, written in Python. Run it: `python examples/hello/hello.py Ada`."""

from __future__ import annotations

import asyncio
import sys

from worktrail.app import wire
from worktrail.contract import EdgeDefinition, SegmentDefinition, StepDefinition
from worktrail.runtime import RunnerParts, SegmentRunner

HELLO = SegmentDefinition(
    segment_id="hello",
    name="Hello",
    description="Greets somebody and counts the letters.",
    outputs={"greeting": "greet.output", "letters": "count.output"},
    steps=[
        StepDefinition("clean", "transform", {"expression": "trim(input.name)"}),
        StepDefinition("greet", "transform", {"expression": '"Hello, " + input + "!"'}),
        StepDefinition("count", "transform", {"expression": "string length(steps.clean.output)"}),
    ],
    edges=[
        EdgeDefinition("clean", "output", "greet", "input"),
        EdgeDefinition("greet", "output", "count", "input"),
    ],
)


async def main(name: str) -> None:
    """Runs the segment in memory and prints what came out."""
    with wire(database=":memory:") as wiring:
        runner = SegmentRunner(RunnerParts(wiring.catalog, wiring.handlers, wiring.checker))
        result = await runner.run(HELLO, input_data={"name": name})
    print(result.outputs)


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or "world"))
