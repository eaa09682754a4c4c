"""The journal: the one commit, and reading streams back.

Rule: a commit is fenced before it writes. An open run is written only under the lease that owns it and whose epoch holds.
Ownership can leave a lease only by raising its epoch (``leases``), so a stream checked once under an epoch stays ours while
the epoch holds: after another process wrote, one look at the lease row answers for all runs it owns.
What is cached of a stream (its number, next seq, head) is trusted in the generation it was read in, or under the epoch it
was checked with; any failed commit forgets everything.
"""

# ruff: noqa: S608 - statements are put together from the constants of this room; values are always bound

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache, partial
from typing import Any, Final

import apsw
import msgspec

from worktrail.errors import OurError
from worktrail.store import chain, rules
from worktrail.store.borders import border
from worktrail.store.protocols import Commit, Committed, Followed, NewRun, RunUpdate, StoredAppend, TaskRow
from worktrail.store.sqlite.connection import Row
from worktrail.store.sqlite.setup import write_setup
from worktrail.store.sqlite.tenant import Tenant

__all__ = ["Journal"]

CACHED_STREAMS: Final = 20_000
ROWS_AT_ONCE: Final = 64  # and one prepared statement for each smaller number
_NO_EPOCH: Final = -1

_LOAD = """
SELECT s.number, s.salt, r.owner, r.ended_us FROM streams s LEFT JOIN runs r ON r.number = s.number
WHERE s.tenant = ? AND s.name = ?
"""
_LAST = "SELECT first_seq + count, head FROM appends WHERE stream = ? ORDER BY first_seq DESC LIMIT 1"
_APPEND = ("appends", "stream, first_seq, count, body, head")
_LABEL = ("run_labels", "tenant, name, value, run")
_STREAM = ("streams", "number, tenant, name, salt")
_RUN = (
    "runs",
    """number, tenant, run_id, segment_id, segment_hash, lock_hash, workspace_id, instance_id, status, created_us,
  updated_us, ended_us, owner, business_key, labels, root_run_id, parent_run_id, parent_visit""",
)
_UPDATE_RUN = """
UPDATE runs SET status = ?1, updated_us = ?2, ended_us = ?3, error_code = ?4, waiting = coalesce(?5, waiting), due_us = ?6,
  error_visit = ?7, owner = CASE WHEN ?3 IS NULL THEN owner END
WHERE number = ?8
"""
_PUT_TASK = """
INSERT INTO tasks (tenant, task_id, status, task_type, title, created_us, version, run_id, visit, workspace_id, assignee,
  candidate_groups, priority, due_us, outcome, decided_by, ended_us)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (tenant, task_id) DO UPDATE SET status = excluded.status, task_type = excluded.task_type, title = excluded.title,
  created_us = excluded.created_us, version = excluded.version, run_id = excluded.run_id, visit = excluded.visit,
  workspace_id = excluded.workspace_id, assignee = excluded.assignee, candidate_groups = excluded.candidate_groups,
  priority = excluded.priority, due_us = excluded.due_us, outcome = excluded.outcome, decided_by = excluded.decided_by,
  ended_us = excluded.ended_us
"""
_APPENDS = "SELECT a.position, s.name, a.first_seq, a.count, a.body, a.head FROM streams s JOIN appends a ON a.stream = s.number"

# A task's run is found by the task's row: only streams of tasks are looked up there.
_FOLLOWED = """
SELECT a.position, s.name, a.first_seq, a.count, a.body, coalesce(r.run_id, t.run_id) AS run_id, coalesce(r.segment_id,
    p.segment_id, CASE WHEN s.name >= 'segment:' AND s.name < 'segment;' THEN substr(s.name, 9) END) AS segment_id,
  coalesce(r.business_key, p.business_key) AS business_key, coalesce(r.workspace_id, t.workspace_id) AS workspace_id
FROM appends a CROSS JOIN streams s
LEFT JOIN runs r ON r.number = s.number
LEFT JOIN tasks t ON s.name >= 'task:' AND s.name < 'task;' AND t.tenant = s.tenant AND t.task_id = substr(s.name, 6)
LEFT JOIN streams q ON q.tenant = s.tenant AND q.name = 'run:' || t.run_id
LEFT JOIN runs p ON p.number = q.number
"""
_FOLLOW_ROWS = f"{_FOLLOWED} WHERE a.position > ? AND s.number = a.stream AND s.tenant = ? ORDER BY a.position LIMIT ?"
# One row for a page: this thread asks for the interpreter once, not once a row, which would stop a busy driver each time.
_FOLLOW = f"""SELECT json_group_array(json_array(position, name, first_seq, count, hex(body), run_id, segment_id, business_key,
  workspace_id) ORDER BY position)
FROM ({_FOLLOW_ROWS})"""
_BACK = f"{_FOLLOWED} WHERE a.position < ? AND s.number = a.stream AND s.tenant = ? ORDER BY a.position DESC LIMIT ?"
_BACK_ONE = f"""{_FOLLOWED.replace("appends a CROSS JOIN streams s", "streams s CROSS JOIN appends a")}
WHERE a.position < ? AND s.tenant = ? AND s.name = ? AND a.stream = s.number ORDER BY a.first_seq DESC LIMIT ?"""


