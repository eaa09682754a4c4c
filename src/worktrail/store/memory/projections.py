"""Runs and the inbox of people, as lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from worktrail.store import rules
from worktrail.store.memory.state import Memory
from worktrail.store.protocols import Lease, RunFilter, RunRow, RunTally, RunTotal, TaskFilter, TaskRow

__all__ = ["Projections"]


class Projections(Memory):
    """Runs and the inbox of people, as lists."""

    def get_run(self, run_id: str) -> RunRow | None:
        with self._lock:
            self._open()
            return self._runs.get(run_id)

    def list_runs(self, where: RunFilter) -> list[RunRow]:
        with self._lock:
            self._open()
            names = list(self._runs)
            if where.order == "updated":
                names.sort(key=lambda name: self._runs[name].updated_us)
            if where.order != "oldest":
                names.reverse()
            found = [self._runs[name] for name in self._fitting(_page(names, where.after), where)]
        return found[: where.limit]

    def _fitting(self, names: list[str], where: RunFilter) -> list[str]:
        changed = None
        if where.since is not None:
            changed = {each.stream for each in self._journal[max(where.since, 0) :]}
        return [
            name for name in names if rules.run_matches(self._runs[name], where) and (changed is None or f"run:{name}" in changed)
        ]

    def tally_runs(self, where: RunFilter) -> RunTally:
        with self._lock:
            self._open()
            rows = [self._runs[name] for name in self._fitting(list(self._runs), where)]
        return RunTally(
            dict(Counter(row.status for row in rows)), dict(Counter(word for row in rows for word in rules.waits_of(row)))
        )

    def count_by_segment(self, workspaces: Sequence[str] | None, failed_from_us: int) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        with self._lock:
            self._open()
            for row in self._runs.values():
                if workspaces is not None and row.workspace_id not in workspaces:
                    continue
                is_open = row.ended_us is None
                failed = row.status in {"failed", "timed_out"} and (row.ended_us or 0) >= failed_from_us
                if is_open or failed:
                    before = found.get(row.segment_id, (0, 0))
                    found[row.segment_id] = (before[0] + is_open, before[1] + failed)
        return found

    def run_totals(self) -> list[RunTotal]:
        found: dict[tuple[str, str], tuple[int, int]] = {}
        with self._lock:
            self._open()
            for row in self._runs.values():
                runs, took = found.get((row.segment_id, row.status), (0, 0))
                took += 0 if row.ended_us is None else row.ended_us - row.created_us
                found[row.segment_id, row.status] = (runs + 1, took)
        return [RunTotal(*key, *found[key]) for key in sorted(found)]

    def list_workspaces(self) -> list[str]:
        with self._lock:
            self._open()
            return sorted({row.workspace_id for row in self._runs.values()})

    def last_seqs(self, run_ids: Iterable[str]) -> dict[str, int]:
        with self._lock:
            self._open()
            streams = {run_id: self._streams.get(f"run:{run_id}") for run_id in run_ids}
        return {run_id: stream.next_seq - 1 for run_id, stream in streams.items() if stream is not None}

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
            names = list(self._tasks)
            if where.order == "newest":
                names.reverse()
            else:
                due = {name: self._tasks[name].due_us for name in names}
                names.sort(key=lambda name: (due[name] is None, due[name] or 0))
            names = _page(names, where.after)
            found = [self._tasks[name] for name in names if rules.task_matches(self._tasks[name], where)]
        return found[: where.limit]

    def due_tasks(self) -> list[tuple[str, int, str | None]]:
        with self._lock:
            self._open()
            tasks = list(self._tasks.values())
        return [(one.task_id, one.due_us, one.run_id) for one in tasks if one.status == "open" and one.due_us is not None]

    def count_tasks(self, where: TaskFilter) -> int:
        with self._lock:
            self._open()
            return sum(rules.task_matches(row, where) for row in self._tasks.values())


def _page(names: list[str], after: str | None) -> list[str]:
    """From behind ``after`` (nothing when it is not there)."""
    if after is None:
        return names
    return names[names.index(after) + 1 :] if after in names else []
