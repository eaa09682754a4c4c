"""Reading and writing a segment's JSON value. Never: text formats (`contract/text.py`), checks across objects."""

from __future__ import annotations

from worktrail.contract.reading.parts import read_body
from worktrail.contract.reading.templates import TemplatePart, template_parts
from worktrail.contract.reading.values import BAD, MAX_DEPTH, Fields, Reader, anything
from worktrail.contract.reading.whole import SCHEMA_VERSION, read_segment_fields
from worktrail.contract.reading.writing import plain

__all__ = [
    "BAD",
    "MAX_DEPTH",
    "SCHEMA_VERSION",
    "Fields",
    "Reader",
    "TemplatePart",
    "anything",
    "plain",
    "read_body",
    "read_segment_fields",
    "template_parts",
]
