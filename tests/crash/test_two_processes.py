"""Two processes and one file: an owner that is stopped past its lease, a process that lacks a handler."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.crash.harness import Life, World, in_flight, judge

AHEAD = {"ttl_s": 30.0, "skip_s": 100.0}  # a clock by which the lease of the first process is over
FIRST = {"ttl_s": 30.0, "skip_s": 0.0}

pytestmark = pytest.mark.slow


def stopped(world: World, life: Life) -> dict[str, Any]:
    """Stop a process where it is, and look at what it had written."""
    life.stop()
    world.look()
    world.flights.append(in_flight(world.report))
    return world.report["runs"]


def continued(world: World, life: Life) -> list[list[str]]:
    """Let it go on: it must find out and end by itself. What it said since."""
    before = len(life.said)
    life.process.send_signal(signal.SIGCONT)
    assert life.end() == 3, life.stderr()
    assert life.stderr() == ""
    return life.said[before:]


def test_a_stopped_owner_is_fenced_and_its_effect_is_repeated_once(tmp_path: Path) -> None:
    with World(tmp_path / "w") as world:
        world.ask("hold", "call", "work")
        old = world.begin(once=1, kinds=["mix"], idle=True, **FIRST)
        first = world.wait_for("call", "work")
        old.until(lambda words: words[0] == "start")
        stopped(world, old)
        new = world.begin(**AHEAD)
        second = world.wait_for("call", "work", attempt=2)
        assert (first[1:5], first[5], second[5]) == (second[1:5], 1, 2)  # the same visit under the same key
        world.ask("let", "call", "work")
        new.until(lambda words: words[:2] == ["end", "mix-1"])
        world.look()
        trail = world.report["runs"]["mix-1"]["trail"]
        said = continued(world, old)
        assert ["dead", "LEASE_LOST"] in said
        assert not [words for words in said if words[0] in {"seen", "end", "decide", "start"}]
        assert new.end() == 0, new.stderr()
        world.look()
        assert world.report["runs"]["mix-1"]["trail"] == trail
        interrupted = [event for event in trail if event["type"] == "step.interrupted"]
        assert [(event["visit"], event["attempt"]) for event in interrupted] == [("first", 1)]
        judge(world)
        effects = [line for line in world.effects() if line[0] == "effect" and line[2] == "first"]
        assert sorted(line[5] for line in effects) == [1, 2]  # the old one's came late, under the same key
        assert len({line[4] for line in effects}) == 1


def test_a_once_of_a_stopped_owner_is_not_repeated(tmp_path: Path) -> None:
    with World(tmp_path / "w") as world:
        world.ask("hold", "effect", "charge")
        old = world.begin(once=1, kinds=["mix"], idle=True, **FIRST)
        line = world.wait_for("effect", "charge")
        stopped(world, old)
        new = world.begin(**AHEAD)
        new.until(lambda words: words[0] == "resolve" and words[3].endswith("deliver"))
        world.ask("let", "effect", "charge")
        new.until(lambda words: words[:2] == ["end", "mix-1"])
        said = continued(world, old)
        assert ["dead", "LEASE_LOST"] in said
        assert not [words for words in said if words[0] in {"seen", "end"}]
        assert new.end() == 0, new.stderr()
        world.look()
        judge(world)
        assert sum(one[:3] == ["call", *line[1:3]] for one in world.effects()) == 1


def test_two_owners_share_the_file(tmp_path: Path) -> None:
    """Both live and take what is theirs: the second one's runs are its own while the first one's lease holds."""
    with World(tmp_path / "w") as world:
        world.ask("hold", "call", "work")
        one = world.begin(once=1, kinds=["mix"], idle=True, **FIRST)
        one.until(lambda words: words[0] == "start")
        other = world.begin(once=1, kinds=["drop"], idle=True, **FIRST)
        other.until(lambda words: words[0] == "start")
        assert ["claimed", "0"] in other.said
        owners = {run: row["owner"] for run, row in world.read()["runs"].items()}
        assert owners["mix-1"] != owners["drop-2"]
        world.ask("let", "call", "work")
        one.until(lambda words: words[:2] == ["end", "mix-1"])
        other.until(lambda words: words[:2] == ["end", "drop-2"])
        for life in (one, other):
            life.kill()
            world.died(life)
        judge(world)


def test_a_process_without_the_handler_never_takes_the_run(tmp_path: Path) -> None:
    with World(tmp_path / "w") as world:
        world.ask("hold", "call", "work")
        world.ask("hold", "call", "crunch")
        first = world.begin(once=2, kinds=["crunch", "drop"], idle=True)
        first.until(lambda words: words[0] == "start" and words[1] == "drop-2")
        first.until(lambda words: words[0] == "start" and words[1] == "crunch-1")
        world.wait_for("call", "work")
        first.kill()
        world.died(first)
        before = world.report["runs"]["crunch-1"]
        world.ask("let", "call", "work")
        world.ask("let", "call", "crunch")
        poor = world.begin(lack=["ship"], idle=True)  # crunch needs it, drop does not
        poor.until(lambda words: words[:2] == ["end", "drop-2"])
        assert ["claimed", "0"] in poor.said
        poor.kill()
        world.died(poor)
        assert world.report["runs"]["drop-2"]["status"] == "cancelled"
        after = world.report["runs"]["crunch-1"]
        assert after["trail"] == before["trail"]
        assert after["owner"] in {None, before["owner"]}  # nobody's: its owner was seen to have ended
        world.finish()
        judge(world)


PATIENT = {"ttl_s": 3600.0, "skip_s": 0.0}  # a lease that nobody would live to see the end of


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere every lease is waited for")
def test_a_killed_owner_is_not_waited_for_and_a_stopped_one_is(tmp_path: Path) -> None:
    with World(tmp_path / "w") as world:
        world.ask("hold", "call", "work")
        old = world.begin(once=1, kinds=["mix"], idle=True, **PATIENT)
        old.until(lambda words: words[0] == "start")
        world.wait_for("call", "work")
        before = stopped(world, old)["mix-1"]["owner"]
        new = world.begin(idle=True, **PATIENT)
        new.until(lambda words: words[0] == "claimed")
        assert ["claimed", "0"] in new.said
        assert world.read()["runs"]["mix-1"]["owner"] == before
        old.kill()
        world.died(old)
        world.wait_for("call", "work", attempt=2)
        world.ask("let", "call", "work")
        new.until(lambda words: words[:2] == ["end", "mix-1"])
        new.kill()
        world.died(new)
        judge(world)
