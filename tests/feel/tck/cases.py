"""Reading test cases: inputs and expected values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from tests.feel.tck.model import child, children, local
from worktrail.feel.refusal import Refusal
from worktrail.feel.temporal import parse_date, parse_date_time, parse_duration, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


@dataclass(frozen=True)
class Case:
    """One result node of one test case; ``expected`` None means that null or an error is expected."""

    id: str
    model: Path
    node: str
    kind: str
    inputs: dict[str, Any]
    expected: Any


READERS = {
    "string": str,
    "boolean": lambda text: text.strip() == "true",
    "date": parse_date,
    "time": parse_time,
    "dateTime": parse_date_time,
    "duration": parse_duration,
    "dayTimeDuration": parse_duration,
    "yearMonthDuration": parse_duration,
}


def scalar(element: ET.Element) -> Any:
    if element.get(f"{XSI}nil") == "true":
        return None
    name = element.get(f"{XSI}type", "string").rpartition(":")[2]
    text = element.text or ""
    if name in {"decimal", "double", "integer", "int", "float", "long"}:
        return Decimal(text.strip())
    try:
        return READERS.get(name, str)(text)
    except Refusal:
        return text


def value_of(element: ET.Element) -> Any:
    """The value that stands below an ``inputNode``, ``expected``, ``item`` or ``component``."""
    if element.get(f"{XSI}nil") == "true":
        return None
    components = list(children(element, "component"))
    if components:
        return {part.get("name", ""): value_of(part) for part in components}
    listed = child(element, "list")
    if listed is not None:
        return None if listed.get(f"{XSI}nil") == "true" else [value_of(item) for item in children(listed, "item")]
    found = child(element, "value")
    return None if found is None else scalar(found)


def read_cases(path: Path) -> Iterator[Case]:
    """All result nodes of one file of test cases."""
    root = ET.parse(path).getroot()
    name = child(root, "modelName")
    model = path.with_name((name.text or "").strip()) if name is not None else path
    for case in children(root, "testCase"):
        inputs = {node.get("name", ""): value_of(node) for node in children(case, "inputNode")}
        for result in children(case, "resultNode"):
            wanted = child(result, "expected")
            expected = None if wanted is None or result.get("errorResult") == "true" else value_of(wanted)
            kind = "decisionService" if case.get("type") == "decisionService" else result.get("type", "decision")
            identity = f"{path.stem}/{case.get('id')}/{result.get('name')}"
            yield Case(identity, model, result.get("name", ""), kind, inputs, expected)


def all_cases(folder: Path) -> list[Case]:
    return [
        case
        for path in sorted(folder.rglob("*.xml"))
        if local(ET.parse(path).getroot()) == "testCases"
        for case in read_cases(path)
    ]
