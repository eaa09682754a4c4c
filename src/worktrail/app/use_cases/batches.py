"""Batches over the network: take a file, say how far it is.

Rule: the file is there, and the batch's row says so, before the caller hears of it; what follows survives the process. The report
is made of the row (how far the file was read) and of the runs that bear the batch's label (what became of them).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

from worktrail.app.batch import check_rows, key_expression, open_rows, read_options
from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.runs.rows import iso
from worktrail.app.use_cases.runs.starting import segment_to_start
from worktrail.app.wiring import Wiring
from worktrail.errors import CallerError
from worktrail.store import BatchRow, RunFilter

__all__ = ["BATCH_FORMATS", "batch_file_suffix", "begin_batch", "list_batches", "show_batch", "try_batch"]

BATCH_FORMATS: Final = {"csv": ".csv", "tsv": ".tsv", "json": ".json", "jsonl": ".jsonl", "ndjson": ".jsonl"}
_MEDIA: Final = {
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/json": "json",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
}
LISTED: Final = 100


def batch_file_suffix(named: str | None, file_name: str | None, media_type: str) -> str:
    """The ending under which a file is kept, by what was said of it: the format, else its name, else its media type, else CSV.

    CallerError ARGUMENT_INVALID for a format that is not known.
    """
    if named is None and file_name is not None:
        named = Path(file_name).suffix.lower().removeprefix(".") or None
    if named is None:
        named = _MEDIA.get(media_type.partition(";")[0].strip().lower(), "csv")
    suffix = BATCH_FORMATS.get(named.lower())
    if suffix is None:
        known = ", ".join(BATCH_FORMATS)
        raise CallerError("ARGUMENT_INVALID", f"{named[:60]!r} is no format of rows; known are {known}", pointer="/format")
    return suffix


@allowed
def begin_batch(caller: Caller, wiring: Wiring, batch: BatchRow) -> dict[str, Any]:
    """The file of `batch` is in the spool: from now on it is read. Its report.

    CallerError SEGMENT_NOT_FOUND, NOT_FOUND (the workspace); SegmentValidationError; AuthorError FEEL_… (the business key).
    """
    if not caller.principal.sees(batch.workspace_id):
        raise CallerError("NOT_FOUND", f"there is no workspace {batch.workspace_id[:60]!r}", pointer="/workspace_id")
    options = read_options(batch.options)
    segment, children = segment_to_start(caller, wiring, batch.segment_id, options.version)
    wiring.plans.prepare(segment, children)
    key_expression(options.business_key)
    caller.store.put_batch(batch)
    return _report(caller, batch)


@allowed
def try_batch(caller: Caller, wiring: Wiring, batch: BatchRow, path: Path) -> dict[str, Any]:
    """What would become of the file's rows; nothing is started or kept. As `begin_batch`, and CallerError INPUT_FILE."""
    options = read_options(batch.options)
    segment, _ = segment_to_start(caller, wiring, batch.segment_id, options.version)
    found = check_rows(wiring, segment, open_rows(path, segment.input_schema), options.business_key)
    return {**_shape(batch), "state": "ended", **found}


@allowed
def show_batch(caller: Caller, batch_id: str) -> dict[str, Any]:
    """The report. CallerError NOT_FOUND."""
    row = caller.store.get_batch(batch_id)
    if row is None or not caller.principal.sees(row.workspace_id):
        raise CallerError("NOT_FOUND", f"there is no batch {batch_id[:60]!r}")
    return _report(caller, row)


@allowed
def list_batches(caller: Caller) -> dict[str, Any]:
    """The newest reports, newest first: ``{"batches": […]}``."""
    rows = [row for row in caller.store.list_batches(LISTED) if caller.principal.sees(row.workspace_id)]
    return {"batches": [_report(caller, row) for row in rows]}


def _report(caller: Caller, row: BatchRow) -> dict[str, Any]:
    tally = caller.store.tally_runs(RunFilter(labels=[("batch", row.batch_id)]))
    working = any(tally.by_status.get(status) for status in ("running", "waiting", "paused"))
    state = "running" if row.state == "ended" and working else row.state
    return {**_shape(row), "state": state, "by_status": tally.by_status}


def _shape(row: BatchRow) -> dict[str, Any]:
    return {
        "batch_id": row.batch_id,
        "segment_id": row.segment_id,
        "file_name": row.file_name,
        "state": row.state,
        "rows": None if row.state == "reading" else row.rows,
        "started": row.started,
        "already": row.already,
        "skipped": row.skipped,
        "by_status": {},
        "bad_rows": msgspec.json.decode(row.bad_rows),
        "created_at": iso(row.created_us),
        "error": None if row.error is None else msgspec.json.decode(row.error),
    }
