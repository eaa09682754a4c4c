"""Expressions: what they may name at their place.

Rule (RULES §3): a name must be known where it stands, and `steps.x` may name only an ancestor that is certainly decided there:
some path from it passes no early join. In a body `steps` are the inner steps; outer values come in as `outer`. Conditions and
`until` must be able to be true or false. What the room below says of the text itself is one problem, EXPRESSION_INVALID, whose
details name the cause; and a config text that begins with `=` is looked at wherever it stands.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from worktrail.contract.graph import members
from worktrail.contract.reading import template_parts
from worktrail.errors import AuthorError
from worktrail.feel import Expression, compile_expression, compile_unary_tests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worktrail.contract.expand import Edge, Step
    from worktrail.contract.validation.context import Context, View

__all__ = ["RUN_KEYS", "check_expressions"]

RUN_KEYS = ("id", "segment_id", "business_key", "labels", "started_at")
CONTAINER_NAMES = {"": (), "map": ("item", "index", "last", "outer"), "loop": ("item", "index", "outer")}
UNTIL_NAMES = frozenset(("result", "index", "parameters", "run", "outer"))
CONTINUE_NAMES = frozenset(("error", "input", "inputs", "parameters", "run"))


@lru_cache(maxsize=4096)
def _compiled(text: str, names: frozenset[str], form: str) -> Expression | AuthorError:
    """Kept, because an editor asks for the same texts again and again. An error is a value here."""
    try:
        return (compile_unary_tests if form == "unary-tests" else compile_expression)(text, names=names, strict=True)
    except AuthorError as error:
        return error


def check_expressions(look: Context, view: View) -> None:
    """All expressions of a scope without cycles."""
    for step in view.scope.steps:
        place = _Place(look, view, step)
        if step.known:
            for text, pointer, form, wanted in _texts(step):
                names = UNTIL_NAMES if pointer.endswith("/config/until") and step.type.kind == "loop" else place.names
                place.check(text, pointer, form, names, wanted)
            _continue_with(place)
            place.keep(step.pointer)
        for edge in view.leaving[step.number]:
            if edge.condition is not None:
                at_edge = _Place(look, view, step, edge)
                at_edge.check(edge.condition, f"{edge.pointer}/condition", "feel", at_edge.names, "boolean")
                at_edge.keep(edge.pointer)


class _Place:
    """Where an expression stands: inside a step, or on an edge that leaves it."""

    def __init__(self, look: Context, view: View, step: Step, edge: Edge | None = None) -> None:
        self.look = look
        self.view = view
        self.step = step
        self.at_edge = edge is not None
        self.read: set[int] = set()
        names = {"steps", "parameters", "run", *CONTAINER_NAMES[view.scope.container]}
        if step.type.kind != "join":
            names.add("inputs")
            if "input" in step.ins or len(step.ins) == 1:
                names.add("input")
        if edge is not None:
            names.add("value")
        elif step.type.op == "evaluate" and "input" in names:
            names.add("output")
        self.names = frozenset(names)

    def keep(self, pointer: str) -> None:
        """Remembers for the lock which steps were read."""
        if self.read:
            self.look.reads[pointer] = tuple(self.view.scope.steps[number].id for number in sorted(self.read))

    def check(self, text: str, pointer: str, form: str, names: frozenset[str], wanted: str | None) -> None:
        """One text; `wanted` is the type that its value must have."""
        if form == "template":
            self._template(text, pointer, names)
            return
        found = _compiled(text.removeprefix("=") if form == "feel" else text, names, form)
        if isinstance(found, AuthorError):
            details = {"cause": found.code, **(found.details or {})}
            self.look.add("EXPRESSION_INVALID", pointer, found.message, hint=found.hint, **details)
            return
        if wanted is not None and found.type not in (None, wanted):
            self.look.add("EXPRESSION_TYPE", pointer, f"this must be a {wanted}, and it is a {found.type}")
        for path in sorted(found.paths):
            self._path(path, pointer, names)

    def _template(self, text: str, pointer: str, names: frozenset[str]) -> None:
        try:
            parts = template_parts(text)
        except ValueError as error:
            self.look.add("EXPRESSION_INVALID", pointer, str(error), cause="FEEL_SYNTAX")
            return
        for part in parts:
            if part.expression:
                self.check(part.text, pointer, "feel", names, None)

    def _path(self, path: tuple[str, ...], pointer: str, names: frozenset[str]) -> None:
        root, key = path[0], path[1] if len(path) > 1 else None
        if root == "steps" and "steps" in names:
            self._steps(path, pointer)
        elif key is None:
            return
        elif root == "parameters" and key not in self.look.segment.parameters:
            known = ", ".join(self.look.segment.parameters) or "none"
            self.look.add("PARAMETER_UNKNOWN", pointer, f"the segment has no parameter {key!r}; it has {known}")
        elif root == "run" and key not in RUN_KEYS:
            self.look.add("NAME_UNKNOWN", pointer, f"`run` has no {key!r}; it has {', '.join(RUN_KEYS)}")
        elif root == "inputs" and key not in self.step.ins:
            self._port(self.step, key, list(self.step.ins), "input", pointer)
        elif root == "outer" and names is not UNTIL_NAMES and self.view.parent is not None and key not in self.view.parent.ins:
            self._port(self.view.parent, key, list(self.view.parent.ins), "input", pointer)

    def _port(self, step: Step, port: str, ports: list[str], word: str, pointer: str) -> None:
        hint = f"Its {word} ports are {', '.join(ports)}." if ports else f"It has no {word} ports."
        self.look.add("PORT_UNKNOWN", pointer, f"step {step.id!r} has no {word} port {port!r}", hint=hint)

    def _steps(self, path: tuple[str, ...], pointer: str) -> None:
        if len(path) == 1:
            self.look.add("STEPS_WHOLE", pointer, "`steps` cannot be read as a whole")
            return
        scope, name = self.view.scope, path[1]
        number = scope.numbers.get(name)
        if number is None:
            known = ", ".join(scope.steps[each].id for each in members(self._certain())) or "none"
            hint = f"Here it may name: {known}."
            self.look.add("STEP_UNKNOWN", pointer, f"there is no step {name!r} here", hint=hint)
            return
        if not self._certain() >> number & 1:
            before = self.view.ancestors[self.step.number] >> number & 1
            code = "STEP_UNCERTAIN" if before else "STEP_NOT_ANCESTOR"
            why = "may still be undecided here: an early join lies between" if before else "does not lie before this place"
            self.look.add(code, pointer, f"step {name!r} {why}")
            return
        self.read.add(number)
        ports = list(scope.steps[number].outs)
        if len(path) > 2 and path[2] not in ports and scope.steps[number].known:
            self._port(scope.steps[number], path[2], ports, "output", pointer)

    def _certain(self) -> int:
        inside, behind = self.view.certain
        return behind[self.step.number] if self.at_edge else inside[self.step.number]


# --- where expressions stand ----------------------------------------------------------------------------------------

Text = tuple[str, str, str, str | None]  # text, pointer, form, wanted type

# type and key → what the value must be
WANTED = {("condition", "expression"): "boolean", ("loop", "until"): "boolean", ("map", "items"): "list"}


def _texts(step: Step) -> Iterator[Text]:
    schema = step.type.config_schema.get("properties")
    for key, value in step.definition.config.items():
        if key.startswith("x-") or (key == "body" and step.body is not None):
            continue
        rule = schema.get(key) if isinstance(schema, dict) else None
        wanted = WANTED.get((step.type.type_id, key))
        for text, pointer, form in _inside(value, rule if isinstance(rule, dict) else {}, f"{step.pointer}/config/{key}"):
            yield text, pointer, form, wanted


def _inside(value: Any, schema: dict[str, Any], pointer: str) -> Iterator[tuple[str, str, str]]:
    """Every expression in a config value; the schema says which texts always are one."""
    form = schema.get("x-expression")
    if form == "none":
        return
    if isinstance(value, str):
        if value.startswith("=") and form != "unary-tests":
            yield value, pointer, "feel"
        elif isinstance(form, str):
            yield value, pointer, form
    elif isinstance(value, dict):
        inner = schema.get("properties")
        for key, part in value.items():
            rule = inner.get(key) if isinstance(inner, dict) else None
            yield from _inside(part, rule if isinstance(rule, dict) else {}, f"{pointer}/{key}")
    elif isinstance(value, (list, tuple)):
        each = schema.get("items")
        for at, part in enumerate(value):
            yield from _inside(part, each if isinstance(each, dict) else {}, f"{pointer}/{at}")


def _continue_with(place: _Place) -> None:
    on_error = place.step.definition.policy.on_error
    if isinstance(on_error, dict) and "continue_with" in on_error:
        pointer = f"{place.step.pointer}/policy/on_error/continue_with"
        for text, at, form in _inside(on_error["continue_with"], {}, pointer):
            place.check(text, at, form, CONTINUE_NAMES, None)
