"""Presence and the bus, without a server: expiry, ownership, limits; telling from many threads and processes' handles."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from worktrail.app.live import Presence, RealtimeBus
from worktrail.app.live.notices import Noticeboard
from worktrail.errors import CallerError
from worktrail.store import MemoryStore, SqliteStore, Store

SECOND = 1_000_000


class Clock:
    def __init__(self) -> None:
        self.now_us = 1_700_000_000 * SECOND

    def __call__(self) -> int:
        return self.now_us

    def pass_s(self, seconds: float) -> None:
        self.now_us += int(seconds * SECOND)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "live.db")
    yield made
    made.close()


def presence_over(store: Store, clock: Clock) -> Presence:
    return Presence(store, Noticeboard(store, lambda: None), clock=clock)


def told(store: Store) -> list[tuple[str, str]]:
    """(event_type, client id) of the feed, oldest first."""
    bus = RealtimeBus(store)
    return [(event["event_type"], event["payload"]["client_id"]) for event in reversed(bus.recent(200))]


def test_who_says_nothing_is_gone_after_45_seconds(store: Store) -> None:
    clock = Clock()
    here, other = presence_over(store, clock), presence_over(store, clock)  # as two server processes have it
    here.join("ann", "default", "a")
    here.join("ben", "default", "b")
    clock.pass_s(40)
    here.heartbeat("ann", "a")
    clock.pass_s(6)
    for each in (here, other):
        each.chores()
    assert [one["client_id"] for one in other.here(None)] == ["a"]
    assert told(store) == [("join", "a"), ("join", "b"), ("leave", "b")]  # told once, by one of them
    with pytest.raises(CallerError) as refused:
        here.heartbeat("ben", "b")
    assert refused.value.code == "NOT_FOUND"
    here.join("ben", "default", "b")
    assert told(store)[-1] == ("join", "b")


def test_one_that_joins_again_is_the_same_unless_it_moved(store: Store) -> None:
    clock = Clock()
    here = presence_over(store, clock)
    first = here.join("ann", "default", "a", page="/runs")
    clock.pass_s(5)
    again = here.join("ann", "default", "a", page="/inbox")
    assert (again["joined_at"], again["page"]) == (first["joined_at"], "/inbox")
    moved = here.join("ann", "elsewhere", "a")
    assert moved["joined_at"] > first["joined_at"]
    assert told(store) == [("join", "a"), ("leave", "a"), ("join", "a")]
    assert here.here(frozenset({"default"})) == []


def test_idle_is_who_was_not_heard_of_for_a_while(store: Store) -> None:
    clock = Clock()
    here = presence_over(store, clock)
    here.join("ann", "default", "a")
    clock.pass_s(26)
    assert [one["idle"] for one in here.here(None)] == [True]
    here.heartbeat("ann", "a")
    assert [one["idle"] for one in here.here(None)] == [False]


def test_a_client_id_is_whose_it_is_and_pages_are_counted(store: Store) -> None:
    here = presence_over(store, Clock())
    here.join("ann", "default", "a")
    for refused in (lambda: here.join("ben", "default", "a"), lambda: here.heartbeat("ben", "a"), lambda: here.leave("ben", "a")):
        with pytest.raises(CallerError) as error:
            refused()
        assert error.value.code == "FORBIDDEN"
    for number in range(63):
        here.join("ann", "default", str(number))
    with pytest.raises(CallerError) as many:
        here.join("ann", "default")
    assert many.value.code == "TOO_MANY"
    here.join("ben", "default")


def test_many_threads_tell_and_nothing_is_lost(tmp_path: Path) -> None:
    stores = [SqliteStore(tmp_path / "live.db") for _ in range(2)]
    answers: list[dict[str, Any]] = []

    def tell(store: Store, name: str) -> None:
        bus = RealtimeBus(store)
        answers.extend(bus.publish({"event_type": f"{name}-{number}"}) for number in range(20))

    threads = [threading.Thread(target=tell, args=(store, f"{n}{m}")) for n, store in enumerate(stores) for m in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [answer["seq"] for answer in answers]
    assert len(set(numbers)) == 80
    assert 0 not in numbers
    assert [event["seq"] for event in RealtimeBus(stores[0]).recent(200)] == sorted(numbers, reverse=True)
    for store in stores:
        store.close()


@pytest.mark.parametrize("event", [None, 7, "text", ["a"], {"payload": object()}, {"payload": "x" * 100_000}, {1: float("nan")}])
def test_whatever_is_told_it_never_raises(store: Store, event: Any) -> None:
    bus = RealtimeBus(store)
    answer = bus.publish(event)
    assert answer["seq"] > 0
    assert (answer["area"], answer["event_type"], answer["workspace_id"]) == ("workspace", "event", "default")
    assert bus.recent(1) == [answer]


def test_a_store_that_refuses_is_told_in_the_answer() -> None:
    store = MemoryStore()
    bus = RealtimeBus(store)
    store.close()
    answer = bus.publish({"event_type": "late"})
    assert (answer["seq"], answer["error"]["code"]) == (0, "STORE_CLOSED")


def test_what_a_source_brings_never_overwrites_what_is_always_there(store: Store) -> None:
    source = {"seq": 1, "received_at": "never", "id": "mine", "timestamp": "then", "more": [1], "area": "", "payload": None}
    answer = RealtimeBus(store).publish(source)
    assert answer["seq"] > 1
    assert answer["received_at"] != "never"
    assert (answer["area"], answer["payload"], answer["more"]) == ("workspace", {}, [1])
    assert (answer["id"], answer["source_id"], answer["source_timestamp"]) == ("observed:1", "mine", "then")
