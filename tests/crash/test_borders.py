"""SIGKILL of a real process at every border, again and again on one database, with work in flight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.crash.harness import World, histogram, judge, judge_ledger, judge_trail, lost, shrunk
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


def test_the_judge_sees_what_it_must_see() -> None:
    def event(kind: str, visit: str, **more: Any) -> dict[str, Any]:
        return {"type": kind, "visit": visit, "at_us": 5, "attempt": None, "child": None, "items": None} | more

    trail = [
        event("step.started", "a", attempt=1),
        event("step.interrupted", "a", attempt=1),
        event("step.started", "a", attempt=2),
        event("step.started", "a", attempt=3),
        event("step.completed", "a"),
        event("step.started", "a", attempt=4),
        event("timer.set", "w", due_us=9),
        event("timer.fired", "w"),
        event("timer.set", "v", due_us=9),
    ]
    run = {"trail": trail, "status": "completed", "ended_us": 1, "events": len(trail)}
    assert judge_trail("r", run, []) == [
        "r a: attempt 1 interrupted, no kill found it in flight",
        "r a: attempt 3 for no reason",
        "r a: step.started after its end",
        "r a: attempt 4 for no reason",
        "r w: fired too early",
        "r v: its timer never fired",
    ]
    report = {"runs": {"r": run}, "streams": {}, "commands": {}}
    said = [
        ["start", "q"],
        ["seen", "r", "99"],
        ["decide", "t", "approved"],
        ["sent", "c"],
        ["cancel", "r"],
        ["end", "r", "failed"],
    ]
    assert len(lost(report, said)) == len(said)
    ledger = [["call", "r", "a", "charge", "k", 1], ["call", "r", "a", "charge", "k", 1], ["call", "r", "b", "work", "k", 1]]
    ledger += [["effect", "r", "a", "charge", "l", 1]] * 2
    assert len(judge_ledger(report, ledger)) == 4  # called twice, called without a start, two keys, acted twice
    assert shrunk(report, {"runs": {}, "streams": {}, "commands": {}}) == ["the trail of r was rewritten"]
