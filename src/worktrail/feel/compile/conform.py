"""Whether a value is of a type.

Rule: a type is a ``TypeNode``; null is of no type but ``Null``; a context conforms when it has at least the entries asked for;
a function conforms when it takes what is offered (parameters the other way round) and answers what is wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worktrail.feel.budget import over
from worktrail.feel.comparing import MAX_WALK
from worktrail.feel.refusal import Refusal
from worktrail.feel.syntax.nodes import TypeNode
from worktrail.feel.syntax.types import TYPE_NAMES
from worktrail.feel.values import Function, entries, entry, kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worktrail.feel.budget import Run

__all__ = ["conforms", "resolved", "subtype"]

ANY = TypeNode(0, 0, "Any", [], [], None)


def resolved(node: TypeNode, types: Mapping[str, TypeNode], depth: int = 0) -> TypeNode:
    """The type with names of the caller's types replaced by what they stand for."""
    if depth > 32:
        raise Refusal("FEEL_NAME", f"The type `{node.name}` refers to itself.")
    if node.name not in TYPE_NAMES:
        if node.name not in types:
            raise Refusal("FEEL_NAME", f"`{node.name}` is not a known type.", f"FEEL's types: {', '.join(sorted(TYPE_NAMES))}.")
        return resolved(types[node.name], types, depth + 1)
    arguments = [resolved(argument, types, depth + 1) for argument in node.arguments]
    result = None if node.result is None else resolved(node.result, types, depth + 1)
    return TypeNode(node.start, node.end, node.name, arguments, node.keys, result)


def conforms(value: Any, wanted: TypeNode, run: Run, depth: int = 0) -> bool:
    """``value instance of wanted``."""
    run.spend()
    if depth > MAX_WALK:
        raise over("nesting", MAX_WALK, f"The value is nested deeper than {MAX_WALK}.")
    if value is None:
        return wanted.name == "Null"
    if wanted.name == "Any":
        return True
    if kind(value) != wanted.name:
        return False
    if wanted.name == "list" and wanted.arguments:
        inner = wanted.arguments[0]
        return all(inner.name == "Any" or conforms(item, inner, run, depth + 1) for item in value)
    if wanted.name == "context":
        return all(
            key in entries(value) and (entry(value, key) is None or conforms(entry(value, key), inner, run, depth + 1))
            for key, inner in zip(wanted.keys, wanted.arguments, strict=True)
        )
    if wanted.name == "range" and wanted.arguments:
        ends = [end for end in (value.low, value.high) if end is not None]
        return all(conforms(end, wanted.arguments[0], run, depth + 1) for end in ends)
    return wanted.name != "function" or _function_conforms(value, wanted)


def _function_conforms(value: Function, wanted: TypeNode) -> bool:
    if not wanted.arguments and wanted.result is None:
        return True
    if wanted.arguments or wanted.result is not None:
        declared = [found or ANY for found in value.types] or [ANY] * len(value.params)
        if wanted.arguments and len(declared) != len(wanted.arguments):
            return False
        if not all(subtype(offered, taken) for offered, taken in zip(wanted.arguments, declared, strict=False)):
            return False
    if wanted.result is None or wanted.result.name == "Any":
        return True
    return value.result is not None and subtype(value.result, wanted.result)


def subtype(narrow: TypeNode, wide: TypeNode) -> bool:
    """Whether every value of ``narrow`` is one of ``wide``."""
    if wide.name == "Any" or narrow.name == "Null":
        return True
    if narrow.name != wide.name:
        return False
    if wide.name == "context":
        have = dict(zip(narrow.keys, narrow.arguments, strict=True))
        return all(key in have and subtype(have[key], inner) for key, inner in zip(wide.keys, wide.arguments, strict=True))
    if wide.name == "function":
        return (
            len(narrow.arguments) == len(wide.arguments)
            and all(subtype(b, a) for a, b in zip(narrow.arguments, wide.arguments, strict=True))
            and subtype(narrow.result or ANY, wide.result or ANY)
        )
    return not wide.arguments or (bool(narrow.arguments) and subtype(narrow.arguments[0], wide.arguments[0]))
