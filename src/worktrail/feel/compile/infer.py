"""Static types: what a node certainly yields if it yields a value. Unknown is None, never a guess."""

from __future__ import annotations

from typing import Any

from worktrail.feel.builtins import BUILTINS
from worktrail.feel.syntax import nodes
from worktrail.feel.syntax.nodes import TypeNode
from worktrail.feel.syntax.types import TYPE_NAMES
from worktrail.feel.values import kind

__all__ = ["static_type"]

_COMPARISONS = {"=", "!=", "<", "<=", ">", ">="}


def _type(name: str) -> TypeNode:
    return TypeNode(0, 0, name, [], [], None)


def static_type(node: nodes.Node) -> TypeNode | None:
    """The type of a node, or None."""
    if isinstance(node, nodes.Literal):
        return _type("Null" if node.value is None else kind(node.value))
    if isinstance(node, nodes.Logic | nodes.Between | nodes.In | nodes.InstanceOf | nodes.Quantified | nodes.Tests):
        return _type("boolean")
    if isinstance(node, nodes.Chain):
        return _chain(node)
    if isinstance(node, nodes.ContextNode):
        inner = [static_type(value) or _type("Any") for _, value in node.entries]
        return TypeNode(0, 0, "context", inner, [key for key, _ in node.entries], None)
    if isinstance(node, nodes.Postfix):
        return _call(node)
    if isinstance(node, nodes.If):
        return _common([value for _, value in node.arms] + [node.otherwise])
    if isinstance(node, nodes.Negation):
        return static_type(node.operand)
    name = _PLAIN.get(type(node))
    return _type(name) if name else None


_PLAIN: dict[type[Any], str] = {
    nodes.ListNode: "list",
    nodes.For: "list",
    nodes.RangeNode: "range",
    nodes.FunctionNode: "function",
}


def _common(parts: list[nodes.Node]) -> TypeNode | None:
    found = [static_type(part) for part in parts]
    first = found[0]
    return first if first is not None and all(part is not None and part.name == first.name for part in found) else None


def _chain(node: nodes.Chain) -> TypeNode | None:
    if node.rest[-1][0] in _COMPARISONS:
        return _type("boolean")
    if node.rest[0][0] == "**":
        return _type("number")
    return _common([node.first, *(part for _, part in node.rest)]) if _scalar(node.first) else None


def _scalar(node: nodes.Node) -> bool:
    found = static_type(node)
    return found is not None and found.name in {"number", "string"}


def _call(node: nodes.Postfix) -> TypeNode | None:
    if len(node.steps) == 1 and isinstance(node.steps[0], nodes.Call) and isinstance(node.base, nodes.Name):
        function = BUILTINS.get(node.base.name)
        if function is not None:
            result = function.forms[0].result
            return _type(result) if result in TYPE_NAMES else None
    return None
