"""Reading trails: the public events of a run, for people and programs."""

from __future__ import annotations

from worktrail.errors import CallerError
from worktrail.events import WorktrailEvent, decode_body, public_events
from worktrail.store import Store

__all__ = ["read_trail"]


def read_trail(store: Store, run_id: str, after_seq: int = 0) -> list[WorktrailEvent]:
    """The run's events after a seq, oldest first. CallerError NOT_FOUND."""
    row = store.get_run(run_id)
    if row is None:
        raise CallerError("NOT_FOUND", f"there is no run '{run_id}'")
    common = {
        "tenant_id": store.tenant_id,
        "workspace_id": row.workspace_id,
        "instance_id": row.instance_id,
        "run_id": row.run_id,
        "root_run_id": row.root_run_id,
        "parent_run_id": row.parent_run_id,
        "segment_id": row.segment_id,
    }
    stream = f"run:{run_id}"
    return [
        event
        for stored in store.read_stream(stream, after_seq)
        for event in public_events(decode_body(stored.body, stored.first_seq), stream, common)
        if event.stream_seq > after_seq
    ]
