"""Batches: one run for each row of a file, as many at a time as is good, and safe to call again.

Rule: a row's run id is a hash of what runs and of the row's place: the same call again finds what is there, counts what has
ended, goes on with what is open and starts the rest. A bad row stops nothing. Memory is bounded by the window: rows are read
when there is room for them, results are written when they come and not kept. A run that only waits for a person gives its
place in the window back; one that waits for a timer is looked after until it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import msgspec

from worktrail.app.batch.report import ENDED, SAMPLES, BatchReport
from worktrail.app.batch.rows import BadRow, Row, RowFile
from worktrail.app.wiring import Wiring
from worktrail.contract import SegmentDefinition
from worktrail.errors import CODES, AuthorError, CallerError, WorktrailError
from worktrail.events import ErrorInfo
from worktrail.feel import Expression, compile_expression, to_json
from worktrail.runtime import Driver, RunConfig, SegmentResult, is_gone
from worktrail.store import RunFilter, Store

__all__ = ["BAD_INPUT", "Batch", "BatchOptions", "business_key_of", "key_expression", "row_run_id", "waits_for_people"]

WINDOW = 64
NO_WAIT_WINDOW = 1000
LOOK_S = 0.25
LOOK_AT_ONCE = 500
# What a row's input may be refused for without stopping the others.
BAD_INPUT = frozenset({"INPUT_INVALID", "ANSWER_INVALID", "BUSINESS_KEY", "VALUE_TOO_LARGE"})
_encode = msgspec.json.Encoder(decimal_format="number").encode


class BatchOptions(msgspec.Struct, frozen=True, kw_only=True):
    """``fresh``: new runs even for rows that ran before. ``wait`` false: begin every run durably, then leave them to others.
    ``run_id``: the id of a single input's run."""

    parameters: Mapping[str, Any] = {}
    business_key: str | None = None
    labels: Mapping[str, str] = {}
    concurrency: int | None = None
    config: RunConfig | None = None
    fresh: bool = False
    wait: bool = True
    run_id: str | None = None
    principal: str | None = None
    grace_s: float = 5.0


def row_run_id(lock_hash: str, file_digest: str, number: int, *, salt: str = "") -> str:
    """The id of a row's run: 24 hex digits, equal for the same lock (the segment, its sub-segments, the step types they use),
    bytes of the file, row number (and parameters)."""
    text = f"{lock_hash}\n{file_digest}\n{number}\n{salt}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def waits_for_people(store: Store, run_id: str) -> bool:
    """Whether nothing can happen to an open run until somebody acts: no timer, no retry, no child that still works.

    A child's end and its parent's news are one commit, but the two looks here are not: one may come between them. A row that
    is no longer what it was has not come to rest."""
    row = store.get_run(run_id)
    if row is None or row.status not in {"waiting", "paused"}:
        return False
    open_runs = [row, *store.list_runs(RunFilter(status=("running", "waiting", "paused"), root_run_id=run_id, limit=1000))]
    if store.get_run(run_id) != row:
        return False
    for each in open_runs:
        if each.status == "running":
            return False
        reasons = msgspec.json.decode(each.waiting or "[]")
        if each.status == "waiting" and any(reason["for"] in {"timer", "retry"} for reason in reasons):
            return False
    return True


def _somebody_works(store: Store) -> bool:
    """Whether another process works on this database, as far as can be known."""
    now_us = time.time_ns() // 1000
    return any(lease.expires_us > now_us and not is_gone(lease.process) for lease in store.list_leases())


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def _database_files(database: Path | str | None) -> list[Path]:
    return [] if str(database) == ":memory:" else [Path(f"{database}{tail}") for tail in ("", "-wal", "-shm")]


