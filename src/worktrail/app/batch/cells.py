"""Cells: what the text in a column means, said by the segment's ``input_schema``.

Rule: nothing is guessed. Without a schema a cell is a text. With one its types decide, in the order boolean, integer, number,
object, array, text; numbers are exact (an int or a Decimal of the digits that stand there). An empty cell is null where null
is allowed, left out where the property is optional, an empty text where a text is allowed, and else an error.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from worktrail.app.batch.decoding import JsonError, decode_json

__all__ = ["CellError", "Column", "columns_of", "header_remarks"]

INTEGER = re.compile(r"[+-]?[0-9]+")
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
MAX_DIGITS = 400
TRUE = frozenset({"true", "yes", "1"})
FALSE = frozenset({"false", "no", "0"})
TYPES = ("boolean", "integer", "number", "object", "array", "string", "null")
OMIT: Any = object()


class CellError(ValueError):
    """A cell that does not say what its column's schema asks for."""


class Column(NamedTuple):
    """A column of a table: where its value goes, and what it may be. ``types`` empty: any text."""

    name: str
    path: tuple[str, ...]
    types: frozenset[str]
    constants: tuple[Any, ...]
    required: bool

    def read(self, text: str) -> Any:
        """The value of a cell, or OMIT where the property is left out; CellError."""
        if not self.types:
            return text
        if text == "" and "" not in self.constants:
            return self._empty()
        for constant in self.constants:
            if isinstance(constant, str) and constant == text:
                return text
        for kind in TYPES:
            if kind in self.types:
                value = _READ[kind](text, self.types)
                if value is not OMIT and (not self.constants or any(_same(value, each) for each in self.constants)):
                    return value
        allowed = (
            f"one of {_shown(self.constants)}" if self.constants else ", ".join(kind for kind in TYPES if kind in self.types)
        )
        word = "not" if self.constants else "no"
        raise CellError(f"column {self.name!r}: {text[:60]!r} is {word} {allowed}")

    def _empty(self) -> Any:
        if "null" in self.types:
            return None
        if not self.required:
            return OMIT
        if "string" in self.types:
            return ""
        raise CellError(f"column {self.name!r} is empty")


def _shown(constants: Sequence[Any]) -> str:
    return ", ".join(str(each) for each in constants[:10])


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _boolean(text: str, types: frozenset[str]) -> Any:
    word = text.strip().lower()
    if word in {"1", "0"} and types & {"integer", "number"}:
        return OMIT
    return True if word in TRUE else False if word in FALSE else OMIT


def _integer(text: str, types: frozenset[str]) -> Any:
    word = text.strip()
    return int(word) if INTEGER.fullmatch(word) and len(word) <= MAX_DIGITS else OMIT


def _number(text: str, types: frozenset[str]) -> Any:
    word = text.strip()
    if len(word) > MAX_DIGITS or not NUMBER.fullmatch(word):
        return OMIT
    return int(word) if INTEGER.fullmatch(word) else Decimal(word)


def _structure(kind: type) -> Callable[[str, frozenset[str]], Any]:
    def read(text: str, types: frozenset[str]) -> Any:
        try:
            value = decode_json(text)
        except JsonError:
            return OMIT
        return value if isinstance(value, kind) else OMIT

    return read


_READ: dict[str, Callable[[str, frozenset[str]], Any]] = {
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "object": _structure(dict),
    "array": _structure(list),
    "string": lambda text, types: text,
    "null": lambda text, types: None if text.strip().lower() == "null" else OMIT,
}


def columns_of(header: Sequence[str], schema: Any) -> list[Column]:
    """The columns of a header row. A dotted name goes into nested objects where the schema has them."""
    return [_column(name, schema) for name in header]


