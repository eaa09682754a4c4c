"""Reading trails: the public events of a run, for people and programs.

Rule: what an event does not say itself is read beside it: the type of its step from the lock, how long something took from
the events before it. So a trail stays small and its readers need not fold it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from worktrail.contract import GraphLock, read_lock
from worktrail.errors import CallerError
from worktrail.events import WorktrailEvent, decode_body, public_events
from worktrail.store import Store

__all__ = ["iterate_trail", "read_trail"]

_BEGIN = frozenset(("segment.started", "step.scheduled", "step.started"))
_END = frozenset(
    (
        "segment.completed", "segment.failed", "segment.cancelled", "step.completed", "step.failed", "step.skipped",
        "step.cancelled", "step.retrying", "step.timed_out", "step.interrupted",
    )
)  # fmt: skip
_MS = timedelta(milliseconds=1)


def read_trail(store: Store, run_id: str, after_seq: int = 0) -> list[WorktrailEvent]:
    """The run's events after a seq, oldest first. CallerError NOT_FOUND.

    ``duration_ms`` of an end counts from the attempt's start (where there was none, from when the step was scheduled).
    """
    return list(iterate_trail(store, run_id, after_seq))


def iterate_trail(store: Store, run_id: str, after_seq: int = 0) -> Iterator[WorktrailEvent]:
    """As `read_trail`, one after the other: who needs no more events stops, and pays for no more."""
    row = store.get_run(run_id)
    if row is None:
        raise CallerError("NOT_FOUND", f"there is no run '{run_id}'")
    stream = f"run:{run_id}"
    if after_seq and not store.read_stream(stream, after_seq, 1):
        return
    common = {
        "tenant_id": store.tenant_id,
        "workspace_id": row.workspace_id,
        "instance_id": row.instance_id,
        "run_id": row.run_id,
        "root_run_id": row.root_run_id,
        "parent_run_id": row.parent_run_id,
        "segment_id": row.segment_id,
    }
    types = dict(_step_types(read_lock(store.get_definition(row.lock_hash)).graph))
    began: dict[str | None, datetime] = {}
    for stored in store.read_stream(stream):
        for event in public_events(decode_body(stored.body, stored.first_seq), stream, common):
            if event.event_type in _BEGIN:
                began[event.visit] = event.timestamp
            if event.stream_seq > after_seq:
                yield _completed(event, types, began)


def _completed(event: WorktrailEvent, types: dict[str, str], began: dict[str | None, datetime]) -> WorktrailEvent:
    since = began.get(event.visit) if event.event_type in _END else None
    took_ms = None if since is None else (event.timestamp - since) // _MS
    step_type = None if event.visit is None else types.get(_path(event.visit))
    return msgspec.structs.replace(event, step_type=step_type, duration_ms=took_ms)


def _path(visit: str) -> str:
    """``each#3/price`` → ``each/price``."""
    return "/".join(part.partition("#")[0] for part in visit.split("/"))


def _step_types(graph: GraphLock, above: str = "") -> Iterator[tuple[str, str]]:
    for step in graph.steps:
        yield above + step.id, step.type
        if step.body is not None:
            yield from _step_types(step.body, f"{above}{step.id}/")
