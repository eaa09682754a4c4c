"""Running the decisions that need FEEL alone, in dmn mode, and comparing what they answer."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tests.feel.tck.model import BASIC, Model, Node, base_type, child, children, local, text_of
from worktrail.errors import AuthorError
from worktrail.feel import Function, compile_expression, compile_unary_tests
from worktrail.feel.budget import DEFAULT_BUDGET, Run
from worktrail.feel.compile.conform import conforms, resolved
from worktrail.feel.expression import _types
from worktrail.feel.ops import midnight
from worktrail.feel.values import kind

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def why_not(model: Model, name: str, seen: frozenset[str] = frozenset()) -> str:
    """Why a decision is not selected, or nothing."""
    node = model.nodes.get(name)
    if node is None:
        return "no such decision"
    if model.imports:
        return "the model imports another"
    if node.kind == "inputData":
        return ""
    if node.kind == "decisionService":
        return "decision service"
    if node.logic is None or local(node.logic) not in {"literalExpression", "decisionTable"}:
        return "boxed expression or external function"
    if node.name in seen:
        return ""
    reasons = (why_not(model, other, seen | {name}) for other in node.requires)
    return next((reason for reason in reasons if reason), "")


class Decider:
    """The decisions of one model for one set of inputs."""

    def __init__(self, model: Model, inputs: dict[str, Any]) -> None:
        self.model = model
        self.inputs = inputs
        self.known: dict[str, Any] = {}

    @cached_property
    def types(self) -> dict[str, Any]:
        return _types(self.model.types, DEFAULT_BUDGET)

    def value(self, name: str) -> Any:
        if name not in self.known:
            node = self.model.nodes[name]
            self.known[name] = self.coerced(self.answer(node), node.type_name)
        return self.known[name]

    def scope(self, node: Node) -> dict[str, Any]:
        return {name: self.value(name) for name in node.requires if name in self.model.nodes}

    def answer(self, node: Node) -> Any:
        if node.kind == "inputData":
            return self.inputs.get(node.name)
        scope = self.scope(node)
        if node.kind == "businessKnowledgeModel":
            return self.function(node, scope)
        return self.run(node.logic, scope)

    def function(self, node: Node, scope: dict[str, Any]) -> Function:
        def invoke(_run: Run, values: list[Any]) -> Any:
            given = {name: self.coerced(value, wanted) for (name, wanted), value in zip(node.params, values, strict=True)}
            return self.coerced(self.run(node.logic, scope | given), node.type_name)

        return Function(node.name, tuple(name for name, _ in node.params), invoke)

    def run(self, logic: ET.Element | None, scope: dict[str, Any]) -> Any:
        assert logic is not None
        if local(logic) == "decisionTable":
            return Table(self, logic, scope).decide()
        return self.feel(text_of(logic), scope)

    def feel(self, text: str, scope: dict[str, Any]) -> Any:
        expression = compile_expression(text, names=scope, members=self.model.members, types=self.model.types, strict=False)
        return expression.evaluate(scope, now=NOW)

    def coerced(self, value: Any, reference: str) -> Any:
        """DMN's implicit conversions to a declared type; what does not fit is null."""
        name = base_type(reference, self.model.types) if reference else "Any"
        if value is None or name == "Any" or (name not in self.model.types and name not in BASIC.values()):
            return value
        if isinstance(value, Function):
            return value
        wanted = resolved(_types({**self.model.types, "T": name}, DEFAULT_BUDGET)["T"], self.types)
        run = Run({}, None, DEFAULT_BUDGET)
        for candidate in (value, *value[:1]) if isinstance(value, list) and len(value) == 1 else (value, [value]):
            if conforms(candidate, wanted, run):
                return candidate if self.is_allowed(candidate, name) else None
        return midnight(value) if kind(value) == "date" and wanted.name == "date and time" else None

    def is_allowed(self, value: Any, name: str) -> bool:
        tests = self.model.allowed.get(name)
        if not tests:
            return True
        values = value if isinstance(value, list) else [value]
        allowed = compile_unary_tests(tests, strict=False)
        return all(allowed.test(item, {}) is True for item in values)


