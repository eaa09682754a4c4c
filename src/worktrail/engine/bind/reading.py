"""Values: from references to JSON and back.

Rule: reading is lazy by reference (a path is read only when an expression asks for it) and exact: numbers stay digit by
digit (int or Decimal). Blobs come in through a function, because this room does no I/O. What is written is the JSON of
the value: NaN, infinity, and what JSON cannot hold are refused (``ANSWER_INVALID``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from worktrail.contract import Lock
from worktrail.errors import CallerError, OurError
from worktrail.events import INLINE_MAX_BYTES, Blob, Constant, Inline, ListOf, ObjectOf, Path, Ref

__all__ = ["Values", "decode_exactly", "json_bytes"]

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode
_split = msgspec.json.Decoder(list[msgspec.Raw]).decode
MAX_DEPTH = 200  # as deep as FEEL walks a value
_LEAVES = frozenset((str, int, bool, type(None)))
_LISTS_KEPT = 4  # maps of one run that read their items at the same time


def decode_exactly(raw: bytes | bytearray | memoryview | str) -> Any:
    """JSON with its numbers digit by digit: int or Decimal, never float."""
    return _decode(raw)


def json_bytes(value: Any) -> bytes:
    """The JSON of a value, or ``CallerError ANSWER_INVALID`` naming the place of what JSON cannot hold."""
    if type(value) not in _LEAVES and (found := _unfit(value, "", 0)) is not None:
        place, what = found
        raise CallerError("ANSWER_INVALID", f"the value is not JSON: {what}{_shown(place)}", pointer=place)
    try:
        return _encode(value)
    except (TypeError, ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise CallerError("ANSWER_INVALID", f"the value is not JSON: {_why(error)}") from error


def _unfit(value: Any, place: str, depth: int) -> tuple[str, str] | None:
    """The first part that JSON cannot hold, and what it is. Asked before the encoder, which writes NaN as null or (of a
    Decimal) as it stands, sets in any order, bytes as texts and two keys as one without a word."""
    if isinstance(value, dict):
        if depth >= MAX_DEPTH:
            return place, f"values nested more than {MAX_DEPTH} deep (or inside themselves)"
        for key, child in value.items():
            if type(key) is not str:
                return place, f"a key that is no text ({type(key).__name__})"
            if type(child) not in _LEAVES and (found := _unfit(child, f"{place}/{_escaped(key)}", depth + 1)) is not None:
                return found
    elif isinstance(value, list | tuple):
        if depth >= MAX_DEPTH:
            return place, f"values nested more than {MAX_DEPTH} deep (or inside themselves)"
        for number, child in enumerate(value):
            if type(child) not in _LEAVES and (found := _unfit(child, f"{place}/{number}", depth + 1)) is not None:
                return found
    elif isinstance(value, float):
        return None if math.isfinite(value) else (place, "NaN or infinity")
    elif isinstance(value, Decimal):
        return None if value.is_finite() else (place, "NaN or infinity")
    elif isinstance(value, set | frozenset | bytes | bytearray | memoryview):
        return place, f"a value of type {type(value).__name__}"
    elif not isinstance(value, int | str):
        return _unfit_object(value, place, depth)
    return None


def _unfit_object(value: Any, place: str, depth: int) -> tuple[str, str] | None:
    """The same of what the encoder knows besides (structs, dataclasses, dates …): its parts are looked at, too."""
    try:
        plain = msgspec.to_builtins(value, builtin_types=(Decimal,))
    except (TypeError, ValueError, RecursionError):
        return place, f"a value of type {type(value).__name__}"
    return None if plain is value else _unfit(plain, place, depth)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1") if "/" in key or "~" in key else key


def _shown(place: str) -> str:
    if not place:
        return ""
    return f" at '{place}'" if len(place) <= 100 else f" at '{place[:60]}…{place[-30:]}'"


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "a text holds half a character (a lone surrogate)"
    if isinstance(error, ValueError) and "digits" in str(error):
        return "a number has too many digits: write it as a text"
    return str(error)


class Values:
    """Reads and writes values for one run. ``load`` fetches a blob's bytes; ``keep`` puts large bytes aside and names them."""

    __slots__ = ("_keep", "_lists", "_load", "_lock")

    def __init__(self, lock: Lock, load: Callable[[str], bytes], keep: Callable[[bytes], Ref]) -> None:
        self._lock = lock
        self._load = load
        self._keep = keep
        self._lists: dict[int, tuple[Ref, list[msgspec.Raw] | None]] = {}

    def write(self, value: Any) -> Ref:
        """A reference to a value: inline up to ``INLINE_MAX_BYTES``, else put aside."""
        raw = json_bytes(value)
        return Inline(msgspec.Raw(raw)) if len(raw) <= INLINE_MAX_BYTES else self._keep(raw)

    def write_bytes(self, raw: bytes) -> Ref:
        return Inline(msgspec.Raw(raw)) if len(raw) <= INLINE_MAX_BYTES else self._keep(raw)

    def read(self, ref: Ref) -> Any:
        """The JSON value of a reference (symbols of a run are resolved before)."""
        if type(ref) is Inline:
            return _decode(ref.raw)
        if isinstance(ref, ListOf):
            return [self.read(item) for item in ref.items]
        if isinstance(ref, ObjectOf):
            return {name: self.read(item) for name, item in ref.fields.items()}
        if isinstance(ref, Blob):
            return _decode(self._load(ref.address))
        if isinstance(ref, Path):
            return self._at(ref)
        if isinstance(ref, Constant):
            return self._constant(ref.pointer)
        raise OurError("REFERENCE_UNREADABLE", f"a {type(ref).__name__} reference cannot be read here")

    def _at(self, path: Path) -> Any:
        """A part of a value. An item of a list costs that item: a map would else decode its whole list for each of them. What
        is kept is the list's cut text, never a value, so that nobody can change what another one reads."""
        index = path.pointer[1:]
        if index.isdecimal() and isinstance(path.of, Inline | Blob) and (items := self._items(path.of)) is not None:
            return _decode(items[int(index)])
        return _walk(self.read(path.of), path.pointer)

    def _items(self, ref: Inline | Blob) -> list[msgspec.Raw] | None:
        """The items of a list as pieces of its JSON; null where the value is no list."""
        kept = self._lists.get(id(ref))
        if kept is not None and kept[0] is ref:
            return kept[1]
        raw = ref.raw if isinstance(ref, Inline) else self._load(ref.address)
        items = _split(raw) if bytes(memoryview(raw)[:1]) == b"[" else None
        if len(self._lists) >= _LISTS_KEPT:
            self._lists.clear()
        self._lists[id(ref)] = (ref, items)
        return items

    def read_bytes(self, ref: Ref) -> bytes:
        """The JSON bytes of a reference."""
        if isinstance(ref, Inline):
            return bytes(ref.raw)
        if isinstance(ref, Blob):
            return self._load(ref.address)
        return _encode(self.read(ref))

    def _constant(self, pointer: str) -> Any:
        """A literal of the lock."""
        place: Any = self._lock
        for part in pointer.split("/")[1:]:
            place = place[int(part)] if isinstance(place, tuple | list) else getattr(place, part)
        return place


def _walk(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            value = value[int(name)]
        else:
            value = value[name]
    return value
