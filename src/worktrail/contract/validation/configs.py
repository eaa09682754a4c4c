"""Configs, schemas and resources.

Rule: every config is checked against the schema of its type, every JSON Schema of the author is one, every default fits its own
schema, and every resource that a config names (keys marked `x-resource` in the schema) is declared: a segment that lists any
resource of a kind lists all of them. What a schema cannot say of a built-in type stands in the table BEYOND.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from worktrail.contract.catalog.configs import check_config
from worktrail.contract.models import is_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from worktrail.contract.expand import Step
    from worktrail.contract.validation.context import Context, View

__all__ = ["check_configs", "check_schemas"]

# ISO 8601: P, then at least one part; a T only before parts of the clock
DURATION = re.compile(r"-?P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?\Z")


def check_configs(look: Context, view: View) -> None:
    """The configs of all steps of a scope."""
    for step in view.scope.steps:
        if not step.known:
            continue
        for each in check_config(step.type, step.definition.config, look.catalog.checker):
            if each.code == "CONFIG_UNCHECKED":
                if not any(problem.code == "CONFIG_UNCHECKED" for problem in look.problems):
                    look.problems.append(each)
            else:
                look.problems.append(msgspec.structs.replace(each, pointer=f"{step.pointer}/config{each.pointer}"))
        if step.type.type_id in BEYOND:
            BEYOND[step.type.type_id](look, step)
        _resources(look, step)


def check_schemas(look: Context, views: list[View]) -> None:
    """SCHEMA_INVALID, DEFAULT_INVALID: only where there is a checker."""
    segment = look.segment
    _schema(look, "/input_schema", segment.input_schema)
    _schema(look, "/output_schema", segment.output_schema)
    for name, row in segment.parameters.items():
        _default(look, f"/parameters/{name}", row.get("schema"), row.get("default", msgspec.UNSET))
    for view in views:
        for step in view.scope.steps:
            for word, ports in (("inputs", step.definition.inputs), ("outputs", step.definition.outputs)):
                for at, port in enumerate(ports):
                    _default(look, f"{step.pointer}/{word}/{at}", port.schema, port.default)


def _schema(look: Context, pointer: str, schema: Any) -> bool:
    checker = look.catalog.checker
    if checker is None or not isinstance(schema, dict):
        return False
    wrong = checker.schema_problems(schema)
    for at, message in wrong[:1]:
        look.add("SCHEMA_INVALID", pointer + at, f"this is no JSON Schema: {message}")
    return not wrong


def _default(look: Context, pointer: str, schema: Any, default: Any) -> None:
    if _schema(look, f"{pointer}/schema", schema) and default is not msgspec.UNSET and look.catalog.checker is not None:
        for at, message in look.catalog.checker.problems(schema, default)[:1]:
            look.add("DEFAULT_INVALID", f"{pointer}/default{at}", f"the default does not fit its own schema: {message}")


def _resources(look: Context, step: Step) -> None:
    """RESOURCE_UNDECLARED, RESOURCE_UNLISTED."""
    properties = step.type.config_schema.get("properties")
    for key, rule in properties.items() if isinstance(properties, dict) else ():
        kind = rule.get("x-resource") if isinstance(rule, dict) else None
        name = step.definition.config.get(key)
        if kind is None or not isinstance(name, str) or name.startswith("="):
            continue
        declared = getattr(look.segment.resources, kind, {})
        if name in declared:
            continue
        pointer = f"{step.pointer}/config/{key}"
        if declared or kind == "segments":
            names = ", ".join(declared) or "none"
            message = f"step {step.id!r} uses {name!r}, which is not among the segment's resources.{kind} ({names})"
            look.add("RESOURCE_UNDECLARED", pointer, message)
        else:
            look.add("RESOURCE_UNLISTED", pointer, f"step {step.id!r} uses {name!r}, and the segment lists no resources.{kind}")


# --- beyond schemas -------------------------------------------------------------------------------------------------


def _switch(look: Context, step: Step) -> None:
    seen: set[str] = set()
    cases = step.config.get("cases")
    for at, case in enumerate(cases if isinstance(cases, list) else ()):
        port = case.get("port") if isinstance(case, dict) else None
        pointer = f"{step.pointer}/config/cases/{at}/port"
        if not is_id(port):
            look.add("CONFIG_INVALID", pointer, f"the port of a case must be an id, not {port!r}")
        elif port in ("default", "error"):
            look.add("CONFIG_INVALID", pointer, f"a case cannot use the port {port!r}: it has a meaning of its own")
        elif port in seen:
            look.add("CONFIG_INVALID", pointer, f"two cases of step {step.id!r} use the port {port!r}")
        seen.add(str(port))


def _both(look: Context, step: Step, older: str, newer: str, present: object) -> None:
    if older in step.definition.config and present is not None:
        message = f"`{newer}` says what its older spelling `{older}` says"
        look.add("CONFIG_INVALID", f"{step.pointer}/config/{older}", message)


def _split(look: Context, step: Step) -> None:
    _both(look, step, "branch_count", "branches", step.definition.config.get("branches"))


def _http(look: Context, step: Step) -> None:
    retry = step.definition.policy.retry
    _both(look, step, "retry_count", "policy.retry.max_attempts", None if retry is None else retry.max_attempts)


def _wait(look: Context, step: Step) -> None:
    duration, until = step.config.get("duration"), step.config.get("until")
    if isinstance(duration, str) and not duration.startswith("=") and not DURATION.match(duration):
        message = f"{duration!r} is not an ISO 8601 duration such as PT1H30M"
        look.add("CONFIG_INVALID", f"{step.pointer}/config/duration", message)
    if isinstance(until, str) and not until.startswith("="):
        try:
            good = datetime.fromisoformat(until).tzinfo is not None
        except ValueError:
            good = False
        if not good:
            message = f"{until!r} is not an ISO 8601 date and time with an offset such as 2030-01-31T09:00:00+01:00"
            look.add("CONFIG_INVALID", f"{step.pointer}/config/until", message)


def _human(look: Context, step: Step) -> None:
    if step.config.get("task_type") == "choice" and not step.config.get("options"):
        look.add("CONFIG_INVALID", f"{step.pointer}/config", f"the choice of step {step.id!r} needs `options`")


# step type → what its schema cannot say
BEYOND: dict[str, Callable[[Context, Step], None]] = {
    "switch": _switch,
    "parallel_split": _split,
    "http_action": _http,
    "wait": _wait,
    "human_task": _human,
}
