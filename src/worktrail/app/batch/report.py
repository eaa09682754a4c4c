"""What a batch counts while it goes on. Small whatever the number of rows: numbers and a few samples, never results."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

__all__ = ["ENDED", "SAMPLES", "BatchReport"]

ENDED = ("completed", "failed", "cancelled", "timed_out")
SAMPLES = 20


class BatchReport(msgspec.Struct, kw_only=True):
    """Counters of one call. ``statuses`` counts runs of this call by the status they ended or settled in; ``already`` rows
    whose run had ended before; ``skipped`` rows that could not become a run; ``parked`` runs left open by an interruption;
    ``header`` what the header of a table makes bad in every row; ``taken`` says that a process runs here which takes the
    ``queued`` ones."""

    segment_id: str
    segment_hash: str
    database: str
    total: int | None = None
    rows: int = 0
    started: int = 0
    resumed: int = 0
    already: int = 0
    already_failed: int = 0
    skipped: int = 0
    queued: int = 0
    taken: bool = False
    parked: int = 0
    statuses: Counter[str] = msgspec.field(default_factory=Counter)
    errors: Counter[str] = msgspec.field(default_factory=Counter)
    header: list[str] = []
    bad_rows: list[dict[str, Any]] = []
    failures: list[dict[str, Any]] = []
    retries: int = 0
    steps: int = 0
    duration_s: float = 0.0
    interrupted: bool = False
    run_id: str | None = None

    @property
    def in_flight(self) -> int:
        """Runs of this call that have neither ended nor settled."""
        return self.started + self.resumed - sum(self.statuses.values()) - self.queued - self.parked

    @property
    def done(self) -> int:
        """Rows that need nothing more of this call."""
        return self.already + self.skipped + self.queued + sum(self.statuses.values())

    @property
    def waiting(self) -> int:
        """Runs that wait for people: tasks, incidents, pauses."""
        return self.statuses["waiting"] + self.statuses["paused"]

    @property
    def failed(self) -> int:
        """Runs that ended badly, in this call or before."""
        bad = sum(self.statuses[status] for status in ("failed", "timed_out", "cancelled"))
        return bad + self.already_failed

    @property
    def steps_per_s(self) -> float:
        return self.steps / self.duration_s if self.duration_s > 0 else 0.0

    def skip(self, row: dict[str, Any]) -> None:
        """A row that could not become a run."""
        self.skipped += 1
        self.errors[str(row["error"]["code"])] += 1
        if len(self.bad_rows) < SAMPLES:
            self.bad_rows.append(row)

    def to_dict(self) -> dict[str, Any]:
        """JSON object for programs."""
        return {
            "segment_id": self.segment_id,
            "segment_hash": self.segment_hash,
            "database": self.database,
            "rows": self.rows,
            "started": self.started,
            "resumed": self.resumed,
            "completed": self.statuses["completed"],
            "failed": self.statuses["failed"] + self.statuses["timed_out"],
            "cancelled": self.statuses["cancelled"],
            "waiting": self.waiting,
            "already": self.already,
            "already_failed": self.already_failed,
            "skipped": self.skipped,
            "queued": self.queued,
            "taken": self.taken,
            "parked": self.parked,
            "retries": self.retries,
            "steps": self.steps,
            "duration_s": round(self.duration_s, 3),
            "steps_per_s": round(self.steps_per_s, 1),
            "interrupted": self.interrupted,
            "errors": dict(self.errors.most_common(SAMPLES)),
            "header": self.header,
            "bad_rows": self.bad_rows,
            "failures": self.failures,
            "run_id": self.run_id,
        }
