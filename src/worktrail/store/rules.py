"""What both stores agree on: statuses, ownership, refusals.

Rule: an open run is written only by the lease that owns it (null owns what has no owner). An ended run belongs to nobody:
whoever adds to its trail is held by the sequence alone. An ended run never opens again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from worktrail.errors import CallerError
from worktrail.store.protocols import Lease, RunFilter, RunRow, RunUpdate, TaskFilter, TaskRow
from worktrail.store.setup import PublishedRow, RememberedCall

__all__ = [
    "ENDED",
    "RUN_STATUSES",
    "WAITS",
    "bad_count",
    "call_conflict",
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
    "version_exists",
    "waits_of",
]

ENDED: Final = frozenset({"completed", "failed", "cancelled", "timed_out"})
RUN_STATUSES: Final = frozenset({"running", "waiting", "paused"}) | ENDED
# What an open run may wait for, as its row's waiting reasons say it; bit n of the column `waits` is the n-th word.
WAITS: Final = ("person", "timer", "message", "child run", "retry", "incident")


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
        error_visit=update.error_visit,
    )
    return RunRow(**known)


def waits_of(row: RunRow) -> tuple[str, ...]:
    """What an open run waits for, each word once, in the order of ``WAITS``."""
    if row.ended_us is not None or not row.waiting:
        return ()
    return tuple(word for word in WAITS if f'"for":"{word}"' in row.waiting)


def run_matches(row: RunRow, where: RunFilter) -> bool:
    """Whether a row passes a filter (``order``, ``limit``, ``after`` and ``since`` aside)."""
    labels = row.labels or {}
    return (
        (where.status is None or row.status in where.status)
        and (where.wait_for is None or any(word in where.wait_for for word in waits_of(row)))
        and (where.segment_ids is None or row.segment_id in where.segment_ids)
        and (where.business_key is None or row.business_key == where.business_key)
        and (where.workspaces is None or row.workspace_id in where.workspaces)
        and (where.error_codes is None or row.error_code in where.error_codes)
        and (where.step_id is None or _is_at(row, where.step_id))
        and (where.prefix is None or any(text.startswith(where.prefix) for text in _texts(row)))
        and not (where.top and row.parent_run_id is not None)
        and (where.parent_run_id is None or row.parent_run_id == where.parent_run_id)
        and (where.root_run_id is None or row.root_run_id == where.root_run_id)
        and all(labels.get(name) == value for name, value in where.labels)
        and _in_time(row, where)
    )


def _texts(row: RunRow) -> tuple[str, ...]:
    return (row.run_id, row.segment_id, row.business_key or "")


def _is_at(row: RunRow, step_id: str) -> bool:
    """Whether it failed, or waits, at a step: at the step itself or inside containers."""
    if row.ended_us is not None:
        return row.error_visit is not None and row.error_visit.rpartition("/")[2] == step_id
    return f'"visit":"{step_id}"' in (row.waiting or "") or f'/{step_id}"' in (row.waiting or "")


def _in_time(row: RunRow, where: RunFilter) -> bool:
    return (
        (where.created_from_us is None or row.created_us >= where.created_from_us)
        and (where.created_to_us is None or row.created_us < where.created_to_us)
        and (where.ended_from_us is None or (row.ended_us or 0) >= where.ended_from_us)
    )


def task_matches(row: TaskRow, where: TaskFilter) -> bool:
    """Whether a task passes a filter (``order``, ``limit`` and ``after`` aside)."""
    return (
        (where.status is None or row.status in where.status)
        and (where.run_id is None or row.run_id == where.run_id)
        and (where.assignee is None or row.assignee == where.assignee)
        and (where.names is None or row.assignee is None or row.assignee in where.names)
        and (where.workspaces is None or row.workspace_id in where.workspaces)
        and (where.prefix is None or any(text.startswith(where.prefix) for text in (row.task_id, row.run_id or "", row.title)))
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


def version_exists(row: PublishedRow) -> CallerError:
    return CallerError(
        "VERSION_EXISTS",
        f"version {row.version} of segment {row.segment_id} is published, with another content",
        details={"segment_id": row.segment_id, "version": row.version},
    )


def call_conflict(call: RememberedCall) -> CallerError:
    return CallerError("IDEMPOTENCY_CONFLICT", f"a call with the idempotency key {call.key!r} was made before")
