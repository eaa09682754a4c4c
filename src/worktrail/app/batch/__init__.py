"""Batches: rows of a file as runs of a segment."""

from __future__ import annotations

from worktrail.app.batch.arguments import json_argument, pairs, parameters_of
from worktrail.app.batch.feeding import HAND_US, Feeding, FeedOptions, check_rows, read_options, spool_of
from worktrail.app.batch.report import BatchReport
from worktrail.app.batch.rows import BATCH_SUFFIXES, BadRow, Row, RowFile, inline_rows, open_rows
from worktrail.app.batch.runner import Batch, BatchOptions, key_expression, row_run_id, waits_for_people

__all__ = [
    "BATCH_SUFFIXES",
    "HAND_US",
    "BadRow",
    "Batch",
    "BatchOptions",
    "BatchReport",
    "FeedOptions",
    "Feeding",
    "Row",
    "RowFile",
    "check_rows",
    "inline_rows",
    "json_argument",
    "key_expression",
    "open_rows",
    "pairs",
    "parameters_of",
    "read_options",
    "row_run_id",
    "spool_of",
    "waits_for_people",
]
