"""Values given as text: ``--param k=v``, ``--label k=v``, JSON in place or from a file."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from worktrail.app.batch.cells import OMIT, CellError, columns_of
from worktrail.app.batch.decoding import JsonError, decode_json
from worktrail.contract import SegmentDefinition
from worktrail.errors import CallerError

__all__ = ["json_argument", "pairs", "parameters_of"]


def pairs(texts: Sequence[str], what: str) -> dict[str, str]:
    """``["k=v", …]`` → {k: v}. CallerError ARGUMENT_INVALID."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise CallerError("ARGUMENT_INVALID", f"{what} {_short(text)!r} is not of the form name=value")
        if name in found:
            raise CallerError("ARGUMENT_INVALID", f"{what} {_short(name)!r} is given twice")
        found[name] = value
    return found


def parameters_of(segment: SegmentDefinition, texts: Sequence[str]) -> dict[str, Any]:
    """Parameters by the schemas that the segment declares; where it says no type, JSON if it is JSON, else text.

    CallerError PARAMETER_UNKNOWN (with the nearest name), PARAMETER_INVALID.
    """
    found: dict[str, Any] = {}
    for name, text in pairs(texts, "parameter").items():
        if name not in segment.parameters:
            near = difflib.get_close_matches(name[:64], segment.parameters, n=1, cutoff=0.5)
            known = ", ".join(segment.parameters) or "none"
            hint = f"Did you mean {near[0]!r}?" if near else f"Declared are: {known}."
            message = f"segment {segment.segment_id!r} has no parameter {_short(name)!r}"
            raise CallerError("PARAMETER_UNKNOWN", message, hint=hint)
        declared = segment.parameters[name]
        schema = declared.get("schema") if isinstance(declared, dict) else None
        column = columns_of([name], {"properties": {name: schema or {}}, "required": [name]})[0]
        if not column.types:
            found[name] = _json_or_text(text)
            continue
        try:
            value = column.read(text)
        except CellError as error:
            message = str(error).partition(": ")[2] or "it is empty"
            raise CallerError("PARAMETER_INVALID", f"parameter {name!r}: {message}", pointer=f"/{name}") from None
        found[name] = None if value is OMIT else value
    return found


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _json_or_text(text: str) -> Any:
    try:
        return decode_json(text)
    except JsonError:
        return text


def json_argument(text: str, what: str) -> Any:
    """JSON given in place, or ``@FILE``. CallerError ARGUMENT_INVALID, DOCUMENT_FILE."""
    raw: str | bytes = text
    if text.startswith("@"):
        path = Path(text[1:])
        try:
            raw = path.read_bytes()
        except (OSError, ValueError) as error:
            raise CallerError("DOCUMENT_FILE", f"{path}: {getattr(error, 'strerror', None) or error}") from None
    try:
        return decode_json(raw)
    except JsonError as error:
        hint = "Write JSON, or @FILE; a text needs quotes."
        raise CallerError("ARGUMENT_INVALID", f"{what} {_short(text)!r} is not JSON: {error}", hint=hint) from None
