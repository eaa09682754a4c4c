"""Feeding: a file of rows that came over the network becomes runs, whatever happens to the process that reads it.

Rule: a row's run id is that of ``worktrail run`` (segment, bytes of the file, row number, parameters), so a file that is read a
second time, because the first process died or because somebody sent it again, starts nothing twice. The file is kept beside
the database until it is read to its end; how far it came stands in the batch's row, what became of its runs in theirs. Rows are
read while few of the batch's runs are at work: memory does not grow with the file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from worktrail.app.batch.rows import BadRow, Row, RowFile, open_rows
from worktrail.app.batch.runner import BAD_INPUT, business_key_of, key_expression, row_run_id
from worktrail.app.wiring import Wiring
from worktrail.contract import SegmentDefinition
from worktrail.errors import CallerError, WorktrailError
from worktrail.runtime import Placed, RunRequest, request_run
from worktrail.store import BatchRow, RunFilter, Store

__all__ = ["BAD_ROWS", "HAND_US", "FeedOptions", "Feeding", "check_rows", "read_options", "spool_of"]

BAD_ROWS: Final = 100
AT_ONCE: Final = 50  # rows between two looks at what is there already
WINDOW: Final = 256  # runs of one batch at work
HAND_US: Final = 15_000_000  # a process that says nothing for so long has a batch no more
PAUSE_S: Final = 0.05
_encode = msgspec.json.Encoder(decimal_format="number").encode


class FeedOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How rows become runs."""

    version: str | None = None
    business_key: str | None = None
    parameters: Mapping[str, Any] = {}
    labels: Mapping[str, str] = {}


read_options: Final = msgspec.json.Decoder(FeedOptions).decode


def spool_of(database: Path | str | None) -> Path:
    """The folder where files wait to be read: beside the database, for a database in memory a temporary one."""
    if database is None or str(database) == ":memory:":
        return Path(tempfile.gettempdir()) / "worktrail.spool"
    return Path(f"{database}.spool")


class _Tally:
    """What became of the rows so far."""

    def __init__(self) -> None:
        self.rows = self.started = self.already = self.skipped = 0
        self.bad: list[dict[str, Any]] = []

    def skip(self, row: Row | BadRow, error: Mapping[str, Any]) -> None:
        self.skipped += 1
        if len(self.bad) < BAD_ROWS:
            told = {name: error[name] for name in ("code", "message", "hint", "pointer") if error.get(name) is not None}
            self.bad.append({"row": row.number, "line": row.line, **told})


