"""A step's config against its type.

Rule: an unknown key is named with the nearest known one, a choice between keys is said as such, and the rest is what the JSON
Schema checker says. A text that begins with `=` is an expression: for types whose handler gets evaluated configs it may stand
wherever a value may. Without a checker the keys and the plain types of the values are still looked at, because the lock is made
from them.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from worktrail.contract.problems import Problem, SchemaChecker, join_pointer, problem

if TYPE_CHECKING:
    from worktrail.contract.catalog.metadata import StepTypeMetadata

__all__ = ["check_config"]

EVALUATED = ("handler", "human")  # kinds whose whole config is evaluated before it is used
PLAIN: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (dict,),
}


def check_config(kind: StepTypeMetadata, config: Any, checker: SchemaChecker | None) -> list[Problem]:
    """What is wrong with a config; the pointers lead into it."""
    if not isinstance(config, dict):
        return [problem("CONFIG_INVALID", "", f"the config of a {kind.type_id} step must be an object")]
    schema = kind.config_schema
    found, unknown = _unknown_keys(kind, schema, config)
    choice = _one_of(kind, schema, config)
    if choice is not None:
        return [*found, choice]
    if checker is None:
        return [*found, *_plainly(kind, schema, config), _unchecked()]
    known = {key: value for key, value in config.items() if key not in unknown} if unknown else config
    for at, message in checker.problems(schema, known):
        if kind.kind not in EVALUATED or not _is_expression(config, at):
            found.append(problem("CONFIG_INVALID", at, message))
    return found


def _unchecked() -> Problem:
    return problem("CONFIG_UNCHECKED", "", "configs were not checked against their schemas: no schema checker is set")


def _unknown_keys(kind: StepTypeMetadata, schema: dict[str, Any], config: dict[str, Any]) -> tuple[list[Problem], set[str]]:
    properties = schema.get("properties")
    if schema.get("additionalProperties") is not False or not isinstance(properties, dict):
        return [], set()
    unknown = [key for key in config if key not in properties and not key.startswith("x-")]
    found = []
    for key in unknown:
        close = difflib.get_close_matches(key, list(properties), n=1, cutoff=0.6)
        hint = f"Did you mean `{close[0]}`?" if close else f"Its keys are {', '.join(properties)}."
        message = f"the config of a {kind.type_id} step has no key {key!r}"
        found.append(problem("KEY_UNKNOWN", join_pointer("", key), message, hint=hint, nearest=close[0] if close else ""))
    return found, set(unknown)


def _one_of(kind: StepTypeMetadata, schema: dict[str, Any], config: dict[str, Any]) -> Problem | None:
    """A `oneOf` that only chooses between keys."""
    branches = schema.get("oneOf")
    if not isinstance(branches, list) or not all(isinstance(each, dict) and set(each) == {"required"} for each in branches):
        return None
    groups = [each["required"] for each in branches]
    if sum(all(key in config for key in group) for group in groups) == 1:
        return None
    names = " or ".join(" with ".join(f"`{key}`" for key in group) for group in groups)
    return problem("CONFIG_INVALID", "", f"the config of a {kind.type_id} step needs exactly one of {names}")


def _plainly(kind: StepTypeMetadata, schema: dict[str, Any], config: dict[str, Any]) -> list[Problem]:
    missing = [key for key in schema.get("required", ()) if key not in config]
    found = [problem("CONFIG_INVALID", "", f"the config of a {kind.type_id} step needs `{key}`") for key in missing]
    for key, rule in schema.get("properties", {}).items():
        wanted = rule.get("type") if isinstance(rule, dict) else None
        if key not in config or not isinstance(wanted, str) or wanted not in PLAIN:
            continue
        value = config[key]
        if kind.kind in EVALUATED and isinstance(value, str) and value.startswith("="):
            continue
        if not isinstance(value, PLAIN[wanted]) or (isinstance(value, bool) and wanted != "boolean"):
            found.append(problem("CONFIG_INVALID", join_pointer("", key), f"`{key}` must be of type {wanted}"))
    return found


def _is_expression(config: Any, pointer: str) -> bool:
    value = config
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(key)] if isinstance(value, (list, tuple)) else value[key]
        except (KeyError, IndexError, ValueError, TypeError):
            return False
    return isinstance(value, str) and value.startswith("=")
