"""Before a run is requested: its input on the ports of its entry steps, its parameters with their defaults.

Rule (R2): the run's input arrives on port ``input`` of every entry step, or by name on its declared ports; a required port
that it does not fill refuses the run (``INPUT_INVALID``), and so does an input that does not fit ``input_schema``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worktrail.engine.bind.orders import SchemaCheck
from worktrail.engine.bind.reading import Values
from worktrail.engine.plan import Plan
from worktrail.errors import CallerError
from worktrail.events import Ref

__all__ = ["bind_entry", "bind_parameters"]


def bind_entry(plan: Plan, input_data: Any, values: Values, check: SchemaCheck) -> dict[str, dict[str, Ref]] | None:
    """Entry step → port → reference, for ports filled by name; null where every entry step takes the whole input."""
    schema = plan.lock.input_schema
    if schema is not None and (problems := check(schema, input_data)):
        message = f"the input does not fit input_schema: {problems[0]}"
        place = problems[0].partition(": ")[0].removesuffix("/")
        raise CallerError("INPUT_INVALID", message, pointer=place, details={"problems": list(problems[:20])})
    entry: dict[str, dict[str, Ref]] = {}
    for number in plan.root.entries:
        step = plan.root.steps[number]
        named = [port for port in step.lock.ins if port.id != "input"]
        if not named:
            continue
        filled = {}
        for port in named:
            if isinstance(input_data, dict) and port.id in input_data:
                filled[port.id] = values.write(input_data[port.id])
            elif port.required and not port.has_default:
                message = f"the input has no '{port.id}', which step '{step.id}' requires"
                raise CallerError("INPUT_INVALID", message, pointer=f"/{port.id}")
        entry[step.id] = filled
    return entry or None


def bind_parameters(plan: Plan, given: Mapping[str, Any], values: Values, check: SchemaCheck) -> dict[str, Ref] | None:
    """Every declared parameter: what was given (checked against its schema), else its default."""
    if not isinstance(given, Mapping):
        raise CallerError("PARAMETER_INVALID", f"parameters are a mapping name → value, not {type(given).__name__}")
    declared = plan.lock.parameters
    unknown = [name for name in given if name not in declared]
    if unknown:
        known = ", ".join(declared) or "none"
        message = f"the segment has no parameter '{unknown[0]!s:.60}'; declared are: {known}"
        raise CallerError("PARAMETER_UNKNOWN", message, pointer=f"/{unknown[0]!s:.60}")
    refs = {}
    for name, declaration in declared.items():
        schema = declaration.get("schema") if isinstance(declaration, dict) else getattr(declaration, "schema", None)
        default = declaration.get("default") if isinstance(declaration, dict) else getattr(declaration, "default", None)
        if name in given:
            value = given[name]
            if schema and (problems := check(schema, value)):
                message = f"parameter '{name}' does not fit its schema: {problems[0]}"
                raise CallerError("PARAMETER_INVALID", message, pointer=f"/{name}")
        elif default is not None or (isinstance(declaration, dict) and "default" in declaration):
            value = default
        else:
            message = f"parameter '{name}' has no default and was not given"
            raise CallerError("PARAMETER_MISSING", message, pointer=f"/{name}")
        try:
            refs[name] = values.write(value)
        except CallerError as error:
            code = "PARAMETER_INVALID" if error.code == "ANSWER_INVALID" else error.code
            raise CallerError(code, f"parameter '{name}': {error.message}", pointer=f"/{name}") from None
    return refs or None
