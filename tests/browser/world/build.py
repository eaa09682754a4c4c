"""Builds the world of the pictures: one database with runs in every state, always the same to the byte of what is shown.

`python -m tests.browser.world.build FILE` makes it. The times are those of one morning (`NOW`), whatever the clock says.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import secrets
import shutil
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from worktrail.app import load_project, wire
from worktrail.store import RunFilter, TaskFilter

HERE = Path(__file__).resolve().parent
NOW = datetime(2026, 7, 14, 9, 51, 52, tzinfo=UTC)  # 11:51:52 in Berlin
RECEIPTS = [f"receipt {number:02d}" for number in range(1, 13)]
BREAKS = ("RATES_UNAVAILABLE: rates.example answered 503", 1_900)
TURNS = 400  # of the loop, after which all that goes by itself is done; nothing waits for the wall clock

Report = tuple[str, str, str, float, int, int, dict[str, list[tuple[str, int]]]]

# Business key, title, employee, amount, minutes before NOW, receipts, script. Order is order of start.
REPORTS: list[Report] = [
    ("EXP-1987", "Relocation", "Nora Haugen", 180.0, 1_310, 2, {"pay": [("hang", 3_000)]}),
    ("EXP-2020", "Parking", "Aiko Tanaka", 24.0, 1_300, 1, {}),
    ("EXP-2021", "Client lunch", "Jonas Weber", 96.4, 1_180, 2, {}),
    ("EXP-2022", "Train to Graz", "Petra Novák", 118.9, 1_000, 1, {}),
    (
        "EXP-2023",
        "Keyboard",
        "Kwame Boateng",
        149.0,
        610,
        1,
        {"policy_check": [("MODEL_REFUSED: the model left out “total”", 9_000)]},
    ),
    ("EXP-2028", "Parking June", "Kwame Boateng", 261.0, 190, 2, {}),
    ("EXP-2031", "Flight to Oslo", "Tomasz Zieliński", 5_410.0, 151, 3, {}),
    ("EXP-2037", "Trade fair", "Rafael Souza", 864.0, 134, 4, {}),
    (
        "EXP-2041",
        "Lisbon offsite",
        "Inês Duarte",
        1_284.5,
        133,
        12,
        {"receipt 07": [("RECEIPT_BLURRED: no total can be read", 9_400), ("ok", 12_300)], "fx_rates": [BREAKS]},
    ),
    ("EXP-2046", "Train passes", "Tomasz Zieliński", 132.0, 31, 2, {}),
    (
        "EXP-2047",
        "Team dinner",
        "Jonas Weber",
        77.0,
        22,
        3,
        {"policy_check": [("MODEL_REFUSED: the model left out “total”", 8_000)]},
    ),
    ("EXP-2048", "Client dinner", "Tomasz Zieliński", 312.0, 8, 2, {}),
    ("EXP-2051", "Taxi 9 July", "Aiko Tanaka", 41.0, 1, 1, {"fx_rates": [("hang", 200)]}),
    ("EXP-2052", "Conference Kraków", "Petra Novák", 199.0, 1, 9, {"receipt 06": [("hang", 300)], "receipt 07": [("hang", 0)]}),
]


def copy_project(folder: Path) -> Path:
    """The world's project in a folder of its own."""
    shutil.copytree(HERE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "build.py"))
    return folder


def build(folder: Path) -> Path:
    """Makes the project and its database in a folder; answers the database's path."""
    # In this process of its own, chance is a count: a run's seed decides how long a back-off is, and that can be seen.
    numbers = itertools.count(1)
    secrets.token_hex = lambda size=32: hashlib.sha256(str(next(numbers)).encode()).hexdigest()[: 2 * (size or 32)]
    copy_project(folder)
    asyncio.run(_build(folder))
    return folder / "worktrail.sqlite"


async def _build(folder: Path) -> None:
    with wire(load_project(folder)) as wiring:
        steps: Any = sys.modules["worktrail_app_steps"]
        lost, *others = REPORTS
        async with _driver(wiring, steps, lost[4]) as driver:  # its process ends while it pays: nobody knows whether it did
            await _report(wiring, driver, steps, 0, lost)
        async with _driver(wiring, steps, lost[4] - 5) as driver:
            for number, report in enumerate(others, start=1):
                await _report(wiring, driver, steps, number, report)
                if report[0] == "EXP-2041":
                    await _transfer(wiring, driver, steps)
            await _people(wiring, driver, steps)


@contextlib.asynccontextmanager
async def _driver(wiring: Any, steps: Any, minutes: float) -> AsyncIterator[Any]:
    steps.CLOCK.now_us = _us(minutes)
    driver = wiring.driver(concurrency=64, clock=steps.CLOCK, writer="inline", serve=False)
    await driver.open()
    try:
        yield driver
    finally:
        await driver.close(grace_s=0)


async def _settle() -> None:
    """Lets all happen that goes by itself; nothing waits for the wall clock."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def _report(wiring: Any, driver: Any, steps: Any, number: int, report: Report) -> None:
    key, title, employee, amount, minutes, count, script = report
    steps.CLOCK.now_us = _us(minutes)
    run_id = f"{key.lower()}-{number:04x}"
    steps.SCRIPTS[run_id] = script
    segment, _ = wiring.find_segment("expense_review")
    body = {"title": title, "employee": employee, "amount": amount, "receipts": RECEIPTS[:count]}
    await driver.start(segment, body, run_id=run_id, business_key=key, labels={"team": "finance"}, principal="expenses-api")
    await _settle()
    if key == "EXP-2028":
        steps.CLOCK.advance(60_000)
        await driver.command("run.pause", run_id, {"reason": "the garage sends a new invoice"}, "Kwame Boateng")
        await _settle()


async def _transfer(wiring: Any, driver: Any, steps: Any) -> None:
    steps.CLOCK.now_us = _us(54)
    segment, _ = wiring.find_segment("transfer")
    for run_id, key in (("tr-2044-00fe", "TR-2044"), ("tr-2045-00ff", "TR-2045")):
        await driver.start(segment, {"amount": 900}, run_id=run_id, business_key=key, principal="treasury")
    await _settle()


async def _people(wiring: Any, driver: Any, steps: Any) -> None:
    """What people did meanwhile."""
    by_key = {row.business_key: row.run_id for row in wiring.store.list_runs(RunFilter())}
    rejected = {"outcome": "rejected", "reason": "The receipts name two cost centres."}
    steps.CLOCK.now_us = _us(0.5)
    await driver.command("run.cancel", by_key["TR-2045"], {"reason": "paid by hand"}, "Petra Novák")
    await _settle()
    await driver.command("task.decide", _task_of(wiring, by_key["EXP-2037"]), rejected, "Mara Lindqvist")
    await _settle()


def _task_of(wiring: Any, run_id: str) -> str:
    return next(row.task_id for row in wiring.store.list_tasks(TaskFilter(run_id=run_id)))


def _us(minutes_before_now: float) -> int:
    return int((NOW - timedelta(minutes=minutes_before_now)).timestamp() * 1e6)


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(sys.argv[1]))}\n")
