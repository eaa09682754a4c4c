"""What a person may answer to which kind of task: a table, and the one function that reads it.

Rule: a decision fails closed. The outcome is always said, never guessed from what else was sent; a key that does not belong
to the outcome is refused rather than dropped; who decided comes from the origin of the command and from nowhere else. The
only outcome that is worked out is `modified`: a review that is approved *with changes* did not approve what it was shown.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn

from worktrail.contract import SchemaChecker
from worktrail.engine import json_bytes
from worktrail.errors import CallerError
from worktrail.human.vocabulary import Form, TaskDecided

__all__ = ["MAX_DECISION_BYTES", "OUTCOMES", "PERSONS_OUTCOMES", "TYPE_RULES", "Takes", "judge"]

PERSONS_OUTCOMES = ("approved", "rejected", "modified")
OUTCOMES = (*PERSONS_OUTCOMES, "expired")
MAX_DECISION_BYTES = 256 * 1024
TEXT_MAX = 20_000


class Takes(NamedTuple):
    """What one outcome of one kind of task takes along: keys that must come, keys that may."""

    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


# kind of task → outcome that a person may give → what comes with it. `comment` and `reason` may always come.
TYPE_RULES: dict[str, dict[str, Takes]] = {
    "approval": {"approved": Takes(), "rejected": Takes()},
    "choice": {"approved": Takes(must=("option",)), "rejected": Takes()},
    "input": {"approved": Takes(must=("input",)), "rejected": Takes()},
    "review": {"approved": Takes(may=("changes",)), "modified": Takes(must=("changes",)), "rejected": Takes()},
}
# Other names under which a decision may come: the seeds' and the HTTP face's.
ALIASES = {"data": "input", "selected_option": "option", "input_data": "input", "review_changes": "changes"}
ALWAYS = ("outcome", "comment", "reason", "expected_version")
GIVEN = ("option", "input", "changes")


def _refuse(message: str, pointer: str, **details: Any) -> NoReturn:
    raise CallerError("DECISION_INVALID", message, pointer=pointer, details=details or None)


def _keys(decision: Mapping[str, Any]) -> dict[str, Any]:
    """The decision under its own names; nulls count as not said."""
    found: dict[str, Any] = {}
    for key, value in decision.items():
        name = ALIASES.get(key, key)
        if name not in (*ALWAYS, *GIVEN):
            near = difflib.get_close_matches(str(key), (*ALWAYS, *GIVEN), n=1, cutoff=0.5)
            raise CallerError(
                "DECISION_INVALID",
                f"a decision has no key {key!r}",
                hint=f"Did you mean {near[0]!r}?" if near else f"Use {', '.join((*ALWAYS, *GIVEN))}.",
                pointer=f"/{key}",
            )
        if value is None:
            continue
        if name in found:
            _refuse(f"{name!r} is said twice, once as {key!r}", f"/{key}")
        found[name] = value
    return found


def _text(said: Mapping[str, Any], key: str) -> str | None:
    value = said.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        _refuse(f"{key!r} must be a text", f"/{key}")
    if len(value) > TEXT_MAX:
        _refuse(f"{key!r} has {len(value):,} characters; {TEXT_MAX:,} are allowed", f"/{key}")
    return value if value.strip() else None


def same_json(one: Any, other: Any) -> bool:
    """Equality of JSON values: true is not 1, 1 is 1.0, order of keys does not count."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float | Decimal) and isinstance(other, int | float | Decimal):
        return Decimal(str(one)) == Decimal(str(other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same_json, one, other))
    return type(one) is type(other) and bool(one == other)


def _check_option(form: Form, option: Any) -> None:
    if not any(same_json(option, each.value) for each in form.options):
        known = ", ".join(json_bytes(each.value).decode() for each in form.options[:20]) or "nothing"
        _refuse(f"the option {json_bytes(option).decode()[:200]} cannot be chosen; there is: {known}", "/option")


def _check_schema(form: Form, key: str, value: Any, checker: SchemaChecker) -> None:
    if form.input_schema is None:
        return
    problems = checker.problems(form.input_schema, value)
    if problems:
        shown = [{"pointer": f"/{key}{each.pointer}", "message": each.message} for each in problems]
        first = problems[0]
        _refuse(f"{key!r} does not fit the form: {first.message}", f"/{key}{first.pointer}", problems=shown)


def _json(key: str, value: Any) -> Any:
    """The value if it is JSON and small enough, else DECISION_INVALID."""
    try:
        raw = json_bytes(value)
    except CallerError as error:
        raise CallerError("DECISION_INVALID", f"{key!r} is not JSON: {error.message}", pointer=f"/{key}") from None
    if len(raw) > MAX_DECISION_BYTES:
        _refuse(f"{key!r} has {len(raw):,} bytes; {MAX_DECISION_BYTES:,} are allowed", f"/{key}")
    return value


def judge(form: Form, decision: Mapping[str, Any], checker: SchemaChecker) -> TaskDecided:
    """The event of a decision that may be taken, or CallerError DECISION_INVALID with a pointer into the decision."""
    said = _keys(decision)
    rules = TYPE_RULES[form.task_type]
    outcome = said.get("outcome")
    if not isinstance(outcome, str) or outcome not in rules:
        shown = "no outcome" if outcome is None else f"the outcome {outcome!r}"
        _refuse(f"{shown} cannot be given to a task of kind {form.task_type!r}; there are: {', '.join(rules)}", "/outcome")
    takes = rules[outcome]
    for key in takes.must:
        if key not in said:
            _refuse(f"{outcome!r} needs {key!r} in a task of kind {form.task_type!r}", f"/{key}")
    given = {key: _json(key, said[key]) for key in GIVEN if key in said}
    for key in given:
        if key not in (*takes.must, *takes.may):
            _refuse(f"{outcome!r} takes no {key!r} in a task of kind {form.task_type!r}", f"/{key}")
    if "option" in given:
        _check_option(form, given["option"])
    for key in ("input", "changes"):
        if key in given:
            _check_schema(form, key, given[key], checker)
    if "changes" in given:
        if not isinstance(given["changes"], Mapping):
            _refuse("'changes' must be an object: name → new value", "/changes")
        if given["changes"]:
            outcome = "modified"
        elif outcome == "modified":
            _refuse("'modified' needs at least one change", "/changes")
        else:
            del given["changes"]
    reason = _text(said, "reason")
    if outcome in form.require_reason and reason is None:
        _refuse(f"{outcome!r} needs a reason here", "/reason")
    return TaskDecided(outcome, given or None, _text(said, "comment"), reason)
