"""The driver in a thread of its own: work that is woken, a lease that is lost and had again, a stop with grace."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gate import wait_at
from tests.live.serving import make_project
from worktrail.app import Caller, DriverThread, StartRun, Wiring, os_principal, start_run, wire

pytestmark = pytest.mark.slow


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    make_project(tmp_path / "project")
    with wire(tmp_path / "project", database=tmp_path / "live.db", app=str(tmp_path / "project" / "live_steps.py")) as made:
        yield made


class Room:
    """A driver thread over a wiring, and what it commits."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.committed = threading.Event()
        self.driver = DriverThread(committed=lambda tenant: self.committed.set())
        self.driver.start()
        self.driver.add("default", wiring)

    def start(self, segment_id: str, value: object) -> str:
        """A run of nobody yet, as the API begins it."""
        caller = Caller(self.wiring.store, os_principal("local"))
        run_id = str(start_run(caller, self.wiring, StartRun(segment_id=segment_id, input=value))["run_id"])
        self.driver.wake("default")
        return run_id

    def until(self, run_id: str, status: str) -> None:
        """Looks at the row after every commit of the driver."""
        for _ in range(1000):
            row = self.wiring.store.get_run(run_id)
            if row is not None and row.status == status:
                return
            assert self.committed.wait(30)
            self.committed.clear()
        raise AssertionError(row)


@pytest.fixture
def room(wiring: Wiring) -> Iterator[Room]:
    made = Room(wiring)
    yield made
    made.driver.stop(0.0)


def test_a_run_of_nobody_is_taken_when_it_is_woken(room: Room) -> None:
    room.until(room.start("quick", {"n": 1}), "completed")
    facts = room.driver.facts("default")
    assert (facts["running"], facts["runs_ended"], facts["reopened"]) == (True, 1, 0)
    assert room.driver.facts("nobody")["running"] is False


def test_a_lost_lease_is_acquired_anew(room: Room) -> None:
    lease = room.driver.call("default", _lease)
    store = room.wiring.store
    store.acquire(lease, now_us=1, ttl_us=1, address=None, process="")  # the epoch is another's now
    run_id = room.start("quick", {"n": 1})
    room.until(run_id, "completed")
    assert room.driver.facts("default")["reopened"] == 1


async def _lease(driver: object) -> str:
    return str(driver.lease.lease_id)  # type: ignore[attr-defined]


def test_stopped_the_runs_are_nobodys_again(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_id = room.start("held", {"name": "never"})
    wait_at(tmp_path / "never.held")
    room.driver.stop(0.1)
    row = room.wiring.store.get_run(run_id)
    assert row is not None
    assert (row.status, row.owner) == ("running", None)
    assert room.wiring.store.list_leases() == []
    room.driver.stop(0.0)  # a second time is nothing
    room.driver.wake("default")
