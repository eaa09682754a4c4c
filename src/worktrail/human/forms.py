"""From a step's evaluated config to the form that a person is shown.

Rule: a task always opens. By now the config's expressions are worked out, so a part may hold anything; what cannot be used
is replaced by the *careful* reading and said in ``problems``, which the person sees. Careful means: nothing becomes easier to
approve. Options that cannot be read are left out (then they cannot be chosen), an unknown outcome in ``require_reason`` asks
for a reason everywhere, a schema that is none allows no input, a time that is none is the default.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from worktrail.human.rules import PERSONS_OUTCOMES, TYPE_RULES
from worktrail.human.vocabulary import Form, Option

__all__ = ["DEFAULT_TIMEOUT_HOURS", "MAX_TIMEOUT_HOURS", "PRIORITIES", "read_form", "timeout_us"]

PRIORITIES = ("low", "normal", "high", "critical")
DEFAULT_TIMEOUT_HOURS = 24
MAX_TIMEOUT_HOURS = 24 * 366 * 100
HOUR_US = 3_600_000_000
TITLE_MAX = 500
NOTHING: dict[str, Any] = {"not": {}}

Say = Callable[[str], None]


def _text(spec: Mapping[str, Any], key: str, say: Say, limit: int) -> str:
    value = spec.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal | float):
        say(f"`{key}` is {_shape(value)}, not a text")
        return ""
    text = str(value)
    if len(text) > limit:
        say(f"`{key}` has {len(text)} characters; the first {limit} are shown")
    return text[:limit]


def _shape(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list | tuple) else "a number"


def _choice(spec: Mapping[str, Any], key: str, known: tuple[str, ...], default: str, say: Say) -> str:
    value = spec.get(key)
    if value is None:
        return default
    if value in known:
        return str(value)
    say(f"`{key}` is {value!r}, not one of {', '.join(known)}")
    return default


def _list(spec: Mapping[str, Any], key: str, say: Say) -> list[Any]:
    value = spec.get(key)
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return list(value)
    say(f"`{key}` is {_shape(value)}, not a list")
    return []


def _texts(spec: Mapping[str, Any], key: str, say: Say) -> list[str]:
    found = _list(spec, key, say)
    kept = [each for each in found if isinstance(each, str)]
    if len(kept) < len(found):
        say(f"`{key}` holds something that is no text; it is left out")
    return kept


def _options(spec: Mapping[str, Any], say: Say) -> list[Option]:
    made = []
    for number, each in enumerate(_list(spec, "options", say), start=1):
        if isinstance(each, Mapping) and each.get("value") is not None:
            label = each.get("label")
            made.append(Option(each["value"], label if isinstance(label, str) else ""))
        elif each is None or isinstance(each, Mapping | list | tuple):
            say(f"option {number} is {_shape(each)} without a value; it is left out")
        else:
            made.append(Option(each))
    return made


def _reasons(spec: Mapping[str, Any], say: Say) -> list[str]:
    found = _list(spec, "require_reason", say)
    if "require_reason" in spec and not isinstance(spec["require_reason"], list | tuple) and spec["require_reason"] is not None:
        return list(PERSONS_OUTCOMES)
    if any(each not in PERSONS_OUTCOMES for each in found):
        say("`require_reason` names an outcome that a person cannot give: a reason is asked for every one")
        return list(PERSONS_OUTCOMES)
    return [str(each) for each in found]


def _schema(spec: Mapping[str, Any], say: Say) -> dict[str, Any] | None:
    value = spec.get("input_schema")
    if value is None:
        return None
    if isinstance(value, Mapping):
        return dict(value)
    say(f"`input_schema` is {_shape(value)}, not a JSON Schema object: no input can be given")
    return dict(NOTHING)


def read_form(spec: Mapping[str, Any]) -> Form:
    """The form of an evaluated config; never raises."""
    problems: list[str] = []
    say = problems.append
    task_type = _choice(spec, "task_type", tuple(TYPE_RULES), "approval", say)
    options = _options(spec, say)
    if task_type == "choice" and not options:
        say("there is nothing to choose from: only `rejected` can be answered")
    return Form(
        task_type=task_type,
        title=_text(spec, "title", say, TITLE_MAX),
        description=_text(spec, "description", say, 20_000),
        assignee=_text(spec, "assignee_ref", say, TITLE_MAX) or None,
        candidate_groups=_texts(spec, "candidate_groups", say),
        priority=_choice(spec, "priority", PRIORITIES, "normal", say),
        options=options,
        input_schema=_schema(spec, say),
        require_reason=_reasons(spec, say),
        escalation_chain=_list(spec, "escalation_chain", say),
        problems=problems,
    )


def timeout_us(spec: Mapping[str, Any], say: Say) -> int:
    """How long the task stays open, in microseconds; 24 hours where ``timeout_hours`` says nothing that can be used."""
    hours = spec.get("timeout_hours")
    if hours is None:
        return DEFAULT_TIMEOUT_HOURS * HOUR_US
    number = isinstance(hours, int | float | Decimal) and not isinstance(hours, bool) and math.isfinite(hours)
    if not number or not 0 < hours <= MAX_TIMEOUT_HOURS:
        say(f"`timeout_hours` is {hours!r}, not a number of hours above 0: {DEFAULT_TIMEOUT_HOURS} hours are allowed")
        return DEFAULT_TIMEOUT_HOURS * HOUR_US
    return max(1, round(Decimal(str(hours)) * HOUR_US))
