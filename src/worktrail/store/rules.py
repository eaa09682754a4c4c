"""What both stores agree on: statuses, ownership, refusals.

Rule: an open run is written only by the lease that owns it (null owns what has no owner). An ended run belongs to nobody:
whoever adds to its trail is held by the sequence alone. An ended run never opens again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from worktrail.errors import CallerError
from worktrail.store.protocols import Lease, RunFilter, RunRow, RunUpdate, TaskFilter, TaskRow

__all__ = [
    "ENDED",
    "RUN_STATUSES",
    "bad_count",
    "check_status",
    "ended_us",
    "lease_lost",
    "not_found",
    "not_owner",
    "run_ended",
    "run_exists",
    "run_matches",
    "run_of",
    "seq_conflict",
    "task_matches",
    "updated",
]

ENDED: Final = frozenset({"completed", "failed", "cancelled", "timed_out"})
RUN_STATUSES: Final = frozenset({"running", "waiting", "paused"}) | ENDED


def run_of(stream: str) -> str | None:
    """The run id of a ``run:<id>`` stream, null for any other stream."""
    return stream[4:] if stream.startswith("run:") else None


def check_status(run_id: str, status: str) -> None:
    """``CallerError STORE_VALUE`` for a status that no reader would know."""
    if status not in RUN_STATUSES:
        raise CallerError("STORE_VALUE", f"run {run_id}: unknown status {status!r}; known are {', '.join(sorted(RUN_STATUSES))}")


def ended_us(update: RunUpdate) -> int | None:
    """When the run ended, null while it is open."""
    if update.status not in ENDED:
        return None
    return update.updated_us if update.ended_us is None else update.ended_us


def updated(row: RunRow, update: RunUpdate) -> RunRow:
    """The row after an update: ``waiting`` null leaves it, everything else is taken as given, an ended run loses its owner."""
    known = {name: getattr(row, name) for name in row.__struct_fields__}
    known.update(
        status=update.status,
        updated_us=update.updated_us,
        ended_us=ended_us(update),
        error_code=update.error_code,
        waiting=row.waiting if update.waiting is None else update.waiting,
        due_us=update.due_us,
        owner=None if update.status in ENDED else row.owner,
    )
    return RunRow(**known)


def run_matches(row: RunRow, where: RunFilter) -> bool:
    """Whether a row passes a filter (``limit`` and ``after`` aside)."""
    return (
        (where.status is None or row.status in where.status)
        and (where.segment_id is None or row.segment_id == where.segment_id)
        and (where.business_key is None or row.business_key == where.business_key)
        and (where.root_run_id is None or row.root_run_id == where.root_run_id)
        and (where.label is None or (row.labels or {}).get(where.label[0]) == where.label[1])
    )


def task_matches(row: TaskRow, where: TaskFilter) -> bool:
    """Whether a task passes a filter (``limit`` and ``after`` aside)."""
    return (
        (where.status is None or row.status in where.status)
        and (where.run_id is None or row.run_id == where.run_id)
        and (where.assignee is None or row.assignee == where.assignee)
    )


def lease_lost(lease: Lease) -> CallerError:
    return CallerError(
        "LEASE_LOST",
        f"lease {lease.lease_id} with epoch {lease.epoch} does not hold any more",
        details={"lease_id": lease.lease_id, "epoch": lease.epoch},
    )


def not_owner(lease: Lease | None, run_id: str) -> CallerError:
    who = "a commit without a lease" if lease is None else f"lease {lease.lease_id}"
    return CallerError("LEASE_LOST", f"{who} does not own run {run_id}", details={"run_id": run_id})


def run_exists(run_ids: Iterable[str]) -> CallerError:
    known = sorted(run_ids)
    return CallerError("RUN_EXISTS", f"already there: run {', '.join(known[:5])}", details={"run_ids": known[:100]})


def run_ended(run_id: str, status: str) -> CallerError:
    return CallerError("RUN_ENDED", f"run {run_id} has ended: it cannot become {status}", details={"run_id": run_id})


def seq_conflict(stream: str, given: int, expected: int) -> CallerError:
    return CallerError(
        "SEQ_CONFLICT",
        f"stream {stream}: an append at seq {given}, but the next is {expected}",
        details={"stream": stream, "given": given, "next": expected},
    )


def bad_count(stream: str, count: int) -> CallerError:
    return CallerError("STORE_VALUE", f"stream {stream}: an append of {count} events")


def not_found(what: str, name: str) -> CallerError:
    return CallerError("NOT_FOUND", f"there is no {what} {name}")