class Feeding:
    """One file. ``run()`` blocks until it is read, or ``stopping()`` says so; ``pause(s)`` waits and hears of that."""

    def __init__(
        self,
        wiring: Wiring,
        batch: BatchRow,
        segment: SegmentDefinition,
        children: Mapping[str, SegmentDefinition],
        *,
        clock: Callable[[], int],
        pause: Callable[[float], bool],
        committed: Callable[[], None],
    ) -> None:
        self._wiring = wiring
        self._store: Store = wiring.store
        self._batch = batch
        self._segment = segment
        self._children = children
        self._clock = clock
        self._pause = pause
        self._committed = committed
        self._options = read_options(batch.options)
        self._key = key_expression(self._options.business_key)
        self._salt = _encode(self._options.parameters).decode() if self._options.parameters else ""
        self._tally = _Tally()

    def run(self) -> None:
        """Reads from the first row: those that are there count, the rest begins."""
        path = spool_of(self._wiring.database) / self._batch.file
        try:
            rows = open_rows(path, self._segment.input_schema)
            iterator = iter(rows)
            while chunk := list(islice(iterator, AT_ONCE)):
                self._take(rows, chunk)
                self._save("reading", total=rows.total)
                if not self._room():
                    return  # stopped: the next process reads on
        except WorktrailError as error:
            self._save("failed", error=error)
        else:
            self._save("ended", total=self._tally.rows)
        path.unlink(missing_ok=True)

    def _take(self, rows: RowFile, chunk: list[Row | BadRow]) -> None:
        lock_hash = self._wiring.plans.prepare(self._segment, self._children).lock_hash
        ids = {row.number: row_run_id(lock_hash, rows.digest, row.number, salt=self._salt) for row in chunk}
        there = self._store.existing_runs(ids.values())
        for row in chunk:
            self._tally.rows += 1
            if isinstance(row, BadRow):
                self._tally.skip(row, CallerError(row.code, row.message).to_dict())
            elif ids[row.number] in there:
                self._found(ids[row.number])
            else:
                self._start(row, ids[row.number])
        self._committed()

    def _found(self, run_id: str) -> None:
        """A run that is there: of this batch, begun before the file was read a second time, or of a call before it."""
        row = self._store.get_run(run_id)
        ours = row is not None and (row.labels or {}).get("batch") == self._batch.batch_id
        if ours:
            self._tally.started += 1
        else:
            self._tally.already += 1

    def _start(self, row: Row, run_id: str) -> None:
        batch, options = self._batch, self._options
        try:
            key = None if self._key is None else business_key_of(self._key, row.value)
            request = RunRequest(
                segment=self._segment,
                input_data=row.value,
                run_id=run_id,
                place=Placed(self._segment.segment_id, batch.workspace_id, "default", key),
                parameters=options.parameters,
                labels={**options.labels, "batch": batch.batch_id},
                children=self._children,
                principal=batch.principal,
            )
            most = self._wiring.project.document.project.max_value_bytes
            request_run(
                self._store, self._wiring.plans, self._wiring.checker, request, now_us=self._clock(), max_value_bytes=most
            )
        except WorktrailError as error:
            if error.code == "RUN_EXISTS":
                self._found(run_id)
            elif error.code in BAD_INPUT:
                self._tally.skip(row, error.to_dict())
            else:
                raise
        else:
            self._tally.started += 1

    def _room(self) -> bool:
        """Waits until few runs of the batch are at work; false where the process stops. Without a worker nobody is waited for."""
        where = RunFilter(labels=[("batch", self._batch.batch_id)], status=["running"])
        while self._store.tally_runs(where).total >= WINDOW and self._store.list_leases():
            if self._pause(PAUSE_S):
                return False
            self._save("reading")
        return not self._pause(0.0)

    def _save(self, state: str, *, total: int | None = None, error: WorktrailError | None = None) -> None:
        tally = self._tally
        self._batch = msgspec.structs.replace(
            self._batch,
            state=state,
            total=self._batch.total if total is None else total,
            rows=tally.rows,
            started=tally.started,
            already=tally.already,
            skipped=tally.skipped,
            bad_rows=_encode(tally.bad),
            error=None if error is None else _encode(error.to_dict()),
            fed_until_us=self._clock() + HAND_US,
        )
        self._store.put_batch(self._batch)


def check_rows(wiring: Wiring, segment: SegmentDefinition, rows: RowFile, business_key: str | None) -> dict[str, Any]:
    """What would become of the rows, without starting any: ``{rows, skipped, bad_rows}``. CallerError INPUT_FILE."""
    tally, key = _Tally(), key_expression(business_key)
    schema = segment.input_schema if isinstance(segment.input_schema, dict) else {}
    for row in rows:
        tally.rows += 1
        if isinstance(row, BadRow):
            tally.skip(row, CallerError(row.code, row.message).to_dict())
            continue
        found = wiring.checker.problems(schema, row.value) if schema else []
        if found:
            where = f"{found[0].pointer or '/'}: {found[0].message}"
            tally.skip(row, CallerError("INPUT_INVALID", where, pointer=found[0].pointer).to_dict())
            continue
        try:
            if key is not None:
                business_key_of(key, row.value)
        except WorktrailError as error:
            tally.skip(row, error.to_dict())
    return {"rows": tally.rows, "skipped": tally.skipped, "bad_rows": tally.bad}
