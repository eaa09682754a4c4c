"""The canonical form of a segment and its hash.

Rule: two segments that run alike have one form. It is RFC 8785 (JCS) over the keys that take part in the hash; names,
descriptions, labels, ``edge_id``, ``metadata``, ``ui_metadata`` and ``x-…`` take none, also inside bodies. What stands at its
default is left out. The order of steps and edges counts: R1, R3 and R9 depend on it. A hash is written ``sha256:<64 hex>``.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import rfc8785

from worktrail.contract.problems import CanvasError
from worktrail.contract.reading import SCHEMA_VERSION, Reader, plain, read_body

if TYPE_CHECKING:
    from worktrail.contract.segment import SegmentDefinition

__all__ = ["canonical_bytes", "canonical_form", "digest", "segment_hash"]

# object → the keys that take part; a dict names what stands below a key
SEGMENT_KEYS = ("segment_id", "version", "parameters", "input_schema", "output_schema", "outputs", "resources", "policy")
STEP_KEYS = ("step_id", "step_type", "type_version", "policy")
EDGE_KEYS = ("source_step", "source_port", "target_step", "target_port", "condition")
PORT_KEYS = ("port_id", "data_type", "schema", "required", "default", "many")
BODY_KEYS = ("outputs", "policy")


# A segment that was never validated may hold anything, itself included.
_CAUGHT = (rfc8785.CanonicalizationError, ValueError, TypeError, AttributeError, LookupError, RecursionError)


def canonical_form(segment: SegmentDefinition) -> dict[str, Any]:
    """The keys that take part in the hash, as a JSON value."""
    found = plain(segment)
    form = {"worktrail": SCHEMA_VERSION, "version": segment.version, **_only(found, SEGMENT_KEYS)}
    if "parameters" in form:
        form["parameters"] = {name: _only(row, ("schema", "default")) for name, row in form["parameters"].items()}
    return {**form, **_graph(found)}


def canonical_bytes(segment: SegmentDefinition) -> bytes:
    """The canonical form as RFC 8785 bytes. CanvasError SEGMENT_INVALID where a value in it cannot be kept exactly."""
    try:
        return rfc8785.dumps(canonical_form(segment))
    except _CAUGHT as error:
        what = str(error) if len(str(error)) <= 200 else f"{str(error)[:200]}…"
        raise CanvasError("SEGMENT_INVALID", f"segment {segment.segment_id!r:.80} has no canonical form: {what}") from None


def segment_hash(segment: SegmentDefinition) -> str:
    """``sha256:<64 hex>`` of the canonical bytes."""
    return digest(canonical_bytes(segment))


def digest(raw: bytes) -> str:
    """``sha256:<64 hex>``."""
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def _only(found: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: found[key] for key in keys if key in found}


def _graph(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "steps": [_step(step) for step in found.get("steps", [])],
        "edges": [_only(edge, EDGE_KEYS) for edge in found.get("edges", [])],
    }


def _step(found: dict[str, Any]) -> dict[str, Any]:
    form = _only(found, STEP_KEYS)
    config = {key: value for key, value in found.get("config", {}).items() if not key.startswith("x-")}
    if found["step_type"] in ("map", "loop") and isinstance(config.get("body"), dict):
        body = read_body(Reader(), config["body"], "")
        if body is not None:  # else it cannot run, and any form will do
            read = plain(body)
            config["body"] = {**_only(read, BODY_KEYS), **_graph(read)}
    if config:
        form["config"] = config
    for side in ("inputs", "outputs"):
        if side in found:
            form[side] = [_only(port, PORT_KEYS) for port in found[side]]
    return form
