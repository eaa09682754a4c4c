"""Shape: ports, edges, outputs, sizes.

Rule: what names a thing must name one that is there, and exactly one. The bounds keep one segment small enough to be looked at,
validated in milliseconds and held in a lock; larger work is cut into sub-segments.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from worktrail.contract.expand import ERROR_PORT, scopes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worktrail.contract.expand import Scope, Step
    from worktrail.contract.models import PortDefinition
    from worktrail.contract.validation.context import Context

__all__ = ["MAX_EDGES", "MAX_FAN_OUT", "MAX_NESTING", "MAX_STEPS", "check_sizes", "check_structure"]

MAX_STEPS = 2_000  # of a segment with all its bodies
MAX_EDGES = 8_000
MAX_FAN_OUT = 256  # edges that leave one step
MAX_NESTING = 8  # bodies and sub-segments inside one another


def check_sizes(look: Context, scope: Scope) -> None:
    """SIZE_EXCEEDED, NESTING_EXCEEDED."""
    scopes = scopes_of(scope)
    for word, most, count in (
        ("steps", MAX_STEPS, sum(len(each.steps) for each in scopes)),
        ("edges", MAX_EDGES, sum(len(each.edges) for each in scopes)),
    ):
        if count > most:
            look.add("SIZE_EXCEEDED", f"/{word}", f"the segment has {count:,} {word}; {most:,} are allowed")
    for each in scopes:
        if each.depth == MAX_NESTING + 1:
            look.add("NESTING_EXCEEDED", each.pointer, f"bodies are nested more than {MAX_NESTING} deep")


def check_structure(look: Context, scope: Scope) -> None:
    """The shape of one scope."""
    if not scope.steps:
        look.add("NO_STEPS", f"{scope.pointer}/steps", "there is no step here")
    for step in scope.steps:
        _ports(look, step)
    _edges(look, scope)
    for name, place in (scope.outputs or {}).items():
        step_id, _, port = place.partition(".")
        pointer, number = f"{scope.pointer}/outputs/{name}", scope.numbers.get(step_id)
        if number is None:
            look.add("STEP_UNKNOWN", pointer, f"the output {name!r} names a step {step_id!r} that is not here")
        elif port not in scope.steps[number].outs:
            hint = f"Its output ports are {', '.join(scope.steps[number].outs)}."
            look.add("PORT_UNKNOWN", pointer, f"step {step_id!r} has no output port {port!r} to name", hint=hint)


def _ports(look: Context, step: Step) -> None:
    for word, ports in (("inputs", step.definition.inputs), ("outputs", step.definition.outputs)):
        for at in _repeated(ports):
            name = ports[at].port_id
            look.add("PORT_TWICE", f"{step.pointer}/{word}/{at}", f"step {step.id!r} declares its port {name!r} twice")
    if step.type.fixed_outputs:
        for at, port in enumerate(step.definition.outputs):
            if port.port_id not in step.outs and port.port_id != ERROR_PORT:
                hint = f"Its output ports are {', '.join(step.outs)}."
                message = f"a {step.type.type_id} step has no output port {port.port_id!r}, and declaring one changes nothing"
                look.add("PORT_FIXED", f"{step.pointer}/outputs/{at}", message, hint=hint)


def _repeated(ports: Sequence[PortDefinition]) -> list[int]:
    seen: set[str] = set()
    found = []
    for at, port in enumerate(ports):
        if port.port_id in seen:
            found.append(at)
        seen.add(port.port_id)
    return found


def _edges(look: Context, scope: Scope) -> None:
    leaving = Counter(edge.source for edge in scope.edges)
    for number, count in leaving.items():
        if count > MAX_FAN_OUT:
            step = scope.steps[number]
            message = f"{count} edges leave step {step.id!r}; {MAX_FAN_OUT} are allowed"
            look.add("FAN_OUT_EXCEEDED", step.pointer, message, hint="Use a `map` over a list, or split the step.")