_page = msgspec.json.Decoder(list[tuple[int, str, int, int, str, str | None, str | None, str | None, str | None]]).decode


def _followed(row: tuple[int, str, int, int, str, str | None, str | None, str | None, str | None]) -> Followed:
    position, stream, first_seq, count, body, *about = row
    return Followed(position, stream, first_seq, count, bytes.fromhex(body), *about)


@cache
def _insertion(table: tuple[str, str], rows: int) -> str:
    name, columns = table
    row = f"({', '.join('?' * (columns.count(',') + 1))})"
    return f"INSERT INTO {name} ({columns}) VALUES {', '.join([row] * rows)}"


def _insert(cursor: apsw.Cursor, table: tuple[str, str], values: Sequence[Any]) -> None:
    """Rows, their values one after the other. Few statements: after each of them this thread asks for the interpreter again,
    which another one that computes gives away only after a while (``Driver.SWITCH_S``)."""
    width = table[1].count(",") + 1
    for start in range(0, len(values), ROWS_AT_ONCE * width):
        part = values[start : start + ROWS_AT_ONCE * width]
        cursor.execute(_insertion(table, len(part) // width), part)


class _Stream:
    """What a commit must know of a stream."""

    __slots__ = ("ended", "epoch", "free", "generation", "head", "name", "next_seq", "number", "owner", "salt")

    def __init__(self, number: int, name: bytes, salt: bytes) -> None:
        self.number = number
        self.name = name
        self.salt = salt
        self.next_seq = 1
        self.head = chain.GENESIS
        self.owner: int | None = None  # number of the lease, of open runs
        self.free = False  # not an open run: held by the sequence alone
        self.ended = False
        self.epoch = _NO_EPOCH
        self.generation = -1


class Journal(Tenant):
    """Appends and the rows that change with them."""

    def __init__(self, *known: Any) -> None:
        super().__init__(*known)
        self._streams: dict[str, _Stream] = {}
        self._next_number = 0
        self._numbers_generation = -1

    def commit(self, commit: Commit) -> Committed:
        border("store.commit.before")
        try:
            committed = self._database.transact(partial(self._write, commit))
        except BaseException:
            self._streams.clear()
            self._database.foreign = True  # perhaps noticed and now lost: better told once too often
            raise
        border("store.commit.after")
        return committed

    def _write(self, commit: Commit, cursor: apsw.Cursor) -> Committed:
        """Everything a commit changes, inside its transaction."""
        owner, epoch = None, _NO_EPOCH
        if commit.lease is not None:
            owner, epoch = self._fence(cursor, commit.lease), commit.lease.epoch
        if len(self._streams) > CACHED_STREAMS:
            self._streams.clear()
        if commit.new_runs:
            self._insert_runs(cursor, commit.new_runs, owner, epoch)
        position = self._insert_appends(cursor, commit, owner, epoch) if commit.appends else self._position(cursor)
        if commit.run_updates:
            self._update_runs(cursor, commit, owner, epoch)
        if commit.tasks:
            cursor.executemany(_PUT_TASK, [self._task_row(task) for task in commit.tasks])
        if commit.blobs:
            rows = [(self._tenant, bytes.fromhex(address), body) for address, body in commit.blobs]
            cursor.executemany("INSERT INTO blobs (tenant, address, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows)
        if commit.keys or commit.published or commit.calls:
            write_setup(cursor, self._tenant, commit)
        for command_id, answer in commit.answers:
            self._answer(cursor, command_id, answer, commit.now_us)
        border("store.commit.inside")
        foreign, self._database.foreign = self._database.foreign, False
        return Committed(position, foreign)

    # --- streams -------------------------------------------------------------------------------------------------

    def _stream(self, cursor: apsw.Cursor, name: str, owner: int | None, epoch: int) -> _Stream:
        """The stream, from the cache while that may be trusted, else from the file (made when it is not a run's)."""
        known = self._streams.get(name)
        if known is not None and (known.epoch == epoch != _NO_EPOCH or known.generation == self._database.generation):
            return known
        row = cursor.execute(_LOAD, (self._tenant, name)).fetchone()
        run_id = rules.run_of(name)
        if row is None:
            if run_id is not None:
                raise rules.not_found("run", run_id)
            return self._make_stream(cursor, name)
        stream = _Stream(row[0], name.encode(), row[1])
        last = cursor.execute(_LAST, (stream.number,)).fetchone()
        if last is not None:
            stream.next_seq, stream.head = last
        stream.ended = row[3] is not None
        stream.free = run_id is None or stream.ended
        stream.owner = row[2]
        if owner is not None and stream.owner == owner:
            stream.epoch = epoch
        stream.generation = self._database.generation
        self._streams[name] = stream
        return stream

    def _make_stream(self, cursor: apsw.Cursor, name: str) -> _Stream:
        stream = self._new_stream(cursor, name)
        _insert(cursor, _STREAM, self._stream_row(stream, name))
        return stream

    def _new_stream(self, cursor: apsw.Cursor, name: str) -> _Stream:
        """A stream whose row is still to be written."""
        stream = _Stream(self._number(cursor), name.encode(), os.urandom(chain.SALT_BYTES))
        stream.free = True
        stream.generation = self._database.generation
        self._streams[name] = stream
        return stream

    def _stream_row(self, stream: _Stream, name: str) -> Row:
        return (stream.number, self._tenant, name, stream.salt)

    def _number(self, cursor: apsw.Cursor) -> int:
        """The next free stream number; only we write while the generation stands."""
        if self._numbers_generation != self._database.generation:
            self._next_number = cursor.execute("SELECT coalesce(max(number), 0) + 1 FROM streams").get
            self._numbers_generation = self._database.generation
        number = self._next_number
        self._next_number += 1
        return number

    # --- writing -------------------------------------------------------------------------------------------------

    def _insert_runs(self, cursor: apsw.Cursor, runs: list[NewRun], owner: int | None, epoch: int) -> None:
        made: list[Any] = []
        rows: list[Any] = []
        labels: list[Any] = []
        for new in runs:
            rules.check_status(new.run_id, new.status)
            name = f"run:{new.run_id}"
            stream = self._new_stream(cursor, name)
            stream.free = stream.ended = new.status in rules.ENDED
            if not stream.ended:
                stream.owner, stream.epoch = owner, epoch
            made += self._stream_row(stream, name)
            rows += self._run_row(new, stream)
            for label, value in (new.labels or {}).items():
                labels += (self._tenant, label, value, stream.number)
        try:
            _insert(cursor, _STREAM, made)
            _insert(cursor, _RUN, rows)
            if labels:
                _insert(cursor, _LABEL, labels)
        except apsw.ConstraintError as error:
            taken = {new.run_id for new in runs if self._database.row(_LOAD, (self._tenant, f"run:{new.run_id}")) is not None}
            raise rules.run_exists(taken or {new.run_id for new in runs}) from error

    def _run_row(self, new: NewRun, stream: _Stream) -> Row:
        return (
            stream.number,
            self._tenant,
            new.run_id,
            new.segment_id,
            new.segment_hash,
            new.lock_hash,
            new.workspace_id,
            new.instance_id,
            new.status,
            new.created_us,
            new.created_us,
            new.created_us if stream.ended else None,
            stream.owner,
            new.business_key,
            None if new.labels is None else msgspec.json.encode(dict(new.labels)).decode(),
            new.root_run_id,
            new.parent_run_id,
            new.parent_visit,
        )

    def _insert_appends(self, cursor: apsw.Cursor, commit: Commit, owner: int | None, epoch: int) -> int:
        values: list[Any] = []
        link = self._link
        for append in commit.appends:
            name, first_seq, count, body = append.stream, append.first_seq, append.count, append.body
            stream = self._stream(cursor, name, owner, epoch)
            if not stream.free and stream.owner != owner:
                raise rules.not_owner(commit.lease, name[4:])
            if first_seq != stream.next_seq:
                raise rules.seq_conflict(name, first_seq, stream.next_seq)
            if count < 1:
                raise rules.bad_count(name, count)
            head = link(stream.head, stream.salt, stream.name, first_seq, count, body)
            stream.head = head
            stream.next_seq = first_seq + count
            values += (stream.number, first_seq, count, body, head)
        _insert(cursor, _APPEND, values)
        return cursor.connection.last_insert_rowid()

    def _update_runs(self, cursor: apsw.Cursor, commit: Commit, owner: int | None, epoch: int) -> None:
        values = []
        for update in commit.run_updates:
            rules.check_status(update.run_id, update.status)
            stream = self._stream(cursor, f"run:{update.run_id}", owner, epoch)
            if not stream.free and stream.owner != owner:
                raise rules.not_owner(commit.lease, update.run_id)
            values.append(self._update_row(update, stream))
        cursor.executemany(_UPDATE_RUN, values)
        for update in commit.run_updates:
            if update.status in rules.ENDED:
                self._streams.pop(f"run:{update.run_id}", None)

    def _update_row(self, update: RunUpdate, stream: _Stream) -> Row:
        ended_us = rules.ended_us(update)
        if ended_us is not None:
            stream.ended = stream.free = True
        elif stream.ended:
            raise rules.run_ended(update.run_id, update.status)
        due_us, visit = update.due_us, update.error_visit
        return (update.status, update.updated_us, ended_us, update.error_code, update.waiting, due_us, visit, stream.number)

    def _task_row(self, task: TaskRow) -> Row:
        return (
            self._tenant,
            task.task_id,
            task.status,
            task.task_type,
            task.title,
            task.created_us,
            task.version,
            task.run_id,
            task.visit,
            task.workspace_id,
            task.assignee,
            msgspec.json.encode(list(task.candidate_groups)).decode(),
            task.priority,
            task.due_us,
            task.outcome,
            task.decided_by,
            task.ended_us,
        )

    def _answer(self, cursor: apsw.Cursor, command_id: str, answer: bytes, answered_us: int) -> None:
        """The first answer stands."""
        which = (self._tenant, command_id)
        if cursor.execute("SELECT 1 FROM commands WHERE tenant = ? AND command_id = ?", which).fetchone() is None:
            raise rules.not_found("command", command_id)
        cursor.execute(
            "UPDATE commands SET answer = ?, answered_us = ? WHERE tenant = ? AND command_id = ? AND answer IS NULL",
            (answer, answered_us, *which),
        )

    def _position(self, cursor: apsw.Cursor) -> int:
        return int(cursor.execute("SELECT coalesce(max(position), 0) FROM appends").get)

    # --- reading -------------------------------------------------------------------------------------------------

    def read_stream(self, stream: str, after_seq: int = 0, limit: int | None = None) -> list[StoredAppend]:
        sql = f"{_APPENDS} WHERE s.tenant = ? AND s.name = ? AND a.first_seq + a.count > ? + 1"
        bindings: list[Any] = [self._tenant, stream, after_seq]
        if after_seq > 0:  # the append that holds after_seq begins at or before it
            sql += """ AND a.first_seq >= coalesce(
            (SELECT max(b.first_seq) FROM appends b WHERE b.stream = s.number AND b.first_seq <= ?), 0)"""
            bindings.append(after_seq)
        sql += " ORDER BY a.first_seq LIMIT ?"
        bindings.append(-1 if limit is None else limit)
        return [StoredAppend(*row) for row in self._database.rows(sql, bindings)]

    def read_after(self, position: int, limit: int = 1000) -> list[StoredAppend]:
        sql = """SELECT a.position, s.name, a.first_seq, a.count, a.body, a.head FROM appends a CROSS JOIN streams s
        WHERE a.position > ? AND s.number = a.stream AND s.tenant = ? ORDER BY a.position LIMIT ?"""
        return [StoredAppend(*row) for row in self._database.rows(sql, (position, self._tenant, limit))]

    def follow(self, position: int, limit: int = 1000) -> list[Followed]:
        which = (position, self._tenant, limit)
        try:
            row = self._database.row(_FOLLOW, which)
        except OurError:  # more than a text of SQLite holds (a gigabyte): row by row, which says what else may be wrong
            return [Followed(*row) for row in self._database.rows(_FOLLOW_ROWS, which)]
        return [] if row is None else [_followed(row) for row in _page(row[0])]

    def follow_back(self, before: int, limit: int = 1000, stream: str | None = None) -> list[Followed]:
        if stream is None:
            return [Followed(*row) for row in self._database.rows(_BACK, (before, self._tenant, limit))]
        return [Followed(*row) for row in self._database.rows(_BACK_ONE, (before, self._tenant, stream, limit))]

    def version(self) -> int:
        return self._database.version()

    def position(self) -> int:
        row = self._database.row("SELECT coalesce(max(position), 0) FROM appends")
        return 0 if row is None else int(row[0])

    def verify(self, stream: str) -> list[str]:
        sql = "SELECT s.salt, a.commitment, a.position, s.name, a.first_seq, a.count, a.body, a.head FROM streams s"
        sql += " JOIN appends a ON a.stream = s.number WHERE s.tenant = ? AND s.name = ? ORDER BY a.first_seq"
        rows = self._database.rows(sql, (self._tenant, stream))
        return chain.problems(stream, rows[0][0], self._link, ((StoredAppend(*row[2:]), row[1]) for row in rows)) if rows else []
