"""Running one segment from plain code: for tests, scripts and notebooks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from worktrail.app.batch import waits_for_people
from worktrail.app.project import Project
from worktrail.app.wiring import Wiring, wire
from worktrail.runtime import RunConfig, SegmentResult

__all__ = ["run_segment", "run_segment_async"]

LOOK_S = 0.02


def run_segment(
    name: str,
    input_data: Any = None,
    *,
    project: Project | Path | None = None,
    database: Path | str = ":memory:",
    app: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    config: RunConfig | None = None,
) -> SegmentResult:
    """Runs a segment (an id of the project, or a file) until it ends or only waits for people; blocks. In memory unless told.

    Raises what `worktrail run` would: SegmentValidationError, CallerError INPUT_INVALID, PARAMETER_…
    """
    with wire(project, database=database, app=app) as wiring:
        return asyncio.run(run_segment_async(wiring, name, input_data, parameters=parameters, config=config))


async def run_segment_async(
    wiring: Wiring,
    name: str,
    input_data: Any = None,
    *,
    parameters: Mapping[str, Any] | None = None,
    config: RunConfig | None = None,
) -> SegmentResult:
    """The same inside a loop, over a wiring of one's own."""
    segment, children = wiring.find_segment(name)
    driver = wiring.driver(serve=False)
    await driver.open()
    try:
        run_id = await driver.start(segment, input_data, parameters=parameters or {}, config=config, children=children)
        while True:
            status = await driver.settled(run_id)
            if status not in {"running", "waiting"} or waits_for_people(driver.store, run_id):
                return driver.peek(run_id)
            await asyncio.sleep(LOOK_S)
    finally:
        await driver.close(grace_s=0.0)
        await wiring.leave_loop()
