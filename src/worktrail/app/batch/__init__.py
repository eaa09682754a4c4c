"""Batches: rows of a file as runs of a segment."""

from __future__ import annotations

from worktrail.app.batch.arguments import json_argument, pairs, parameters_of
from worktrail.app.batch.report import BatchReport
from worktrail.app.batch.rows import BATCH_SUFFIXES, BadRow, Row, RowFile, inline_rows, open_rows
from worktrail.app.batch.runner import Batch, BatchOptions, row_run_id, waits_for_people

__all__ = [
    "BATCH_SUFFIXES",
    "BadRow",
    "Batch",
    "BatchOptions",
    "BatchReport",
    "Row",
    "RowFile",
    "inline_rows",
    "json_argument",
    "open_rows",
    "pairs",
    "parameters_of",
    "row_run_id",
    "waits_for_people",
]