class _Results:
    """Writes one JSON line a row, when it comes, to a file or nowhere."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    @property
    def wanted(self) -> bool:
        return self._path is not None

    def open(self, *others: Path) -> None:
        """``others`` must not be written over: the rows themselves, the database."""
        if self._path is not None:
            if any(_same_file(self._path, other) for other in others):
                raise CallerError("OUTPUT_FILE", f"{self._path} is the input or the database: it would be lost")
            try:
                self._file = self._path.open("wb", buffering=0)
            except (OSError, ValueError) as error:
                raise CallerError("OUTPUT_FILE", f"{self._path}: {getattr(error, 'strerror', None) or error}") from None

    def write(self, line: Mapping[str, Any]) -> None:
        if self._file is not None:
            self._file.write(_encode(line) + b"\n")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class Batch:
    """One call over one file. ``run()`` once; ``stop()`` from the loop parks everything cleanly; ``tell`` hears of progress."""

    def __init__(
        self,
        wiring: Wiring,
        segment: SegmentDefinition,
        rows: RowFile,
        *,
        children: Mapping[str, SegmentDefinition] | None = None,
        options: BatchOptions | None = None,
        out: Path | None = None,
        tell: Callable[[BatchReport], None] | None = None,
    ) -> None:
        self._wiring = wiring
        self._segment = segment
        self._rows = rows
        self._children = dict(children or {})
        self._options = options or BatchOptions()
        self._results = _Results(out)
        self._tell = tell or (lambda report: None)
        self._key = key_expression(self._options.business_key)
        self._stop = asyncio.Event()
        self._open: dict[str, tuple[int, int]] = {}  # begun or resumed, not settled: run id → row number, line
        self._pending: dict[str, tuple[int, int]] = {}  # settled on timers, or another process's: the same
        self._tasks: set[asyncio.Task[None]] = set()
        self._error: BaseException | None = None
        self._driver: Driver | None = None
        parameters = _encode(self._options.parameters).decode() if self._options.parameters else ""
        self._salt = secrets.token_hex(8) if self._options.fresh else parameters
        self._lock_hash = ""
        self.report = BatchReport(
            segment_id=segment.segment_id, segment_hash=segment.hash, database=str(wiring.database), total=rows.total
        )

    def stop(self) -> None:
        """Starts nothing more; `run` parks what is open and returns."""
        self._stop.set()

    async def run(self) -> BatchReport:
        """Runs the batch to its end. Raises what no row is to blame for: an invalid segment, a missing handler, the store."""
        self._segment.validate(self._wiring.catalog, strict=True, segments=self._lookup)
        began = time.monotonic()
        driver = self._wiring.driver(concurrency=self._options.concurrency)
        await driver.open()
        self._driver = driver
        try:
            self._results.open(*self._rows.files, *_database_files(self._wiring.database))
            self._lock_hash = self._wiring.plans.prepare(self._segment, self._children).lock_hash
            await self._feed(driver)
            if self._options.wait:
                await self._look_after(driver)
        finally:
            self.report.interrupted = self._stop.is_set() and self._error is None
            for task in self._tasks:
                task.cancel()
            await driver.close(grace_s=self._options.grace_s)
            await self._wiring.leave_loop()
            self._park(driver)
            self.report.header = list(self._rows.remarks)
            self.report.taken = bool(self.report.queued) and driver.dead is None and _somebody_works(driver.store)
            self.report.retries = driver.stats.retries
            self.report.steps = driver.stats.steps_completed
            self.report.duration_s = time.monotonic() - began
            self._results.close()
        if driver.dead is not None:
            raise driver.dead
        if self._error is not None:
            raise self._error
        return self.report

    def _park(self, driver: Driver) -> None:
        """After the close: what ended within the grace period is counted as ended, the rest is parked."""
        left = {**self._open, **self._pending}
        if not left or driver.dead is not None:
            return
        for run_id, status in driver.store.existing_runs(left).items():
            if status in ENDED:
                self._ended(driver, *left[run_id], run_id, status)
            else:
                self.report.parked += 1

    def _lookup(self, segment_id: str, version: str | None, digest: str | None) -> SegmentDefinition | None:
        return self._children.get(segment_id)

    # --- rows -------------------------------------------------------------------------------------------------------

    async def _feed(self, driver: Driver) -> None:
        """Reads rows while there is room in the window, and waits for the window to empty."""
        concurrency = self._options.concurrency or self._wiring.project.document.project.concurrency
        window = asyncio.Semaphore(max(WINDOW, 2 * concurrency) if self._options.wait else NO_WAIT_WINDOW)
        for row in self._rows:
            if self._stop.is_set() or self._error is not None:
                break
            self.report.rows += 1
            if isinstance(row, BadRow):
                self._bad(row.number, row.line, CallerError(row.code, row.message).to_dict())
                continue
            await self._room(window)
            if self._stop.is_set():
                self.report.rows -= 1  # read, and nothing was done with it
                break
            task = asyncio.create_task(self._row(driver, row, window))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        while self._tasks and not self._stop.is_set() and self._error is None:
            await self._or_stop(asyncio.wait(set(self._tasks), return_when=asyncio.FIRST_COMPLETED))

    async def _room(self, window: asyncio.Semaphore) -> None:
        if window.locked():
            await self._or_stop(window.acquire())
        else:
            await window.acquire()

    async def _or_stop(self, what: Any) -> None:
        """Waits for `what`, or for `stop`."""
        first, stop = asyncio.ensure_future(what), asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({first, stop}, return_when=asyncio.FIRST_COMPLETED)
        for task in (first, stop):
            if not task.done():
                task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await first

    async def _row(self, driver: Driver, row: Row, window: asyncio.Semaphore) -> None:
        try:
            await self._run_row(driver, row)
        except Exception as error:  # noqa: BLE001  whatever it is ends the batch, and `run` raises it
            self._error = self._error or error
            self._stop.set()
        finally:
            window.release()

    async def _run_row(self, driver: Driver, row: Row) -> None:
        run_id = self._run_id(row)
        status = driver.store.existing_runs([run_id]).get(run_id)
        if status is not None and status in ENDED:
            self._already(driver, row, run_id, status)
            return
        if status is None:
            if not await self._start(driver, row, run_id):
                return
        else:
            self.report.resumed += 1
        self._changed()
        if not self._options.wait:
            self.report.queued += 1
            return
        self._open[run_id] = (row.number, row.line)
        # Asked for before the run settles: afterwards it would have to be folded from the disk again.
        result = asyncio.ensure_future(driver.result(run_id)) if self._results.wanted else None
        try:
            status = await driver.settled(run_id)
            found = await result if result is not None and status in ENDED else None
        finally:
            if result is not None:
                result.cancel()
        del self._open[run_id]
        if status in ENDED:
            self._ended(driver, row.number, row.line, run_id, status, found)
        elif status != "running" and waits_for_people(driver.store, run_id):
            self._waits(row.number, row.line, run_id, status)
        else:
            self._pending[run_id] = (row.number, row.line)

    def _run_id(self, row: Row) -> str:
        if self._rows.many:
            return row_run_id(self._lock_hash, self._rows.digest, row.number, salt=self._salt)
        self.report.run_id = self.report.run_id or self._options.run_id or secrets.token_hex(12)
        return self.report.run_id

    async def _start(self, driver: Driver, row: Row, run_id: str) -> bool:
        """Begins the run of a row; false where the row cannot be its input (then it is counted)."""
        try:
            key = None if self._key is None else business_key_of(self._key, row.value)
            await driver.start(
                self._segment,
                row.value,
                run_id=run_id,
                config=self._options.config,
                parameters=dict(self._options.parameters),
                business_key=key,
                labels=dict(self._options.labels) or None,
                children=self._children,
                principal=self._options.principal,
            )
        except WorktrailError as error:
            if error.code == "RUN_EXISTS":
                self.report.resumed += 1
                return True
            if not self._rows.many or error.code not in BAD_INPUT:
                raise
            self._bad(row.number, row.line, error.to_dict())
            return False
        self.report.started += 1
        return True

    # --- ends -------------------------------------------------------------------------------------------------------

    async def _look_after(self, driver: Driver) -> None:
        """Runs that wait for timers, or that another process works on: looked at until they end or only wait for people."""
        while self._pending and not self._stop.is_set() and self._error is None and driver.dead is None:
            ids = list(self._pending)
            for first in range(0, len(ids), LOOK_AT_ONCE):
                found = driver.store.existing_runs(ids[first : first + LOOK_AT_ONCE])
                for run_id, status in found.items():
                    number, line = self._pending[run_id]
                    if status in ENDED:
                        del self._pending[run_id]
                        self._ended(driver, number, line, run_id, status)
                    elif status != "running" and waits_for_people(driver.store, run_id):
                        del self._pending[run_id]
                        self._waits(number, line, run_id, status)
            if self._pending:
                self._changed()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), LOOK_S)

    def _bad(self, number: int, line: int, error: Mapping[str, Any]) -> None:
        kept = {key: error[key] for key in ("code", "message", "hint", "pointer") if key in error}
        row = {"row": number, "line": line, "status": "skipped", "error": kept}
        self.report.skip(row)
        self._results.write(row)
        self._changed()

    def _already(self, driver: Driver, row: Row, run_id: str, status: str) -> None:
        self.report.already += 1
        self.report.already_failed += status != "completed"
        if self._results.wanted:
            self._results.write(_line(row.number, row.line, driver.peek(run_id)))
        self._changed()

    def _ended(
        self, driver: Driver, number: int, line: int, run_id: str, status: str, result: SegmentResult | None = None
    ) -> None:
        report = self.report
        report.statuses[status] += 1
        sample = status != "completed" and len(report.failures) < SAMPLES
        if result is None and (sample or self._results.wanted):
            result = driver.peek(run_id)
        if status != "completed":
            row = driver.store.get_run(run_id)
            report.errors[(row.error_code if row is not None else None) or status.upper()] += 1
        if result is not None:
            if sample:
                report.failures.append(_line(number, line, result))
            self._results.write(_line(number, line, result))
        self._changed()

    def _waits(self, number: int, line: int, run_id: str, status: str) -> None:
        self.report.statuses[status] += 1
        self._results.write({"row": number, "line": line, "run_id": run_id, "status": status})
        self._changed()

    def _changed(self) -> None:
        if self._driver is not None:
            self.report.retries = self._driver.stats.retries
            self.report.steps = self._driver.stats.steps_completed
        self._tell(self.report)


def _error(error: ErrorInfo) -> dict[str, Any]:
    hint = error.hint or (CODES[error.error_code].action if error.error_code in CODES else "")
    return {"code": error.error_code, "message": error.error_message, "hint": hint}


def _line(number: int, line: int, result: SegmentResult) -> dict[str, Any]:
    return {
        "row": number,
        "line": line,
        "run_id": result.run_id,
        "status": str(result.status),
        "outputs": result.outputs,
        "error": None if result.error is None else _error(result.error),
        "duration_ms": result.duration_ms,
    }


def key_expression(text: str | None) -> Expression | None:
    """AuthorError FEEL_SYNTAX … where the text is no FEEL."""
    return None if text is None else compile_expression(text)


def business_key_of(expression: Expression, value: Any) -> str:
    """The key of a row: FEEL over ``input``, ``row`` and the row's own keys. CallerError BUSINESS_KEY where it is no text."""
    scope = {**(value if isinstance(value, dict) else {}), "row": value, "input": value}
    try:
        key = to_json(expression.evaluate(scope))
    except AuthorError as error:
        raise CallerError("BUSINESS_KEY", f"`{expression.text}`: {error.message}", hint=error.hint) from None
    if isinstance(key, bool) or key is None or isinstance(key, list | dict) or key == "":
        shown = _encode(key).decode()[:60]
        raise CallerError("BUSINESS_KEY", f"`{expression.text}` gave {shown}: a business key is a text or a number")
    return str(key)
