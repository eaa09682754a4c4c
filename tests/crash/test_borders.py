"""SIGKILL of a real process at every border, again and again on one database, with work in flight."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.harness import World, histogram, judge
from worktrail.store import BORDERS

# How often each is passed before the kill. Once a life: taking the lease, claiming, having recovered.
RARE = ("store.lease.acquire.after", "store.claim.after", "driver.recovered", "store.definition.put.after")
PASSINGS = {
    name: (1, 1) if name in RARE else (1, 3) if name in {"store.command.send.after", "driver.acknowledge"} else (1, 4, 17)
    for name in BORDERS
}
WALK = [f"{name}:{times}" for name, passings in PASSINGS.items() for times in passings]


def test_the_walk_knows_every_border() -> None:
    assert {step.partition(":")[0] for step in WALK} == set(BORDERS)
    assert len(WALK) >= 2 * len(BORDERS)


@pytest.mark.slow
def test_every_border(tmp_path: Path) -> None:
    with World(tmp_path / "w") as world:
        life = world.begin(load=6)
        life.after(60)
        life.kill()
        world.died(life)
        for number, border in enumerate(WALK):
            life = world.begin(border, load=6, writer=("thread", "auto", "inline")[number % 3])
            flight = world.died(life)  # asserts that it died by SIGKILL, so the border was met
            assert any(what == "attempt" for _, _, what, _ in flight), border
        world.finish()
        judge(world)
        print(f"{world.killed} kills at {len(BORDERS)} borders; in flight: {dict(histogram(world.flights).most_common())}")
