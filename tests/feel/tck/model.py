"""Reading a DMN model as far as FEEL alone can run it: literal expressions, decision tables, functions with a literal body.

Whatever else a decision needs is the reason why it is not selected.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASIC = {
    "Any": "Any", "string": "string", "number": "number", "boolean": "boolean", "date": "date", "time": "time",
    "dateTime": "date and time", "date and time": "date and time", "dayTimeDuration": "days and time duration",
    "days and time duration": "days and time duration", "yearMonthDuration": "years and months duration",
    "years and months duration": "years and months duration", "context": "context", "list": "list",
}  # fmt: skip


def local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def children(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (child for child in element if local(child) == name)


def child(element: ET.Element, name: str) -> ET.Element | None:
    return next(children(element, name), None)


def text_of(element: ET.Element | None) -> str:
    if element is None:
        return ""
    inner = child(element, "text")
    return ((inner.text if inner is not None else element.text) or "").strip()


@dataclass
class Node:
    """A decision, an input or a function: its logic element, its type and what it requires (names)."""

    name: str
    kind: str
    logic: ET.Element | None = None
    type_name: str = ""
    requires: list[str] = field(default_factory=list)
    params: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Model:
    """``types`` are written in FEEL; ``members`` are the component names of all types."""

    path: Path
    nodes: dict[str, Node]
    types: dict[str, str]
    allowed: dict[str, str]
    members: set[str]
    imports: bool


def base_type(reference: str, types: dict[str, str]) -> str:
    """A ``typeRef`` in FEEL's words."""
    if reference in types:
        return reference
    return BASIC.get(reference, BASIC.get(reference.rpartition(":")[2] or reference.rpartition(".")[2], reference))


def item_type(item: ET.Element, names: set[str], members: set[str]) -> str:
    """An item definition as a FEEL type."""
    components = list(children(item, "itemComponent"))
    function = child(item, "functionItem")
    if components:
        parts = []
        for part in components:
            members.add(part.get("name", ""))
            parts.append(f"{part.get('name')}: {item_type(part, names, members)}")
        written = f"context<{', '.join(parts)}>"
    elif function is not None:
        params = [reference(part.get("typeRef", "Any"), names) for part in children(function, "parameters")]
        written = f"function<{', '.join(params)}> -> {reference(function.get('outputTypeRef', 'Any'), names)}"
    else:
        written = reference(text_of(child(item, "typeRef")) or "Any", names)
    return f"list<{written}>" if item.get("isCollection") == "true" else written


def reference(name: str, names: set[str]) -> str:
    if name in names:
        return name
    short = name.rpartition(":")[2]
    return BASIC.get(name) or BASIC.get(short) or (short if short in names else "Any")


LOGIC = {
    "literalExpression", "decisionTable", "context", "invocation", "relation", "list", "functionDefinition", "conditional",
    "for", "every", "some", "filter",
}  # fmt: skip


def read_model(path: Path) -> Model:
    root = ET.parse(path).getroot()
    items = list(children(root, "itemDefinition"))
    names = {item.get("name", "") for item in items}
    members: set[str] = set()
    types = {item.get("name", ""): item_type(item, names, members) for item in items}
    allowed = {item.get("name", ""): text_of(found) for item in items if (found := child(item, "allowedValues")) is not None}
    by_id: dict[str, str] = {}
    nodes: dict[str, Node] = {}
    for element in root:
        kind = local(element)
        if kind in {"decision", "inputData", "businessKnowledgeModel", "decisionService"}:
            nodes[element.get("name", "")] = read_node(element, kind)
            by_id[element.get("id", "")] = element.get("name", "")
    for node in nodes.values():
        node.requires = [by_id.get(target, target) for target in node.requires]
    return Model(path, nodes, types, allowed, members, any(local(element) == "import" for element in root))


def read_node(element: ET.Element, kind: str) -> Node:
    node = Node(element.get("name", ""), kind)
    variable = child(element, "variable")
    node.type_name = variable.get("typeRef", "") if variable is not None else ""
    for requirement in (*children(element, "informationRequirement"), *children(element, "knowledgeRequirement")):
        for target in requirement:
            node.requires.append(target.get("href", "").lstrip("#"))
    body: ET.Element | None = element
    if kind == "businessKnowledgeModel":
        body = child(element, "encapsulatedLogic")
        if body is not None:
            node.params = [(part.get("name", ""), part.get("typeRef", "")) for part in children(body, "formalParameter")]
            if body.get("kind", "FEEL") != "FEEL":
                return node
    if body is not None:
        node.logic = next((part for part in body if local(part) in LOGIC), None)
    return node
