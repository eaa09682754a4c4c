"""JSON from outside that is no definition: rows, arguments, cells.

Rule: read as strictly as a definition is (a key twice, NaN, half a character, endless nesting are refused, with the line and
column where there is one), but numbers keep every digit: an int or the Decimal of what stands there.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec

__all__ = ["JsonError", "decode_json"]

MAX_DEPTH = 200
MAX_DIGITS = 4_000
_encode = msgspec.json.Encoder(decimal_format="number").encode


class JsonError(ValueError):
    """A text that is not JSON, or JSON that cannot be kept."""


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"


def _pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(found)
    if len(made) != len(found):
        seen: set[str] = set()
        for key, _ in found:
            if key in seen:
                raise JsonError(f"the key {_short(key)!r} stands twice in one object")
            seen.add(key)
    return made


def _constant(name: str) -> Any:
    raise JsonError(f"{name} is no number of JSON")


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise JsonError(f"a number has more than {MAX_DIGITS:,} digits: write it as a text")
    return int(text)


def _decimal(text: str) -> Decimal:
    try:
        if len(text) <= MAX_DIGITS:
            return Decimal(text)
    except ArithmeticError:
        pass
    raise JsonError(f"the number {_short(text)} cannot be kept: write it as a text")


_read = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=_decimal, parse_int=_integer, parse_constant=_constant).decode


def decode_json(raw: bytes | str) -> Any:
    """The value of a JSON text. JsonError says what is wrong, and where."""
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw
    except UnicodeDecodeError as error:
        raise JsonError(f"byte {error.start} is not UTF-8") from None
    try:
        value = _read(text)
        if "\\u" in text:
            _encode(value)
    except json.JSONDecodeError as error:
        raise JsonError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except UnicodeEncodeError:
        raise JsonError("a text holds half a character (a lone surrogate)") from None
    except RecursionError:
        raise JsonError(f"values are nested more than {MAX_DEPTH} deep") from None
    if text.count("[") + text.count("{") > MAX_DEPTH and _too_deep(value, MAX_DEPTH):
        raise JsonError(f"values are nested more than {MAX_DEPTH} deep")
    return value


def _too_deep(value: Any, room: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    if room == 0:
        return True
    return any(_too_deep(part, room - 1) for part in (value.values() if isinstance(value, dict) else value))
