"""Wiring, documents, use cases: the only room where adapters are chosen. Never: SQL, HTTP."""

from __future__ import annotations

from worktrail.app.documents import (
    Format,
    dump_document,
    dump_segment_text,
    format_of,
    load_document,
    load_segment_file,
    load_segment_text,
    read_segment_text,
)
from worktrail.app.schema_checker import JsonSchemaChecker

__all__ = [
    "Format",
    "JsonSchemaChecker",
    "dump_document",
    "dump_segment_text",
    "format_of",
    "load_document",
    "load_segment_file",
    "load_segment_text",
    "read_segment_text",
]
