"""Segments as JSON text.

Rule: a text is refused rather than guessed at. Not UTF-8, not JSON, a key twice in one object, NaN or Infinity, too deep or too
large: each has its code and its place. Reading the same text twice can only give the same value.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from worktrail.contract.problems import CanvasError, join_pointer
from worktrail.contract.reading import MAX_DEPTH

__all__ = ["MAX_DOCUMENT_BYTES", "decode_utf8", "parse_json", "render_json"]

MAX_DOCUMENT_BYTES = 4 * 1024 * 1024


def decode_utf8(raw: bytes | str) -> str:
    """The text of a document; a byte order mark at its start is dropped.

    CanvasError DOCUMENT_ENCODING where the bytes are not UTF-8, DOCUMENT_TOO_LARGE over MAX_DOCUMENT_BYTES.
    """
    size = len(raw)
    if size > MAX_DOCUMENT_BYTES:
        message = f"the document has {size:,} bytes; {MAX_DOCUMENT_BYTES:,} are allowed"
        raise CanvasError("DOCUMENT_TOO_LARGE", message, details={"bytes": size, "allowed": MAX_DOCUMENT_BYTES})
    if isinstance(raw, str):
        return raw.removeprefix("\ufeff")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"the document is not UTF-8: byte {error.start} (line {line}) cannot be read"
        raise CanvasError("DOCUMENT_ENCODING", message, details={"byte": error.start, "line": line}) from None


class _NumberError(ValueError):
    """NaN, Infinity or -Infinity stood in the text."""


def _constant(name: str) -> Any:
    raise _NumberError(name)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _NumberError(text)
    return value


def _int(text: str) -> int:
    if len(text) > 64:
        raise _NumberError(text)
    return int(text)


def parse_json(raw: bytes | str) -> Any:
    """The value of a JSON text. CanvasError DOCUMENT_… with ``line`` and ``column``, or a pointer, where it is refused."""
    text = decode_utf8(raw)
    twice: list[tuple[dict[str, Any], str]] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) != len(found):
            seen: set[str] = set()
            for key, _ in found:
                if key in seen:
                    twice.append((made, key))
                seen.add(key)
        return made

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=_constant, parse_float=_float, parse_int=_int)
    except json.JSONDecodeError as error:
        details = {"line": error.lineno, "column": error.colno}
        message = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise CanvasError("DOCUMENT_SYNTAX", message, details=details) from None
    except _NumberError as error:
        raise _at("DOCUMENT_NUMBER", f"the number {_begin(str(error))} cannot be kept", text, _number(text, str(error))) from None
    except RecursionError:
        raise _at("DOCUMENT_TOO_DEEP", f"values are nested more than {MAX_DEPTH} deep", text, _depth(text)) from None
    for where, pointer in _containers(value):
        for owner, key in twice:
            if owner is where:
                raise CanvasError(
                    "DOCUMENT_KEY_TWICE",
                    f"the key {_begin(key)!r} stands twice in one object",
                    pointer=join_pointer(pointer, key[:200]),
                )
    return value


# A string, a sign of structure, or anything else that is written together (a number, a word).
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)


def _number(text: str, wanted: str) -> int:
    """Where a number stands that was refused."""
    return next((token.start() for token in TOKEN.finditer(text) if token[0] == wanted), 0)


def _depth(text: str) -> int:
    """Where the nesting becomes too deep."""
    depth = 0
    for token in TOKEN.finditer(text):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth > MAX_DEPTH:
            return token.start()
    return 0


def _begin(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"


def _at(code: str, message: str, text: str, offset: int) -> CanvasError:
    """The refusal with its line and column."""
    line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
    said = f"line {line}, column {column}: {message}"
    return CanvasError(code, said, details={"line": line, "column": column})


def _containers(value: Any) -> list[tuple[Any, str]]:
    """Every object and list with its pointer; CanvasError DOCUMENT_TOO_DEEP beyond MAX_DEPTH."""
    found: list[tuple[Any, str]] = [(value, "")] if isinstance(value, (dict, list)) else []
    level, end = 0, len(found)
    for at, (each, pointer) in enumerate(found):  # grows while it is walked, level by level
        if at == end:
            level, end = level + 1, len(found)
            if level >= MAX_DEPTH:
                raise CanvasError("DOCUMENT_TOO_DEEP", f"values are nested more than {MAX_DEPTH} deep", pointer=pointer)
        inner = each.items() if isinstance(each, dict) else enumerate(each)
        found += [(part, join_pointer(pointer, key)) for key, part in inner if isinstance(part, (dict, list))]
    return found


def render_json(value: Any, *, indent: int | None = 2) -> str:
    """A JSON text that `parse_json` reads back to the same value; keys keep their order. CanvasError SEGMENT_INVALID for a value
    that has none (what a program put together may hold anything)."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    except (ValueError, TypeError, RecursionError) as error:
        raise CanvasError("SEGMENT_INVALID", f"the value cannot be written as JSON: {error}") from None
