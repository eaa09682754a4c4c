"""The JSON Schema checker that `app` hands to the pure rooms.

Rule: checking never leaves the process and never takes more than linear time. References to other documents are refused (the
retriever says no), patterns run on an engine without backtracking, and only draft 2020-12 is spoken. The library follows
references wherever they lead, on the stack of the process: so a schema that doubles itself by references, and a value that is
nested too deeply, are refused before it sees them. A message never holds more of a value than somebody reads.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, NoReturn

import jsonschema_rs

from worktrail.contract import SchemaProblem

__all__ = ["JsonSchemaChecker"]

KEPT = 1024  # compiled schemas; a catalogue has some dozens
MAX_DEPTH = 200  # of values, as everywhere
MAX_EXPANDED = 20_000  # parts of a schema once its references are followed
MESSAGE_MAX = 300
SHOWN = 20  # problems of one value: enough to see what is wrong, small enough to send


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"references to other documents are not followed: {uri}")


def _pointer(path: list[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _short(message: str, value: Any = None) -> str:
    """A message of a size; what is long in it is the value, mostly."""
    if len(message) <= MESSAGE_MAX:
        return message
    shown = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    message = message.replace(shown, shown[:40] + "…", 1)
    return message if len(message) <= MESSAGE_MAX else message[: MESSAGE_MAX - 1] + "…"


def _too_deep(value: Any, room: int) -> bool:
    if not isinstance(value, dict | list | tuple):
        return False
    if room == 0:
        return True
    return any(_too_deep(part, room - 1) for part in (value.values() if isinstance(value, dict) else value))


class _Measure:
    """Counts the parts of a schema with its local references followed; one that leads back into itself counts once."""

    def __init__(self, schema: Any) -> None:
        self._root = schema
        self._known: dict[str, int] = {}

    def of(self, node: Any) -> int:
        if isinstance(node, list | tuple):
            return sum(map(self.of, node))
        if not isinstance(node, dict):
            return 0
        target = node.get("$ref")
        size = 1 + (self._reference(target) if isinstance(target, str) else 0)
        return size + sum(self.of(part) for key, part in node.items() if key not in ("$defs", "enum", "const", "default"))

    def _reference(self, text: str) -> int:
        if text not in self._known:
            self._known[text] = 0
            self._known[text] = self.of(self._target(text))
        return self._known[text]

    def _target(self, text: str) -> Any:
        place, name = self._root, text.partition("#")[2]
        if name and not name.startswith("/"):
            return next(_named(self._root, name, MAX_DEPTH), None)
        for part in name.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(place, dict):
                place = place.get(key)
            elif isinstance(place, list) and key.isdecimal() and int(key) < len(place):
                place = place[int(key)]
            else:
                return None
        return place


def _named(node: Any, name: str, room: int) -> Iterator[Any]:
    """The parts of a schema with an anchor of this name."""
    if isinstance(node, dict) and name in (node.get("$anchor"), node.get("$dynamicAnchor")):
        yield node
    if room and isinstance(node, dict | list):
        for part in node.values() if isinstance(node, dict) else node:
            yield from _named(part, name, room - 1)


class JsonSchemaChecker:
    """Implements `worktrail.contract.SchemaChecker`. A schema object is a value: it must not change once it was used here."""

    def __init__(self) -> None:
        self._compiled: OrderedDict[int, tuple[Any, jsonschema_rs.Draft202012Validator | SchemaProblem]] = OrderedDict()

    def problems(self, schema: dict[str, Any], value: Any) -> list[SchemaProblem]:
        """What is wrong with `value`, at most SHOWN problems; a schema that cannot be used is itself the only problem."""
        compiled = self._compile(schema)
        if isinstance(compiled, SchemaProblem):
            return [SchemaProblem("", compiled.message)]
        if _too_deep(value, MAX_DEPTH):
            return [SchemaProblem("", f"the value is nested more than {MAX_DEPTH} deep, or inside itself")]
        try:
            if compiled.is_valid(value):
                return []
            found = []
            for error in compiled.iter_errors(value):
                found.append(SchemaProblem(_pointer(error.instance_path), _short(error.message, error.instance)))
                if len(found) == SHOWN:
                    break
        except (ValueError, TypeError) as error:
            return [SchemaProblem("", _short(f"the value is not JSON: {error}"))]
        return found

    def schema_problems(self, schema: dict[str, Any]) -> list[SchemaProblem]:
        """What is wrong with the schema itself."""
        compiled = self._compile(schema)
        return [compiled] if isinstance(compiled, SchemaProblem) else []

    def _compile(self, schema: Any) -> jsonschema_rs.Draft202012Validator | SchemaProblem:
        kept = self._compiled.get(id(schema))
        if kept is not None and kept[0] is schema:
            self._compiled.move_to_end(id(schema))
            return kept[1]
        made: jsonschema_rs.Draft202012Validator | SchemaProblem
        try:
            if _too_deep(schema, MAX_DEPTH):
                raise ValueError(f"the schema is nested more than {MAX_DEPTH} deep, or inside itself")
            if _Measure(schema).of(schema) > MAX_EXPANDED:
                raise ValueError(f"with its references followed the schema has more than {MAX_EXPANDED:,} parts")
            made = jsonschema_rs.Draft202012Validator(schema, retriever=_refuse, pattern_options=jsonschema_rs.RegexOptions())
        except jsonschema_rs.ValidationError as error:
            made = SchemaProblem(_pointer(error.instance_path), _short(error.message))
        except RecursionError:
            made = SchemaProblem("", "the references of the schema lead on too far")
        except (jsonschema_rs.ReferencingError, ValueError, TypeError) as error:
            made = SchemaProblem("", _short(str(error)))
        self._compiled[id(schema)] = (schema, made)
        if len(self._compiled) > KEPT:
            self._compiled.popitem(last=False)
        return made