class Table:
    """A decision table."""

    def __init__(self, decider: Decider, logic: ET.Element, scope: dict[str, Any]) -> None:
        self.decider = decider
        self.scope = scope
        self.inputs = [text_of(child(part, "inputExpression")) for part in children(logic, "input")]
        self.outputs = list(children(logic, "output"))
        self.rules = list(children(logic, "rule"))
        self.policy = logic.get("hitPolicy", "UNIQUE")
        self.aggregation = logic.get("aggregation", "")

    def unary(self, text: str, value: Any) -> bool:
        members = self.decider.model.members
        tests = compile_unary_tests(text, names=self.scope, members=members, types=self.decider.model.types, strict=False)
        return tests.test(value, self.scope) is True

    def hits(self) -> list[Any]:
        values = [self.decider.feel(text, self.scope) for text in self.inputs]
        found = []
        for rule in self.rules:
            tests = [text_of(entry) for entry in children(rule, "inputEntry")]
            if all(test in {"", "-"} or self.unary(test, value) for test, value in zip(tests, values, strict=True)):
                found.append(self.output(rule))
        return found

    def output(self, rule: ET.Element) -> Any:
        values = [self.decider.feel(text_of(entry), self.scope) for entry in children(rule, "outputEntry")]
        if len(values) == 1:
            return values[0]
        return {part.get("name", ""): value for part, value in zip(self.outputs, values, strict=True)}

    def rank(self, answer: Any) -> tuple[int, ...]:
        places = []
        for part in self.outputs:
            value = answer[part.get("name", "")] if isinstance(answer, dict) else answer
            order = self.decider.feel(f"[{text_of(child(part, 'outputValues'))}]", {})
            places.append(order.index(value) if value in order else len(order))
        return tuple(places)

    def decide(self) -> Any:
        hits = self.hits()
        if not hits and (self.policy != "COLLECT" or self.has_defaults):
            return self.default()
        if self.policy in {"UNIQUE", "FIRST", "ANY"}:
            agreed = self.policy == "FIRST" or all(hit == hits[0] for hit in hits)
            return hits[0] if agreed and (len(hits) == 1 or self.policy != "UNIQUE") else None
        if self.policy == "PRIORITY":
            return min(hits, key=self.rank)
        if self.policy == "OUTPUT ORDER":
            return sorted(hits, key=self.rank)
        return self.collected(hits)

    def collected(self, hits: list[Any]) -> Any:
        if not self.aggregation:
            return hits
        name = {"SUM": "sum", "MIN": "min", "MAX": "max", "COUNT": "count"}[self.aggregation]
        return self.decider.feel(f"{name}(hits)", {"hits": hits})

    @property
    def has_defaults(self) -> bool:
        return all(text_of(child(part, "defaultOutputEntry")) for part in self.outputs)

    def default(self) -> Any:
        defaults = [text_of(child(part, "defaultOutputEntry")) for part in self.outputs]
        if not all(defaults):
            return None
        values = [self.decider.feel(text, self.scope) for text in defaults]
        return (
            values[0]
            if len(values) == 1
            else {part.get("name", ""): value for part, value in zip(self.outputs, values, strict=True)}
        )


def decide(model: Model, name: str, inputs: dict[str, Any]) -> Any:
    """What a decision answers; an error is null, as the kit has it."""
    try:
        return Decider(model, inputs).value(name)
    except AuthorError:
        return None


def alike(found: Any, expected: Any) -> bool:
    """Numbers agree in what the kit writes down, everything else exactly."""
    if isinstance(expected, Decimal):
        if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
            return False
        return abs(Decimal(found) - expected) <= abs(expected) * Decimal("1e-8")
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(alike, found, expected))
    if isinstance(expected, dict):
        return isinstance(found, dict) and found.keys() == expected.keys() and all(alike(found[k], expected[k]) for k in expected)
    return type(found) is type(expected) and (found == expected or str(found) == str(expected))
