"""Results: what a caller is told of a run, read from its folded state."""

from __future__ import annotations

import asyncio
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from worktrail.engine import Run, Values
from worktrail.events import ErrorInfo, moment
from worktrail.runtime.driver.live import status_word

__all__ = ["SegmentResult", "SegmentStatus", "Waiters", "result_of"]


class SegmentStatus(StrEnum):
    """The seeds' words, with paused and waiting. ``TIMEOUT`` reads the same as ``TIMED_OUT``."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    TIMEOUT = "timed_out"


class SegmentResult(msgspec.Struct, frozen=True, kw_only=True):
    """The end (or the present state) of a run. ``outputs`` as R13 says; ``step_results`` by visit of the run's own graph."""

    run_id: str
    segment_id: str
    status: SegmentStatus
    outputs: Any = None
    error: ErrorInfo | None = None
    step_results: dict[str, dict[str, Any]] = {}
    started_at: datetime | None = None
    completed_at: datetime | None = None
    duration_ms: int | None = None
    steps_completed: int = 0
    steps_total: int = 0
    resumed_from: str | None = None

    @property
    def output(self) -> Any:
        """The seeds' other name."""
        return self.outputs

    @property
    def current_step(self) -> str | None:
        """The first visit that has not ended."""
        return next((visit for visit, one in self.step_results.items() if one["status"] not in _ENDED), None)

    def to_dict(self) -> dict[str, Any]:
        """JSON values only; times as ISO 8601 in UTC."""
        shape = {name: getattr(self, name) for name in self.__struct_fields__}
        shape["status"] = str(self.status)
        shape["output"] = self.outputs
        shape["current_step"] = self.current_step
        shape["error"] = None if self.error is None else self.error.to_dict()
        for name in ("started_at", "completed_at"):
            value = shape[name]
            shape[name] = None if value is None else value.isoformat().replace("+00:00", "Z")
        return shape


_ENDED = frozenset(("completed", "failed", "skipped", "cancelled"))


def result_of(run: Run, values: Values) -> SegmentResult:
    """Read a run."""
    steps = {}
    for visit in run.root.visits:
        if visit is not None:
            outputs = None if visit.outputs is None else {port: values.read(ref) for port, ref in visit.outputs.items()}
            error = None if visit.error is None else visit.error.to_dict()
            steps[visit.id] = {"status": visit.status, "outputs": outputs, "error": error, "attempts": visit.attempt}
    ended = run.ended
    return SegmentResult(
        run_id=run.id,
        segment_id=run.plan.lock.segment_id,
        status=SegmentStatus(status_word(run)),
        outputs=None if run.outputs is None else values.read(run.outputs),
        error=run.error,
        step_results=steps,
        started_at=moment(run.started_us),
        completed_at=moment(run.now_us) if ended else None,
        duration_ms=(run.now_us - run.started_us) // 1000 if ended else None,
        steps_completed=sum(one["status"] == "completed" for one in steps.values()),
        steps_total=len(run.root.visits),
    )


class Waiters:
    """Callers who wait for the end of a run, or for it to come to rest (ended, or only waiting)."""

    def __init__(self) -> None:
        self._ends: dict[str, list[asyncio.Future[SegmentResult]]] = {}
        self._rests: dict[str, list[asyncio.Future[str]]] = {}

    async def end_of(self, run_id: str) -> SegmentResult:
        future: asyncio.Future[SegmentResult] = asyncio.get_running_loop().create_future()
        self._ends.setdefault(run_id, []).append(future)
        return await future

    async def rest_of(self, run_id: str) -> str:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._rests.setdefault(run_id, []).append(future)
        return await future

    def ended(self, run: Run, values: Values) -> None:
        """The run's last event is durable."""
        waiting = self._ends.pop(run.id, ())
        if waiting:
            result = result_of(run, values)
            for future in waiting:
                if not future.done():
                    future.set_result(result)
        self.parked(run.id, status_word(run))

    def parked(self, run_id: str, status: str) -> None:
        for future in self._rests.pop(run_id, ()):
            if not future.done():
                future.set_result(status)

    def fail(self, error: Exception) -> None:
        """Nobody will ever be told more."""
        waiting: list[asyncio.Future[Any]] = [one for many in self._ends.values() for one in many]
        waiting += [one for many in self._rests.values() for one in many]
        for future in waiting:
            if not future.done():
                future.set_exception(error)
        self._ends.clear()
        self._rests.clear()
