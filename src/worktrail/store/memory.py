"""MemoryStore: the same promises without a disk, for tests, demos and the analysis of a trail.

Rule: a commit is checked whole before anything is changed, so it is all or nothing. One handle, one tenant, nothing shared.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from worktrail.errors import CallerError
from worktrail.store import chain, checks, rules
from worktrail.store.borders import border
from worktrail.store.protocols import (
    CommandRow,
    Commit,
    Committed,
    Lease,
    NewRun,
    RunFilter,
    RunRow,
    StoredAppend,
    StreamAppend,
    TaskFilter,
    TaskRow,
)

__all__ = ["MemoryStore"]

replace = msgspec.structs.replace


@dataclass
class _Stream:
    """A stream as a commit sees it."""

    salt: bytes
    next_seq: int = 1
    head: bytes = chain.GENESIS
    appends: list[StoredAppend] = field(default_factory=list)


class _Memory:
    """The state that all aggregates share."""

    def __init__(self, tenant_id: str = "default") -> None:
        self.tenant_id = tenant_id
        self._lock = threading.RLock()
        self._closed = False
        self._key = os.urandom(chain.KEY_BYTES)
        self._link = chain.linker(self._key)
        self._journal: list[StoredAppend] = []
        self._streams: dict[str, _Stream] = {}
        self._runs: dict[str, RunRow] = {}
        self._tasks: dict[str, TaskRow] = {}
        self._commands: dict[str, CommandRow] = {}
        self._leases: dict[str, Lease] = {}
        self._epoch = 0
        self._definitions: dict[str, bytes] = {}
        self._blobs: dict[str, bytes] = {}
        self._snapshots: dict[str, tuple[int, bytes, bytes]] = {}

    def _open(self) -> None:
        if self._closed:
            raise CallerError("STORE_CLOSED", "this store in memory was closed")

    def _stands(self, lease: Lease) -> bool:
        known = self._leases.get(lease.lease_id)
        return known is not None and known.epoch == lease.epoch

    def _holds(self, lease: Lease) -> None:
        if not self._stands(lease):
            raise rules.lease_lost(lease)

    def _next_epoch(self) -> int:
        self._epoch += 1
        return self._epoch

    def _owner(self, target: str) -> str | None:
        """Lease id of who owns a command's target: a run, or a task's run."""
        task = self._tasks.get(target)
        run = self._runs.get(target) or (self._runs.get(task.run_id or "") if task is not None else None)
        return None if run is None else run.owner


class _Journal(_Memory):
    """Appends and the one commit."""

    def commit(self, commit: Commit) -> Committed:
        border("store.commit.before")
        with self._lock:
            self._open()
            self._check(commit)
            border("store.commit.inside")
            self._apply(commit)
            position = len(self._journal)
        border("store.commit.after")
        return Committed(position)

    def _check(self, commit: Commit) -> None:
        """Everything that may refuse; changes nothing."""
        if commit.lease is not None:
            self._holds(commit.lease)
        fresh = [new.run_id for new in commit.new_runs]
        taken = {run_id for run_id, times in Counter(fresh).items() if times > 1 or run_id in self._runs}
        if taken:
            raise rules.run_exists(taken)
        for new in commit.new_runs:
            rules.check_status(new.run_id, new.status)
        created = set(fresh)
        following: dict[str, int] = {}
        for append in commit.appends:
            run_id = rules.run_of(append.stream)
            if run_id is not None and run_id not in created:
                self._may_write(run_id, commit.lease)
            self._check_seq(append, following)
        for update in commit.run_updates:
            rules.check_status(update.run_id, update.status)
            if update.run_id in created:
                continue
            row = self._may_write(update.run_id, commit.lease)
            if row.ended_us is not None and update.status not in rules.ENDED:
                raise rules.run_ended(update.run_id, update.status)
        for command_id, _ in commit.answers:
            if command_id not in self._commands:
                raise rules.not_found("command", command_id)

    def _check_seq(self, append: StreamAppend, following: dict[str, int]) -> None:
        stream = self._streams.get(append.stream)
        expected = following.get(append.stream) or (1 if stream is None else stream.next_seq)
        if append.count < 1:
            raise rules.bad_count(append.stream, append.count)
        if append.first_seq != expected:
            raise rules.seq_conflict(append.stream, append.first_seq, expected)
        following[append.stream] = expected + append.count

    def _may_write(self, run_id: str, lease: Lease | None) -> RunRow:
        row = self._runs.get(run_id)
        if row is None:
            raise rules.not_found("run", run_id)
        if row.ended_us is None and row.owner != (None if lease is None else lease.lease_id):
            raise rules.not_owner(lease, run_id)
        return row

    def _apply(self, commit: Commit) -> None:
        owner = None if commit.lease is None else commit.lease.lease_id
        for new in commit.new_runs:
            self._runs[new.run_id] = _row_of(new, owner)
        for append in commit.appends:
            self._append(append)
        for update in commit.run_updates:
            self._runs[update.run_id] = rules.updated(self._runs[update.run_id], update)
        for task in commit.tasks:
            self._tasks[task.task_id] = replace(task, candidate_groups=tuple(task.candidate_groups))
        for address, body in commit.blobs:
            self._blobs.setdefault(address, body)
        for command_id, answer in commit.answers:
            known = self._commands[command_id]
            if known.answer is None:
                self._commands[command_id] = replace(known, answer=answer, answered_us=commit.answered_us)

    def _append(self, append: StreamAppend) -> None:
        name, count, body = append.stream, append.count, append.body
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = _Stream(os.urandom(chain.SALT_BYTES))
        stream.head = self._link(stream.head, stream.salt, name.encode(), append.first_seq, count, body)
        stored = StoredAppend(len(self._journal) + 1, name, append.first_seq, count, body, stream.head)
        stream.next_seq += count
        stream.appends.append(stored)
        self._journal.append(stored)

    def read_stream(self, stream: str, after_seq: int = 0, limit: int | None = None) -> list[StoredAppend]:
        with self._lock:
            self._open()
            known = self._streams.get(stream)
            found = [] if known is None else [each for each in known.appends if each.first_seq + each.count - 1 > after_seq]
        return found if limit is None else found[:limit]

    def read_after(self, position: int, limit: int = 1000) -> list[StoredAppend]:
        with self._lock:
            self._open()
            return self._journal[max(position, 0) : max(position, 0) + limit]

    def position(self) -> int:
        with self._lock:
            self._open()
            return len(self._journal)

    def verify(self, stream: str) -> list[str]:
        with self._lock:
            self._open()
            known = self._streams.get(stream)
            if known is None:
                return []
            return chain.problems(stream, known.salt, self._link, [(append, None) for append in known.appends])


def _row_of(new: NewRun, owner: str | None) -> RunRow:
    ended = new.created_us if new.status in rules.ENDED else None
    return RunRow(
        run_id=new.run_id,
        segment_id=new.segment_id,
        segment_hash=new.segment_hash,
        lock_hash=new.lock_hash,
        workspace_id=new.workspace_id,
        instance_id=new.instance_id,
        status=new.status,
        created_us=new.created_us,
        updated_us=new.created_us,
        ended_us=ended,
        business_key=new.business_key,
        labels=None if new.labels is None else dict(new.labels),
        root_run_id=new.root_run_id,
        parent_run_id=new.parent_run_id,
        parent_visit=new.parent_visit,
        error_code=None,
        waiting=None,
        due_us=None,
        owner=None if ended is not None else owner,
    )


class _Projections(_Memory):
    """Runs and the inbox of people, as lists."""

    def get_run(self, run_id: str) -> RunRow | None:
        with self._lock:
            self._open()
            return self._runs.get(run_id)

    def list_runs(self, where: RunFilter) -> list[RunRow]:
        with self._lock:
            self._open()
            names = _page(list(self._runs), where.after)
            found = [self._runs[name] for name in names if rules.run_matches(self._runs[name], where)]
        return found[: where.limit]

    def count_runs(self) -> dict[str, int]:
        with self._lock:
            self._open()
            return dict(Counter(row.status for row in self._runs.values()))

    def existing_runs(self, run_ids: Iterable[str]) -> dict[str, str]:
        with self._lock:
            self._open()
            return {run_id: self._runs[run_id].status for run_id in run_ids if run_id in self._runs}

    def owned_runs(self, lease: Lease) -> list[RunRow]:
        with self._lock:
            self._open()
            if not self._stands(lease):
                return []
            return [row for row in self._runs.values() if row.owner == lease.lease_id]

    def get_task(self, task_id: str) -> TaskRow | None:
        with self._lock:
            self._open()
            return self._tasks.get(task_id)

    def list_tasks(self, where: TaskFilter) -> list[TaskRow]:
        with self._lock:
            self._open()
            names = _page(list(self._tasks), where.after)
            found = [self._tasks[name] for name in names if rules.task_matches(self._tasks[name], where)]
        return found[: where.limit]


def _page(names: list[str], after: str | None) -> list[str]:
    """Newest first, from behind ``after`` (nothing when it is not there)."""
    names.reverse()
    if after is None:
        return names
    return names[names.index(after) + 1 :] if after in names else []


class _Content(_Memory):
    """What is named by hash: definitions, blobs; and the snapshots."""

    def put_definition(self, digest: str, kind: str, body: bytes) -> None:
        with self._lock:
            self._open()
            self._definitions.setdefault(digest, body)
        border("store.definition.put.after")

    def get_definition(self, digest: str) -> bytes:
        with self._lock:
            self._open()
            if digest not in self._definitions:
                raise rules.not_found("definition", digest)
            return self._definitions[digest]

    def blob_address(self, body: bytes) -> str:
        return chain.address_of(self._key, body)

    def get_blob(self, address: str) -> bytes:
        with self._lock:
            self._open()
            if address not in self._blobs:
                raise rules.not_found("blob", address)
            return self._blobs[address]

    def put_snapshot(self, run_id: str, seq: int, digest: bytes, body: bytes) -> None:
        with self._lock:
            self._open()
            if seq >= self._snapshots.get(run_id, (0, b"", b""))[0]:
                self._snapshots[run_id] = (seq, digest, body)

    def get_snapshot(self, run_id: str) -> tuple[int, bytes, bytes] | None:
        with self._lock:
            self._open()
            return self._snapshots.get(run_id)


class _Work(_Memory):
    """Commands and leases."""

    def send(self, command: CommandRow) -> bool:
        with self._lock:
            self._open()
            if command.command_id in self._commands:
                return False
            self._commands[command.command_id] = replace(command, answer=None, answered_us=None)
        border("store.command.send.after")
        return True

    def pending(self, lease: Lease | None, limit: int = 1000) -> list[CommandRow]:
        owner = None if lease is None else lease.lease_id
        with self._lock:
            self._open()
            if lease is not None and not self._stands(lease):
                return []
            found = [each for each in self._commands.values() if each.answer is None and self._owner(each.target) == owner]
        return found[:limit]

    def get_command(self, command_id: str) -> CommandRow | None:
        with self._lock:
            self._open()
            return self._commands.get(command_id)

    def acquire(self, lease_id: str, *, now_us: int, ttl_us: int, address: str | None, process: str) -> Lease:
        with self._lock:
            self._open()
            lease = Lease(lease_id, self._next_epoch(), now_us + ttl_us, address, process)
            self._leases[lease_id] = lease
        border("store.lease.acquire.after")
        return lease

    def renew(self, lease: Lease, *, now_us: int, ttl_us: int) -> Lease:
        with self._lock:
            self._open()
            self._holds(lease)
            renewed = replace(self._leases[lease.lease_id], expires_us=now_us + ttl_us)
            self._leases[lease.lease_id] = renewed
            return renewed

    def release(self, lease: Lease, *, now_us: int) -> None:
        with self._lock:
            self._open()
            if not self._stands(lease):
                return
            del self._leases[lease.lease_id]
            for run_id, row in self._runs.items():
                if row.owner == lease.lease_id:
                    self._runs[run_id] = replace(row, owner=None)

    def claim(self, lease: Lease, *, now_us: int, locks: Sequence[str] | None, limit: int = 1000) -> list[RunRow]:
        with self._lock:
            self._open()
            self._holds(lease)
            free = [row for row in self._claimable(now_us, lease.lease_id) if locks is None or row.lock_hash in locks][:limit]
            for lost in {row.owner for row in free if row.owner is not None}:
                if lost in self._leases:
                    self._leases[lost] = replace(self._leases[lost], epoch=self._next_epoch(), expires_us=0)
            taken = [replace(row, owner=lease.lease_id) for row in free]
            self._runs.update((row.run_id, row) for row in taken)
        border("store.claim.after")
        return taken

    def _claimable(self, now_us: int, own: str | None) -> list[RunRow]:
        dead = {lease.lease_id for lease in self._leases.values() if lease.expires_us <= now_us} - {own}
        return [row for row in self._runs.values() if row.ended_us is None and (row.owner is None or row.owner in dead)]

    def unclaimed_locks(self, *, now_us: int) -> list[str]:
        with self._lock:
            self._open()
            return sorted({row.lock_hash for row in self._claimable(now_us, None)})

    def owner_of(self, run_id: str) -> Lease | None:
        with self._lock:
            self._open()
            row = self._runs.get(run_id)
            lease = None if row is None or row.owner is None else self._leases.get(row.owner)
            return lease if lease is not None and lease.expires_us else None

    def list_leases(self) -> list[Lease]:
        with self._lock:
            self._open()
            return [lease for lease in self._leases.values() if lease.expires_us]


class MemoryStore(_Journal, _Projections, _Content, _Work):
    """A tenant's store in memory: the protocol ``Store``."""

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "memory",
            "tenant_id": self.tenant_id,
            "durable": False,
            "appends": len(self._journal),
            "runs": len(self._runs),
        }

    def check(self) -> list[str]:
        with self._lock:
            self._open()
            found = [problem for stream in self._streams for problem in self.verify(stream)]
            for run_id, row in self._runs.items():
                found += checks.projection_problems(run_id, row.status, self.read_stream(f"run:{run_id}"))
            return found

    def close(self) -> None:
        self._closed = True
