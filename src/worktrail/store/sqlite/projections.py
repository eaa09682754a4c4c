"""Runs and human tasks as lists: rows that every commit keeps in step with the journal.

Rule: read only by read-only connections; newest first means the order in which the rows were made.
"""

# ruff: noqa: S608 - statements are put together from the constants of this room; values are always bound

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from worktrail.store.protocols import Lease, RunFilter, RunRow, RunTally, RunTotal, TaskFilter, TaskRow
from worktrail.store.rules import WAITS
from worktrail.store.sqlite.connection import Row
from worktrail.store.sqlite.run_queries import RunQuery, json_set
from worktrail.store.sqlite.tenant import Tenant

__all__ = ["RUN_COLUMNS", "RUN_FIELDS", "Projections", "run_row"]

RUN_FIELDS: Final = """r.run_id, r.segment_id, r.segment_hash, r.lock_hash, r.workspace_id, r.instance_id, r.status,
  r.created_us, r.updated_us, r.ended_us, r.business_key, r.labels, r.root_run_id, r.parent_run_id, r.parent_visit,
  r.error_code, r.waiting, r.due_us"""
RUN_COLUMNS: Final = f"{RUN_FIELDS}, (SELECT l.lease_id FROM leases l WHERE l.number = r.owner), r.error_visit"
_LABELS: Final = 11
_TASK_COLUMNS: Final = """task_id, status, task_type, title, created_us, version, run_id, visit, workspace_id, assignee,
  candidate_groups, priority, due_us, outcome, decided_by, ended_us"""
_GROUPS: Final = 10
_RUN: Final = f"SELECT {RUN_COLUMNS} FROM streams s JOIN runs r ON r.number = s.number WHERE s.tenant = ? AND s.name = ?"
_labels = msgspec.json.Decoder(dict[str, str]).decode
_groups = msgspec.json.Decoder(tuple[str, ...]).decode


def run_row(row: Row) -> RunRow:
    """The run of a row of ``RUN_COLUMNS``."""
    if row[_LABELS] is None:
        return RunRow(*row)
    values: list[Any] = list(row)
    values[_LABELS] = _labels(values[_LABELS])
    return RunRow(*values)


def _task_row(row: Row) -> TaskRow:
    values: list[Any] = list(row)
    values[_GROUPS] = _groups(values[_GROUPS])
    return TaskRow(*values)


