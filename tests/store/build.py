"""Short ways to say what a test commits."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from worktrail.errors import WorktrailError
from worktrail.events import (
    NULL,
    ErrorInfo,
    Event,
    SegmentCancelled,
    SegmentCompleted,
    SegmentFailed,
    SegmentStarted,
    StepScheduled,
    encode_body,
)
from worktrail.store import Commit, Lease, NewRun, RunUpdate, Store, StreamAppend

NOW = 1_700_000_000_000_000
TTL = 10_000_000
ENDINGS: dict[str, Event] = {
    "completed": SegmentCompleted(NULL),
    "failed": SegmentFailed(ErrorInfo("BOOM", "it broke")),
    "timed_out": SegmentFailed(ErrorInfo("RUN_TIMEOUT", "it took too long")),
    "cancelled": SegmentCancelled("enough"),
}


def started() -> Event:
    return SegmentStarted("claims", "sha-segment", "sha-lock", NULL, "seed")


def append(stream: str, first_seq: int, *events: Event) -> StreamAppend:
    """An append of these events; one ``step.scheduled`` when none are given."""
    told = events or (StepScheduled(f"step{first_seq}"),)
    return StreamAppend(stream, first_seq, len(told), encode_body(NOW, None, told))


def new_run(run_id: str, **more: Any) -> NewRun:
    common: dict[str, Any] = {"segment_id": "claims", "segment_hash": "sha-s", "lock_hash": "sha-l", "created_us": NOW}
    return NewRun(run_id, **(common | more))


def lease(store: Store, lease_id: str = "L1", *, now_us: int = NOW, ttl_us: int = TTL) -> Lease:
    return store.acquire(lease_id, now_us=now_us, ttl_us=ttl_us, address=f"/run/{lease_id}.sock", process=f"host:{lease_id}")


def start(store: Store, run_id: str, owner: Lease | None, **more: Any) -> None:
    """A new run with its first event."""
    store.commit(Commit(lease=owner, new_runs=[new_run(run_id, **more)], appends=[append(f"run:{run_id}", 1, started())]))


def end(store: Store, run_id: str, first_seq: int, owner: Lease | None, status: str = "completed") -> None:
    """The ending of a run: event and row in one commit."""
    told = append(f"run:{run_id}", first_seq, ENDINGS[status])
    store.commit(Commit(lease=owner, appends=[told], run_updates=[RunUpdate(run_id, status, NOW + 5)]))


@contextlib.contextmanager
def refused(code: str) -> Iterator[None]:
    """``with refused("CODE"):`` the body is refused with this code."""
    with pytest.raises(WorktrailError) as caught:
        yield
    assert caught.value.code == code, f"{caught.value.code} instead of {code}: {caught.value.message}"
