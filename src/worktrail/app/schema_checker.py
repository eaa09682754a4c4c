"""The JSON Schema checker that `app` hands to the pure rooms.

Rule: checking never leaves the process and never takes more than linear time. References to other documents are refused (the
retriever says no), patterns run on an engine without backtracking, and only draft 2020-12 is spoken.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, NoReturn

import jsonschema_rs

from worktrail.contract import SchemaProblem

__all__ = ["JsonSchemaChecker"]

KEPT = 1024  # compiled schemas; a catalogue has some dozens
SHOWN = 20  # problems of one value: enough to see what is wrong, small enough to send


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"references to other documents are not followed: {uri}")


def _pointer(path: list[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


class JsonSchemaChecker:
    """Implements `worktrail.contract.SchemaChecker`. A schema object is a value: it must not change once it was used here."""

    def __init__(self) -> None:
        self._compiled: OrderedDict[int, tuple[Any, jsonschema_rs.Draft202012Validator | SchemaProblem]] = OrderedDict()

    def problems(self, schema: dict[str, Any], value: Any) -> list[SchemaProblem]:
        """What is wrong with `value`, at most SHOWN problems; a schema that cannot be used is itself the only problem."""
        compiled = self._compile(schema)
        if isinstance(compiled, SchemaProblem):
            return [SchemaProblem("", compiled.message)]
        if compiled.is_valid(value):
            return []
        found = []
        for error in compiled.iter_errors(value):
            found.append(SchemaProblem(_pointer(error.instance_path), error.message))
            if len(found) == SHOWN:
                break
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
            made = jsonschema_rs.Draft202012Validator(schema, retriever=_refuse, pattern_options=jsonschema_rs.RegexOptions())
        except jsonschema_rs.ValidationError as error:
            made = SchemaProblem(_pointer(error.instance_path), error.message)
        except (jsonschema_rs.ReferencingError, ValueError) as error:
            made = SchemaProblem("", str(error))
        self._compiled[id(schema)] = (schema, made)
        if len(self._compiled) > KEPT:
            self._compiled.popitem(last=False)
        return made
