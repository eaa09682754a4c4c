"""The syntax tree.

Rule: chains are flat (``a + b + c`` is one node with three parts, ``a.b[1].c`` one node with three steps, ``else if`` one
list), so the depth of the tree is bounded by the brackets an author wrote and never by the length of the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "Between",
    "Call",
    "Chain",
    "ContextNode",
    "Filter",
    "For",
    "FunctionNode",
    "If",
    "In",
    "InstanceOf",
    "ListNode",
    "Literal",
    "Logic",
    "Member",
    "Name",
    "Negation",
    "Node",
    "Postfix",
    "Quantified",
    "RangeNode",
    "Tests",
    "TypeNode",
    "reads",
]


@dataclass(slots=True)
class Node:
    """``start`` and ``end`` are offsets into the text."""

    start: int
    end: int


@dataclass(slots=True)
class Literal(Node):
    value: Any


@dataclass(slots=True)
class Name(Node):
    name: str


@dataclass(slots=True)
class Logic(Node):
    """``and`` or ``or`` over two or more parts."""

    sign: str
    parts: list[Node]


@dataclass(slots=True)
class Chain(Node):
    """Binary operators of one precedence, applied from the left: ``first``, then (sign, operand) each."""

    first: Node
    rest: list[tuple[str, Node]]


@dataclass(slots=True)
class Negation(Node):
    operand: Node


@dataclass(slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(slots=True)
class In(Node):
    value: Node
    tests: list[Node]


@dataclass(slots=True)
class InstanceOf(Node):
    value: Node
    type: TypeNode


@dataclass(slots=True)
class TypeNode(Node):
    """A type: ``name`` with ``arguments`` (list, range, context entries, function parameters) and ``result``."""

    name: str
    arguments: list[TypeNode]
    keys: list[str]
    result: TypeNode | None


@dataclass(slots=True)
class If(Node):
    """``arms`` are (condition, value) pairs; ``otherwise`` the last else."""

    arms: list[tuple[Node, Node]]
    otherwise: Node


@dataclass(slots=True)
class For(Node):
    """``loops`` are (name, list, end) triples; ``end`` is set for ``1..10``."""

    loops: list[tuple[str, Node, Node | None]]
    body: Node


@dataclass(slots=True)
class Quantified(Node):
    every: bool
    loops: list[tuple[str, Node, Node | None]]
    body: Node


@dataclass(slots=True)
class ListNode(Node):
    items: list[Node]


@dataclass(slots=True)
class ContextNode(Node):
    entries: list[tuple[str, Node]]


@dataclass(slots=True)
class RangeNode(Node):
    low: Node | None
    low_closed: bool
    high: Node | None
    high_closed: bool
    sign: str = ""


@dataclass(slots=True)
class FunctionNode(Node):
    params: list[str]
    types: list[TypeNode | None]
    body: Node


@dataclass(slots=True)
class Member(Node):
    """A postfix step ``.key``."""

    key: str


@dataclass(slots=True)
class Filter(Node):
    """A postfix step ``[index or condition]``."""

    condition: Node


@dataclass(slots=True)
class Call(Node):
    """A postfix step ``(arguments)``; ``keys`` are the names of named arguments."""

    arguments: list[Node]
    keys: list[str] | None


@dataclass(slots=True)
class Postfix(Node):
    """A base and the steps applied to it from left to right."""

    base: Node
    steps: list[Member | Filter | Call]


@dataclass(slots=True)
class Tests(Node):
    """Unary tests; without ``tests`` (a dash) everything matches."""

    tests: list[Node]
    negated: bool


def reads(node: Any, name: str) -> bool:
    """Whether a name stands anywhere below a node."""
    pending: list[Any] = [node]
    while pending:
        found = pending.pop()
        if isinstance(found, Name) and found.name == name:
            return True
        if isinstance(found, Node):
            pending += [getattr(found, field) for field in found.__dataclass_fields__]
        elif isinstance(found, list | tuple):
            pending += found
    return False
