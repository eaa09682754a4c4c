"""How a JSON value is read: plain values, lists, and objects by a table.

Rule: nothing is dropped silently. An object has a table, key → (attribute, how its value is read); an older spelling of a key
is one more row. A key without a row is a problem that names the nearest known key, ``x-…`` keys are kept, and saying the same
thing under two spellings is a problem. Reading goes on after a problem, so that one look at a document finds them all.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from worktrail.contract.models import MAX_SAFE_INTEGER, is_id
from worktrail.contract.problems import Problem, join_pointer, problem

__all__ = [
    "BAD",
    "MAX_DEPTH",
    "Fields",
    "Key",
    "Read",
    "Reader",
    "alias",
    "anything",
    "choice",
    "fields",
    "flag",
    "ident",
    "json_schema",
    "list_of",
    "mapping",
    "number",
    "rows",
    "struct",
    "text",
    "wrong",
]

MAX_DEPTH = 128  # of nested values; eight nested bodies take about 40

BAD: Any = object()  # a value that was refused; its problem is already recorded

Fields: TypeAlias = dict[str, Any]


MAX_PROBLEMS = 1_000  # of one document: who has more is told of these first
NEAREST = 100  # problems that look for the nearest known key


class Reader:
    """Collects the problems of one document."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def bad(self, code: str, pointer: str, message: str, *, hint: str = "", **details: Any) -> Any:
        """Records a problem and answers BAD."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem(code, pointer, message, hint=hint, **details))
        return BAD


Read: TypeAlias = Callable[[Reader, Any, str], Any]


class Key(NamedTuple):
    """A row of a table: the attribute a key fills (empty: `read` answers several, as a dict) and how its value is read."""

    attribute: str
    read: Read


# --- plain values ---------------------------------------------------------------------------------------------------


def _kind(value: Any) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object"}
    return "null" if value is None else names.get(type(value), type(value).__name__)


def wrong(reader: Reader, pointer: str, wanted: str, value: Any) -> Any:
    """Refuses a value of the wrong JSON type."""
    return reader.bad("VALUE_TYPE", pointer, f"{_last(pointer)} must be {wanted}, not {_kind(value)}")


def _last(pointer: str) -> str:
    """The end of a pointer, for messages: a key, or a number with the list it counts in."""
    if not pointer:
        return "the document"
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")]
    return f"`{'/'.join(parts[-2:]) if parts[-1].isdigit() else parts[-1]}`"


def _encodes(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def text(reader: Reader, value: Any, pointer: str) -> Any:
    """A text without lone surrogates."""
    if not isinstance(value, str):
        return wrong(reader, pointer, "a text", value)
    return value if _encodes(value) else reader.bad("TEXT_INVALID", pointer, f"{_last(pointer)} holds a lone surrogate")


def flag(reader: Reader, value: Any, pointer: str) -> Any:
    """A boolean."""
    return value if isinstance(value, bool) else wrong(reader, pointer, "true or false", value)


def ident(reader: Reader, value: Any, pointer: str) -> Any:
    """An id."""
    if is_id(value):
        return value
    if not isinstance(value, str):
        return wrong(reader, pointer, "a text", value)
    return reader.bad("ID_INVALID", pointer, f"{value!r} is not an id")


def choice(*allowed: str) -> Read:
    """One of the texts `allowed`."""

    def read(reader: Reader, value: Any, pointer: str) -> Any:
        if value in allowed and isinstance(value, str):
            return value
        near = _nearest(value, allowed) if isinstance(value, str) else ""
        hint = f"Did you mean {near!r}?" if near else ""
        shown = repr(value) if isinstance(value, str) else _kind(value)
        return reader.bad("VALUE_RANGE", pointer, f"{_last(pointer)} must be one of {', '.join(allowed)}, not {shown}", hint=hint)

    return read


def number(*, low: float = 0, open_low: bool = False, whole: bool = False, high: float = MAX_SAFE_INTEGER) -> Read:
    """A finite number from `low` (not itself if `open_low`) to `high`; `whole` asks for an integer."""

    def read(reader: Reader, value: Any, pointer: str) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return wrong(reader, pointer, "a whole number" if whole else "a number", value)
        if whole and isinstance(value, float):
            if not value.is_integer():
                return wrong(reader, pointer, "a whole number", value)
            value = int(value)
        if not (low <= value <= high) or (open_low and value == low):
            least = f"more than {low:g}" if open_low else f"at least {low:g}"
            return reader.bad("VALUE_RANGE", pointer, f"{_last(pointer)} is {value}; it must be {least} and at most {high:g}")
        return value

    return read


def anything(reader: Reader, value: Any, pointer: str) -> Any:
    """Any JSON value that every reader can keep exactly."""
    return value if _walk(reader, value, pointer, MAX_DEPTH - pointer.count("/")) else BAD


def _walk(reader: Reader, value: Any, pointer: str, room: int) -> bool:
    """Checks texts, numbers and depth below `value`; False if something was refused. Recursion ends with `room`."""
    kind = type(value)
    if kind is str:
        return text(reader, value, pointer) is not BAD
    if kind is int:
        if not -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
            return reader.bad("NUMBER_UNSAFE", pointer, f"{_last(pointer)} is beyond 2^53") is not BAD
        return True
    if kind is float:
        return math.isfinite(value) or reader.bad("NUMBER_UNSAFE", pointer, f"{_last(pointer)} is not a finite number") is not BAD
    if value is None or kind is bool:
        return True
    if room <= 0:
        return reader.bad("DEPTH_EXCEEDED", pointer, f"values are nested more than {MAX_DEPTH} deep") is not BAD
    good = True
    if kind is dict:
        for key, inner in value.items():
            if not isinstance(key, str) or not _encodes(key):
                good = reader.bad("TEXT_INVALID", pointer, f"the key {key!r} is not a text") is not BAD
            elif type(inner) is not bool and inner is not None:
                good = _walk(reader, inner, join_pointer(pointer, key), room - 1) and good
        return good
    if kind is list or kind is tuple:
        for at, inner in enumerate(value):
            good = _walk(reader, inner, f"{pointer}/{at}", room - 1) and good
        return good
    return wrong(reader, pointer, "a JSON value", value) is not BAD


def mapping(reader: Reader, value: Any, pointer: str) -> Any:
    """An object with any JSON values."""
    return anything(reader, value, pointer) if isinstance(value, dict) else wrong(reader, pointer, "an object", value)


def json_schema(reader: Reader, value: Any, pointer: str) -> Any:
    """A JSON Schema: an object, or true (everything) or false (nothing)."""
    return value if isinstance(value, bool) else mapping(reader, value, pointer)


def list_of(read: Read) -> Read:
    """A list whose entries are read by `read`; a refused entry is left out."""

    def read_list(reader: Reader, value: Any, pointer: str) -> Any:
        if not isinstance(value, (list, tuple)):
            return wrong(reader, pointer, "a list", value)
        found = [read(reader, entry, f"{pointer}/{at}") for at, entry in enumerate(value)]
        return [entry for entry in found if entry is not BAD]

    return read_list


# --- objects --------------------------------------------------------------------------------------------------------


def _nearest(key: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(key[:64], known, n=1, cutoff=0.6)
    return close[0] if close else ""


def _unknown(reader: Reader, key: Any, pointer: str, table: Mapping[str, Key]) -> None:
    near = _nearest(str(key), list(table)) if len(reader.problems) < NEAREST else ""
    hint = f"Did you mean `{near}`? Own data goes under a key that begins with `x-`." if near else ""
    reader.bad("KEY_UNKNOWN", join_pointer(pointer, str(key)), f"{_last(pointer)} has no key {key!r}", hint=hint, nearest=near)


def fields(
    reader: Reader, value: Any, pointer: str, table: Mapping[str, Key], *, needs: Sequence[str] = (), extend: bool = True
) -> Fields | None:
    """The attributes that an object fills, or None if it cannot be used. `needs` are attributes that must stand.

    An attribute whose value was refused is left out: its problem is recorded, and the rest is still read.
    """
    if not isinstance(value, dict):
        wrong(reader, pointer, "an object", value)
        return None
    found: Fields = {}
    said: dict[str, str] = {}
    extensions: dict[str, Any] = {}
    for key, inner in value.items():
        row = table.get(key)
        if row is None:
            if extend and isinstance(key, str) and key.startswith("x-"):
                if anything(reader, inner, join_pointer(pointer, key)) is not BAD:
                    extensions[key] = inner
            else:
                _unknown(reader, key, pointer, table)
            continue
        if inner is None and row.read is not anything:  # as other writers say "left out"
            continue
        read, attribute = row.read(reader, inner, f"{pointer}/{key}"), row.attribute
        if attribute and attribute not in said:  # nearly always
            said[attribute], found[attribute] = key, read
            continue
        parts = {attribute: read} if attribute else {} if read is BAD else read
        for name, part in parts.items():
            if name in said:
                reader.bad("KEY_TWICE", f"{pointer}/{key}", f"`{key}` says again what `{said[name]}` says")
            else:
                said[name], found[name] = key, part
    if reader.problems:
        found = {name: part for name, part in found.items() if part is not BAD}
    if extensions:
        found["extensions"] = extensions
    lacking = [name for name in needs if name not in found] if needs else None
    for name in lacking or ():
        if name not in said:
            reader.bad("KEY_MISSING", pointer, f"{_last(pointer)} needs `{name}`", key=name)
    return None if lacking else found


def struct(kind: Callable[..., Any], table: Mapping[str, Key], *, needs: Sequence[str] = (), extend: bool = False) -> Read:
    """An object that becomes a `kind`."""

    def read(reader: Reader, value: Any, pointer: str) -> Any:
        found = fields(reader, value, pointer, table, needs=needs, extend=extend)
        return BAD if found is None else kind(**found)

    return read


def rows(**reads: Read) -> dict[str, Key]:
    """A table whose keys are the attributes themselves."""
    return {name: Key(name, read) for name, read in reads.items()}


def alias(table: dict[str, Key], **older: str) -> dict[str, Key]:
    """`table` with more spellings: older key → key."""
    return {**table, **{spelling.rstrip("_"): table[key] for spelling, key in older.items()}}