class Projections(Tenant):
    """Reading of runs and tasks; the commit writes them."""

    def get_run(self, run_id: str) -> RunRow | None:
        row = self._database.row(_RUN, (self._tenant, f"run:{run_id}"))
        return None if row is None else run_row(row)

    def list_runs(self, where: RunFilter) -> list[RunRow]:
        after = None
        if where.after is not None:
            sql = """SELECT r.number, r.updated_us FROM streams s JOIN runs r ON r.number = s.number
            WHERE s.tenant = ? AND s.name = ?"""
            found = self._database.row(sql, (self._tenant, f"run:{where.after}"))
            if found is None:
                return []
            after = (int(found[0]), int(found[1]))
        return [run_row(row) for row in self._database.rows(*RunQuery(self._tenant, where, after).page(RUN_COLUMNS))]

    def tally_runs(self, where: RunFilter) -> RunTally:
        query = RunQuery(self._tenant, where)
        by_status: dict[str, int] = dict(self._database.rows(*query.tally()))
        by_wait: dict[str, int] = {}
        for waits, number in self._database.rows(*query.tally_waits()):
            for bit, word in enumerate(WAITS):
                if waits >> bit & 1:
                    by_wait[word] = by_wait.get(word, 0) + number
        return RunTally(by_status, by_wait)

    def count_by_segment(self, workspaces: Sequence[str] | None, failed_from_us: int) -> dict[str, tuple[int, int]]:
        seen = None if workspaces is None else json_set(workspaces)
        sql = """SELECT segment_id, sum(is_open), sum(failed) FROM (
          SELECT segment_id, workspace_id, 1 AS is_open, 0 AS failed FROM runs WHERE tenant = ?1 AND ended_us IS NULL
          UNION ALL SELECT segment_id, workspace_id, 0, 1 FROM runs
          WHERE tenant = ?1 AND ended_us >= ?2 AND ended_us IS NOT NULL AND status IN ('failed', 'timed_out'))
        WHERE ?3 IS NULL OR workspace_id IN (SELECT value FROM json_each(?3)) GROUP BY segment_id"""
        rows = self._database.rows(sql, (self._tenant, failed_from_us, seen))
        return {segment_id: (is_open, failed) for segment_id, is_open, failed in rows}

    def run_totals(self) -> list[RunTotal]:
        sql = """SELECT segment_id, status, count(*), sum(coalesce(ended_us, created_us) - created_us) FROM runs
        WHERE tenant = ? GROUP BY segment_id, status ORDER BY segment_id, status"""
        return [RunTotal(*row) for row in self._database.rows(sql, (self._tenant,))]

    def list_workspaces(self) -> list[str]:
        # From one name to the next by the index, not over all runs.
        sql = """WITH RECURSIVE names(name) AS (
          SELECT min(workspace_id) FROM runs WHERE tenant = ?1
          UNION ALL SELECT (SELECT min(workspace_id) FROM runs WHERE tenant = ?1 AND workspace_id > name) FROM names
          WHERE name IS NOT NULL)
        SELECT name FROM names WHERE name IS NOT NULL"""
        return [name for (name,) in self._database.rows(sql, (self._tenant,))]

    def last_seqs(self, run_ids: Iterable[str]) -> dict[str, int]:
        sql = """SELECT e.value, (SELECT a.first_seq + a.count - 1 FROM appends a WHERE a.stream = s.number
          ORDER BY a.first_seq DESC LIMIT 1)
        FROM json_each(?) e CROSS JOIN streams s WHERE s.tenant = ? AND s.name = 'run:' || e.value"""
        return {run_id: seq or 0 for run_id, seq in self._database.rows(sql, (json_set(run_ids), self._tenant))}

    def count_runs(self) -> dict[str, int]:
        return dict(self._database.rows("SELECT status, count(*) FROM runs WHERE tenant = ? GROUP BY status", (self._tenant,)))

    def existing_runs(self, run_ids: Iterable[str]) -> dict[str, str]:
        sql = """SELECT r.run_id, r.status FROM json_each(?) e CROSS JOIN streams s CROSS JOIN runs r
        WHERE s.tenant = ? AND s.name = 'run:' || e.value AND r.number = s.number"""
        return dict(self._database.rows(sql, (json_set(run_ids), self._tenant)))

    def owned_runs(self, lease: Lease) -> list[RunRow]:
        sql = f"""SELECT {RUN_COLUMNS} FROM leases o
        JOIN runs r ON r.tenant = o.tenant AND r.owner = o.number AND r.ended_us IS NULL
        WHERE o.tenant = ? AND o.lease_id = ? AND o.epoch = ? ORDER BY r.number"""
        return [run_row(row) for row in self._database.rows(sql, (self._tenant, lease.lease_id, lease.epoch))]

    def get_task(self, task_id: str) -> TaskRow | None:
        row = self._database.row(f"SELECT {_TASK_COLUMNS} FROM tasks WHERE tenant = ? AND task_id = ?", (self._tenant, task_id))
        return None if row is None else _task_row(row)

    def list_tasks(self, where: TaskFilter) -> list[TaskRow]:
        conditions, bindings = self._tasks_where(where)
        if where.after is not None:
            last = self._database.row(
                "SELECT number, due_us FROM tasks WHERE tenant = ? AND task_id = ?", (self._tenant, where.after)
            )
            if last is None:
                return []
            number, due_us = last
            if where.order == "newest":
                conditions.append("number < ?")
                bindings.append(number)
            elif due_us is None:
                conditions.append("due_us IS NULL AND number > ?")
                bindings.append(number)
            else:
                conditions.append("(due_us IS NULL OR (due_us, number) > (?, ?))")
                bindings += (due_us, number)
        order = "number DESC" if where.order == "newest" else "due_us NULLS LAST, number"
        sql = f"SELECT {_TASK_COLUMNS} FROM tasks WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT ?"
        return [_task_row(row) for row in self._database.rows(sql, (*bindings, where.limit))]

    def count_tasks(self, where: TaskFilter) -> int:
        conditions, bindings = self._tasks_where(where)
        return int(self._database.rows(f"SELECT count(*) FROM tasks WHERE {' AND '.join(conditions)}", bindings)[0][0])

    def _tasks_where(self, where: TaskFilter) -> tuple[list[str], list[Any]]:
        conditions = ["tenant = ?"]
        bindings: list[Any] = [self._tenant]
        status = None if where.status is None else list(where.status)
        if status == ["open"]:
            conditions.append("status = 'open'")  # said as the partial index says it
        elif status is not None:
            conditions.append("status IN (SELECT value FROM json_each(?))")
            bindings.append(json_set(status))
        if where.workspaces is not None:
            conditions.append("workspace_id IN (SELECT value FROM json_each(?))")
            bindings.append(json_set(where.workspaces))
        if where.names is not None:
            conditions.append("(assignee IS NULL OR assignee IN (SELECT value FROM json_each(?)))")
            bindings.append(json_set(where.names))
        for condition, value in (("run_id = ?", where.run_id), ("assignee = ?", where.assignee)):
            if value is not None:
                conditions.append(condition)
                bindings.append(value)
        if where.prefix is not None:
            conditions.append("(substr(task_id, 1, ?) = ? OR substr(run_id, 1, ?) = ? OR substr(title, 1, ?) = ?)")
            bindings += (len(where.prefix), where.prefix) * 3
        return conditions, bindings

    def due_tasks(self) -> list[tuple[str, int, str | None]]:
        sql = "SELECT task_id, due_us, run_id FROM tasks WHERE tenant = ? AND status = 'open' AND due_us IS NOT NULL"
        return self._database.rows(sql, (self._tenant,))
