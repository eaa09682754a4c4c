"""Appends and the one commit.

Rule: a commit is checked whole before anything is changed, so it is all or nothing.
"""

from __future__ import annotations

import os
from collections import Counter

import msgspec

from worktrail.store import chain, rules
from worktrail.store.borders import border
from worktrail.store.memory.state import Memory, Stream
from worktrail.store.protocols import Commit, Committed, Followed, Lease, NewRun, RunRow, StoredAppend, StreamAppend

__all__ = ["Journal"]

replace = msgspec.structs.replace


class Journal(Memory):
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
        self._check_setup(commit)

    def _check_setup(self, commit: Commit) -> None:
        for row in commit.published:
            if (row.segment_id, row.version) in self._published:
                raise rules.version_exists(row)
        for call in commit.calls:
            known = self._calls.get((call.principal, call.key))
            if known is not None and known.expires_us > commit.now_us:
                raise rules.call_conflict(call)

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
                self._commands[command_id] = replace(known, answer=answer, answered_us=commit.now_us)
        self._keys.update((key.key_id, key) for key in commit.keys)
        self._published.update(((row.segment_id, row.version), row) for row in commit.published)
        self._calls.update(((call.principal, call.key), call) for call in commit.calls)
        self._version += 1

    def _append(self, append: StreamAppend) -> None:
        name, count, body = append.stream, append.count, append.body
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = Stream(os.urandom(chain.SALT_BYTES))
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

    def follow(self, position: int, limit: int = 1000) -> list[Followed]:
        with self._lock:
            return [self._followed(stored) for stored in self.read_after(position, limit)]

    def follow_back(self, before: int, limit: int = 1000, stream: str | None = None) -> list[Followed]:
        with self._lock:
            self._open()
            known = self._journal if stream is None else self._streams[stream].appends if stream in self._streams else []
            older = [stored for stored in reversed(known) if stored.position < before]
            return [self._followed(stored) for stored in older[:limit]]

    def _followed(self, stored: StoredAppend) -> Followed:
        kind, _, name = stored.stream.partition(":")
        task = self._tasks.get(name) if kind == "task" else None
        run_id = name if kind == "run" else None if task is None else task.run_id
        run = self._runs.get(run_id or "")
        return Followed(
            stored.position,
            stored.stream,
            stored.first_seq,
            stored.count,
            stored.body,
            run_id,
            run.segment_id if run is not None else name if kind == "segment" else None,
            None if run is None else run.business_key,
            run.workspace_id if run is not None else None if task is None else task.workspace_id,
        )

    def version(self) -> int:
        return self._version

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
