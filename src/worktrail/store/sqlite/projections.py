"""Runs and human tasks as lists: rows that every commit keeps in step with the journal.

Rule: read only by read-only connections; newest first means the order in which the rows were made.
"""

# ruff: noqa: S608 - statements are put together from the constants of this room; values are always bound

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from worktrail.store.protocols import Lease, RunFilter, RunRow, TaskFilter, TaskRow
from worktrail.store.sqlite.connection import Row
from worktrail.store.sqlite.tenant import Tenant

__all__ = ["RUN_COLUMNS", "Projections", "run_row"]

RUN_COLUMNS: Final = """r.run_id, r.segment_id, r.segment_hash, r.lock_hash, r.workspace_id, r.instance_id, r.status,
  r.created_us, r.updated_us, r.ended_us, r.business_key, r.labels, r.root_run_id, r.parent_run_id, r.parent_visit,
  r.error_code, r.waiting, r.due_us, (SELECT l.lease_id FROM leases l WHERE l.number = r.owner)"""
_LABELS: Final = 11
_TASK_COLUMNS: Final = """task_id, status, task_type, title, created_us, version, run_id, visit, workspace_id, assignee,
  candidate_groups, priority, due_us, outcome, decided_by, ended_us"""
_GROUPS: Final = 10
_RUN: Final = f"SELECT {RUN_COLUMNS} FROM streams s JOIN runs r ON r.number = s.number WHERE s.tenant = ? AND s.name = ?"
_labels = msgspec.json.Decoder(dict[str, str]).decode
_groups = msgspec.json.Decoder(tuple[str, ...]).decode


def run_row(row: Row) -> RunRow:
    """The run of a row of ``RUN_COLUMNS``."""
    values: list[Any] = list(row)
    if values[_LABELS] is not None:
        values[_LABELS] = _labels(values[_LABELS])
    return RunRow(*values)


def _task_row(row: Row) -> TaskRow:
    values: list[Any] = list(row)
    values[_GROUPS] = _groups(values[_GROUPS])
    return TaskRow(*values)


def _json(names: Iterable[str]) -> str:
    """A set of texts as one binding, for ``IN (SELECT value FROM json_each(?))``."""
    return msgspec.json.encode(list(names)).decode()


class Projections(Tenant):
    """Reading of runs and tasks; the commit writes them."""

    def get_run(self, run_id: str) -> RunRow | None:
        row = self._database.row(_RUN, (self._tenant, f"run:{run_id}"))
        return None if row is None else run_row(row)

    def list_runs(self, where: RunFilter) -> list[RunRow]:
        conditions = ["r.tenant = ?"]
        bindings: list[Any] = [self._tenant]
        wanted: list[tuple[str, Any]] = [
            ("r.status IN (SELECT value FROM json_each(?))", None if where.status is None else _json(where.status)),
            ("r.segment_id = ?", where.segment_id),
            ("r.business_key = ?", where.business_key),
            ("r.root_run_id = ?", where.root_run_id),
        ]
        if where.after is not None:
            row = self._database.row(
                "SELECT number FROM streams WHERE tenant = ? AND name = ?", (self._tenant, f"run:{where.after}")
            )
            wanted.append(("r.number < ?", 0 if row is None else row[0]))
        for condition, value in wanted:
            if value is not None:
                conditions.append(condition)
                bindings.append(value)
        if where.label is not None:
            conditions.append("EXISTS (SELECT 1 FROM json_each(r.labels) e WHERE e.key = ? AND e.value = ?)")
            bindings += where.label
        sql = f"SELECT {RUN_COLUMNS} FROM runs r WHERE {' AND '.join(conditions)} ORDER BY r.number DESC LIMIT ?"
        return [run_row(row) for row in self._database.rows(sql, (*bindings, where.limit))]

    def count_runs(self) -> dict[str, int]:
        return dict(self._database.rows("SELECT status, count(*) FROM runs WHERE tenant = ? GROUP BY status", (self._tenant,)))

    def existing_runs(self, run_ids: Iterable[str]) -> dict[str, str]:
        sql = """SELECT r.run_id, r.status FROM json_each(?) e CROSS JOIN streams s CROSS JOIN runs r
        WHERE s.tenant = ? AND s.name = 'run:' || e.value AND r.number = s.number"""
        return dict(self._database.rows(sql, (_json(run_ids), self._tenant)))

    def owned_runs(self, lease: Lease) -> list[RunRow]:
        sql = f"""SELECT {RUN_COLUMNS} FROM leases o
        JOIN runs r ON r.tenant = o.tenant AND r.owner = o.number AND r.ended_us IS NULL
        WHERE o.tenant = ? AND o.lease_id = ? AND o.epoch = ? ORDER BY r.number"""
        return [run_row(row) for row in self._database.rows(sql, (self._tenant, lease.lease_id, lease.epoch))]

    def get_task(self, task_id: str) -> TaskRow | None:
        row = self._database.row(f"SELECT {_TASK_COLUMNS} FROM tasks WHERE tenant = ? AND task_id = ?", (self._tenant, task_id))
        return None if row is None else _task_row(row)

    def list_tasks(self, where: TaskFilter) -> list[TaskRow]:
        conditions = ["tenant = ?"]
        bindings: list[Any] = [self._tenant]
        status = None if where.status is None else list(where.status)
        if status == ["open"]:
            conditions.append("status = 'open'")  # said as the partial index says it
        elif status is not None:
            conditions.append("status IN (SELECT value FROM json_each(?))")
            bindings.append(_json(status))
        if where.after is not None:
            row = self._database.row("SELECT number FROM tasks WHERE tenant = ? AND task_id = ?", (self._tenant, where.after))
            conditions.append("number < ?")
            bindings.append(0 if row is None else row[0])
        for condition, value in (("run_id = ?", where.run_id), ("assignee = ?", where.assignee)):
            if value is not None:
                conditions.append(condition)
                bindings.append(value)
        sql = f"SELECT {_TASK_COLUMNS} FROM tasks WHERE {' AND '.join(conditions)} ORDER BY number DESC LIMIT ?"
        return [_task_row(row) for row in self._database.rows(sql, (*bindings, where.limit))]
