"""The contract: what a segment is, what its step types are, what can be wrong with it, and what is pinned before it runs.

Never: execution.
"""

from __future__ import annotations

from worktrail.contract.canonical import canonical_bytes, canonical_form, segment_hash
from worktrail.contract.catalog import BUILTIN_TYPES, KINDS, PortSpec, StepCatalog, StepCategory, StepTypeMetadata
from worktrail.contract.diff import Change, diff
from worktrail.contract.lock import (
    LOCK_VERSION,
    EdgeLock,
    GraphLock,
    JoinLock,
    Lock,
    PolicyLock,
    PortLock,
    ScopePolicy,
    StepLock,
)
from worktrail.contract.make_lock import lock_bytes, lock_hash, make_lock, read_lock
from worktrail.contract.models import (
    ID_PATTERN,
    EdgeDefinition,
    PortDefinition,
    Resources,
    RetryPolicy,
    SegmentParams,
    SegmentPolicy,
    StepDefinition,
    StepPolicy,
    StepPosition,
    StepUIMetadata,
    is_id,
)
from worktrail.contract.problems import (
    PROBLEMS,
    CanvasError,
    InvalidConditionError,
    Problem,
    ProblemInfo,
    SchemaChecker,
    SchemaProblem,
    SegmentValidationError,
    StepTypeNotFoundError,
    errors_of,
)
from worktrail.contract.reading import TemplatePart, template_parts
from worktrail.contract.schema import SCHEMA_ID, segment_json_schema
from worktrail.contract.segment import SegmentDefinition, read_segment
from worktrail.contract.text import MAX_DOCUMENT_BYTES, decode_utf8, parse_json, render_json
from worktrail.contract.validation import MAX_EDGES, MAX_FAN_OUT, MAX_NESTING, MAX_STEPS, Fit, SegmentLookup, port_fit

__all__ = [
    "BUILTIN_TYPES",
    "ID_PATTERN",
    "KINDS",
    "LOCK_VERSION",
    "MAX_DOCUMENT_BYTES",
    "MAX_EDGES",
    "MAX_FAN_OUT",
    "MAX_NESTING",
    "MAX_STEPS",
    "PROBLEMS",
    "SCHEMA_ID",
    "CanvasError",
    "Change",
    "EdgeDefinition",
    "EdgeLock",
    "Fit",
    "GraphLock",
    "InvalidConditionError",
    "JoinLock",
    "Lock",
    "PolicyLock",
    "PortDefinition",
    "PortLock",
    "PortSpec",
    "Problem",
    "ProblemInfo",
    "Resources",
    "RetryPolicy",
    "SchemaChecker",
    "SchemaProblem",
    "ScopePolicy",
    "SegmentDefinition",
    "SegmentLookup",
    "SegmentParams",
    "SegmentPolicy",
    "SegmentValidationError",
    "StepCatalog",
    "StepCategory",
    "StepDefinition",
    "StepLock",
    "StepPolicy",
    "StepPosition",
    "StepTypeMetadata",
    "StepTypeNotFoundError",
    "StepUIMetadata",
    "TemplatePart",
    "canonical_bytes",
    "canonical_form",
    "decode_utf8",
    "diff",
    "errors_of",
    "is_id",
    "lock_bytes",
    "lock_hash",
    "make_lock",
    "parse_json",
    "port_fit",
    "read_lock",
    "read_segment",
    "render_json",
    "segment_hash",
    "segment_json_schema",
    "template_parts",
]
