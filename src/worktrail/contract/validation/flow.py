"""Flow: cycles, inputs that can never come, ports that may get two values, outcomes that nobody handles, ends.

Rules: R2 (required ports), R3 (one value a port), R6 (outcomes), R13 (ends and outputs). A graph has no cycles: iteration lives
in `loop` and `map`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from worktrail.contract.expand import ERROR_PORT
from worktrail.contract.graph import members
from worktrail.contract.validation.guards import Guards

if TYPE_CHECKING:
    from worktrail.contract.expand import Edge, Step
    from worktrail.contract.validation.context import Context, View

__all__ = ["check_cycle", "check_flow"]

COMPARED = 128  # edges into one port: with all cases of the largest switch there is room left


def check_cycle(look: Context, view: View) -> bool:
    """CYCLE; whether the graph has none."""
    cycle = view.graph.cycle()
    if not cycle:
        return True
    steps = [view.scope.steps[number] for number in cycle]
    last = next(edge for edge in view.leaving[cycle[-1]] if edge.target == cycle[0])
    way = " → ".join(step.id for step in (*steps, steps[0]))
    look.add("CYCLE", last.pointer, f"the edges go round in a circle: {way}", steps=[step.id for step in steps])
    return False


def check_flow(look: Context, view: View) -> None:
    """All steps of a scope without cycles."""
    guards: Guards | None = None
    for step in view.scope.steps:
        edges = view.entering[step.number]
        if edges:
            guards = _fed(look, view, step, guards)
        else:
            _entry(look, view, step)
        _outcomes(look, view, step)
    ends = members(view.graph.ends())
    if len(ends) > 1 and view.scope.outputs is None:
        names = ", ".join(view.scope.steps[number].id for number in ends[:8]) + (" …" if len(ends) > 8 else "")
        pointer = view.scope.pointer
        look.add("ENDS_MANY", pointer, f"the result will be an object with one key for each of {len(ends)} end steps: {names}")


def _entry(look: Context, view: View, step: Step) -> None:
    """A step that starts with its scope."""
    if view.scope.container:
        for port, spec in step.ins.items():
            if spec.required and spec.default is msgspec.UNSET and port != "input":
                message = f"the entry step {step.id!r} requires the port {port!r}, but an item or round arrives on `input` alone"
                look.add("BODY_ENTRY", step.pointer, message)
    if len(view.scope.steps) > 1 and not view.leaving[step.number]:
        look.add("STEP_UNCONNECTED", step.pointer, f"no edge leads to step {step.id!r} or away from it")


def _fed(look: Context, view: View, step: Step, guards: Guards | None) -> Guards | None:
    """A step that edges lead to."""
    if step.type.kind == "join":
        return guards
    by_port: dict[str, list[Edge]] = {}
    for edge in view.entering[step.number]:
        by_port.setdefault(edge.to, []).append(edge)
    for port, spec in step.ins.items():
        fed = by_port.get(port, [])
        if not fed and spec.required and spec.default is msgspec.UNSET:
            message = f"step {step.id!r} can never start: no edge leads to its required port {port!r}"
            look.add("PORT_UNFED", step.pointer, message)
        if fed and not spec.required and len(by_port) > 1 and all(edge.port == ERROR_PORT for edge in fed):
            message = f"port {port!r} of step {step.id!r} is fed by errors alone and not required: it starts without one too"
            look.add("PORT_ERROR_ONLY", step.pointer, message)
        if len(fed) > 1 and not spec.many:
            guards = guards or Guards(view)
            _exclusive(look, view, step, port, fed, guards)
    return guards


def _exclusive(look: Context, view: View, step: Step, port: str, edges: list[Edge], guards: Guards) -> None:
    """R3. The first pair that is not proven exclusive is enough; beyond COMPARED edges nothing is proven any more."""
    for at, one in enumerate(edges):
        for other in edges[at + 1 :]:
            if len(edges) > COMPARED or not guards.exclude(one, other):
                first, second = (f"{view.scope.steps[edge.source].id}.{edge.port}" for edge in (one, other))
                message = f"port {port!r} of step {step.id!r} may get a value from both {first} and {second}"
                look.add("PORT_CONFLICT", other.pointer, message)
                return


def _outcomes(look: Context, view: View, step: Step) -> None:
    """R6: the exemption is a step that nothing but `error` leaves, where the run's outputs tell the outcome."""
    ports = [port for port in step.outs if port in step.outcomes]
    if step.type.kind == "join" and step.config.get("join") == "all_live":
        ports = []  # one delivery is enough, and none skips it: it is never unmet
    leaving = [edge for edge in view.leaving[step.number] if edge.port != ERROR_PORT]
    told = set() if leaving else {port for port in ports if _told(view, step, port)}
    missing = [port for port in ports if port not in told and not any(edge.port == port for edge in leaving)]
    unsure = [
        port
        for port in ports
        if port not in missing and port not in told and all(edge.condition for edge in leaving if edge.port == port)
    ]
    for names, what in ((missing, "no edge"), (unsure, "only conditional edges")):
        if names:
            shown = ", ".join(f"`{name}`" for name in names)
            message = f"{what} for {shown} of step {step.id!r}: the step fails when that happens"
            look.add("OUTCOME_UNHANDLED", step.pointer, message, ports=names)


def _told(view: View, step: Step, port: str) -> bool:
    outputs = view.scope.outputs
    return outputs is None or f"{step.id}.{port}" in outputs.values()