def header_remarks(header: Sequence[str], schema: Any) -> list[str]:
    """What makes every row of a table bad: required columns that are not there, columns that the schema refuses, each with the
    nearest name. One sentence each."""
    known, required, closed = _names(schema, schema, 0)
    unknown = [name for name in header if known and name not in known and _nested(name) not in known]
    there = {*header, *map(_nested, header)}
    said, meant = [], set()
    for name in required:
        if name not in there:
            near = difflib.get_close_matches(name, unknown, n=1, cutoff=0.6)
            meant.update(near)
            said.append(f"the required column {name!r} is not there" + (f"; {near[0]!r} may be meant" if near else ""))
    for name in unknown if closed else ():
        if name not in meant:
            near = difflib.get_close_matches(name, sorted(known - there), n=1, cutoff=0.6)
            said.append(f"the column {name[:60]!r} is not known" + (f"; did you mean {near[0]!r}?" if near else ""))
    return said


def _nested(name: str) -> str:
    return name.partition(".")[0]


def _names(root: Any, schema: Any, depth: int) -> tuple[set[str], list[str], bool]:
    """(properties, required ones, whether no others are allowed) of an object's schema, as far as it says so plainly."""
    schema = _resolved(root, schema)
    if not isinstance(schema, Mapping) or depth > 8:
        return set(), [], False
    own = schema.get("properties")
    known = set(own) if isinstance(own, Mapping) else set()
    required = [name for name in schema.get("required") or () if isinstance(name, str)]
    closed = schema.get("additionalProperties") is False and not schema.get("patternProperties")
    for part in schema.get("allOf") or ():
        more, needed, _ = _names(root, part, depth + 1)
        known |= more
        required += [name for name in needed if name not in required]
    return known, required, closed


def _column(name: str, schema: Any) -> Column:
    path: tuple[str, ...] = (name,)
    found, required = _property(schema, schema, name)
    if found is None and "." in name:
        inner, nested, needed = schema, [], True
        for part in name.split("."):
            inner, own = _property(schema, inner, part)
            needed = needed and own
            if inner is None:
                break
            nested.append(part)
        else:
            path, found, required = tuple(nested), inner, needed
    types, constants = _allowed(schema, found, 0)
    return Column(name, path, types, constants, required)


def _resolved(root: Any, schema: Any) -> Any:
    """A schema with local references followed."""
    for _ in range(16):
        if not isinstance(schema, Mapping) or "$ref" not in schema:
            return schema
        place: Any = root
        for part in str(schema["$ref"]).lstrip("#").split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            place = place.get(key) if isinstance(place, Mapping) else None
        schema = place
    return None


def _property(root: Any, schema: Any, name: str) -> tuple[Any, bool]:
    """The schema of a property and whether it is required; (None, False) where the schema does not name it."""
    schema = _resolved(root, schema)
    if not isinstance(schema, Mapping):
        return None, False
    own = schema.get("properties")
    if isinstance(own, Mapping) and name in own:
        return own[name], name in (schema.get("required") or ())
    for part in schema.get("allOf") or ():
        found, required = _property(root, part, name)
        if found is not None:
            return found, required
    return None, False


def _allowed(root: Any, schema: Any, depth: int) -> tuple[frozenset[str], tuple[Any, ...]]:
    """The JSON types and the constants that a schema allows, as far as it says so plainly."""
    schema = _resolved(root, schema)
    if not isinstance(schema, Mapping) or depth > 8:
        return frozenset(), ()
    said = schema.get("type")
    types = frozenset([said] if isinstance(said, str) else said or ())
    constants = tuple(schema.get("enum") or (([schema["const"]]) if "const" in schema else ()))
    if not types and not constants:
        for word in ("anyOf", "oneOf", "allOf"):
            for part in schema.get(word) or ():
                more, values = _allowed(root, part, depth + 1)
                types, constants = types | more, (*constants, *values)
    return types or frozenset(map(_type_of, constants)), constants


def _type_of(constant: Any) -> str:
    if constant is None or isinstance(constant, bool):
        return "null" if constant is None else "boolean"
    for kind, name in ((int, "integer"), (str, "string"), (list, "array"), (dict, "object")):
        if isinstance(constant, kind):
            return name
    return "number"
