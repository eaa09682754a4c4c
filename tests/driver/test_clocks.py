"""One timer of the loop serves all time limits of one length; what ends in time is not told."""

from __future__ import annotations

import asyncio

import pytest

from worktrail.runtime.driver.timing.clocks import Limits


class ByHand(asyncio.SelectorEventLoop):
    """A loop whose clock the test moves; it never waits."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.timers = 0

    def time(self) -> float:
        return self.now

    def call_at(self, when, callback, *args, context=None):
        self.timers += 1
        return super().call_at(when, callback, *args, context=context)

    def pass_to(self, now: float) -> None:
        self.now = now
        self.call_soon(self.stop)
        self.run_forever()


@pytest.fixture
def loop():
    made = ByHand()
    yield made
    made.close()


async def limits_of(fired: list[str]) -> Limits:
    return Limits(fired.append)


def test_what_ends_in_time_is_not_told(loop):
    fired: list[str] = []
    limits = loop.run_until_complete(limits_of(fired))
    for number, name in enumerate(("a", "b", "c")):
        loop.now = float(number)
        limits.add(name, 10.0)
    limits.end("b", 10.0)
    limits.end("b", 10.0)
    loop.pass_to(9.9)
    assert fired == []
    loop.pass_to(10.0)
    assert fired == ["a"]
    loop.pass_to(11.5)
    assert fired == ["a"]
    loop.pass_to(12.0)
    assert fired == ["a", "c"]
    limits.end("c", 10.0)  # too late: nothing happens


def test_a_thousand_limits_take_one_timer(loop):
    fired: list[str] = []
    limits = loop.run_until_complete(limits_of(fired))
    for number in range(1000):
        limits.add(f"{number}", 30.0)
        limits.end(f"{number}", 30.0)
    assert loop.timers == 1


def test_lengths_are_apart(loop):
    fired: list[str] = []
    limits = loop.run_until_complete(limits_of(fired))
    limits.add("long", 10.0)
    limits.add("short", 1.0)
    loop.pass_to(1.0)
    assert fired == ["short"]
    limits.add("again", 1.0)  # the timer of this length has gone with its last limit
    loop.pass_to(2.0)
    assert fired == ["short", "again"]


def test_one_that_fires_may_end_the_others(loop):
    fired: list[str] = []

    async def made() -> Limits:
        def fire(name: str) -> None:
            fired.append(name)
            limits.end("second", 1.0)
            limits.add("third", 1.0)

        limits = Limits(fire)
        return limits

    limits = loop.run_until_complete(made())
    limits.add("first", 1.0)
    loop.now = 0.5
    limits.add("second", 1.0)
    loop.pass_to(1.0)
    assert fired == ["first"]
    loop.pass_to(1.9)
    assert fired == ["first"]
    loop.pass_to(2.0)
    assert fired == ["first", "third"]


def test_closed_limits_are_silent(loop):
    fired: list[str] = []
    limits = loop.run_until_complete(limits_of(fired))
    limits.add("a", 1.0)
    limits.close()
    limits.end("a", 1.0)
    loop.pass_to(5.0)
    assert fired == []
