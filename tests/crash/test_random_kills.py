"""SIGKILL at random moments: many lives a database, several databases. WORKTRAIL_KILLS and WORKTRAIL_SEED ask for more."""

from __future__ import annotations

import os
import random
import secrets
import threading
from pathlib import Path

import pytest

from tests.crash.harness import World, histogram, judge

KILLS = int(os.environ.get("WORKTRAIL_KILLS", "200"))
SEED = int(os.environ.get("WORKTRAIL_SEED") or secrets.randbelow(1 << 32))
LIVES = 25  # kills of one database
AT_ONCE = 2  # databases
WRITERS = ("thread", "thread", "auto", "inline")


def one_database(folder: Path, dice: random.Random, kills: int, worlds: list[World]) -> None:
    with World(folder) as world:
        for _ in range(kills):
            life = world.begin(load=dice.randint(3, 8), writer=dice.choice(WRITERS))
            life.after(dice.choice((2, 10, 40, 80, 120)) + dice.randint(0, 30))
            life.kill()
            world.died(life)
        world.finish()
        judge(world)
        worlds.append(world)


@pytest.mark.slow
@pytest.mark.timeout(max(600, 3 * KILLS))
def test_random_kills(tmp_path: Path) -> None:
    print(f"WORKTRAIL_SEED={SEED} WORKTRAIL_KILLS={KILLS}")
    numbers = list(range((KILLS + LIVES - 1) // LIVES))
    worlds: list[World] = []
    failures: list[BaseException] = []

    def work() -> None:
        while numbers and not failures:
            number = numbers.pop()
            try:
                one_database(tmp_path / f"w{number}", random.Random(f"{SEED}/{number}"), min(LIVES, KILLS), worlds)
            except BaseException as error:  # noqa: BLE001  raised again by the test
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    flights = [flight for world in worlds for flight in world.flights]
    busy = sum(any(what == "attempt" for _, _, what, _ in flight) for flight in flights)
    runs = sum(len(world.report["runs"]) for world in worlds)
    print(f"{len(flights)} kills of {len(worlds)} databases, {busy / len(flights):.0%} with an attempt in flight, {runs} runs")
    print(f"in flight: {dict(histogram(flights).most_common())}")
    assert len(flights) >= KILLS
    assert busy >= 0.8 * len(flights)
