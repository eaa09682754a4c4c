"""What inline steps and joins do with values: the operations of kind `inline` (by ``op``) and the shallow merge.

Rule: an operation is a pure function of its visit's inputs; it answers with references (what passes through unchanged
stays the reference it was). A new inline operation is a row of ``OPERATIONS``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from worktrail.contract import template_parts
from worktrail.engine.bind.reading import Values, json_bytes
from worktrail.engine.bind.scope import Names, expression, unary_tests
from worktrail.engine.fold import Run, Visit, counted_values, inputs_of, resolve
from worktrail.errors import AuthorError
from worktrail.events import ListOf, ObjectOf, Path, Ref, moment
from worktrail.feel import to_json

__all__ = ["OPERATIONS", "evaluate_text", "evaluate_value", "merge", "pass_on", "render_template"]


def evaluate_text(text: str, names: Names, now_us: int) -> Any:
    """The JSON value of an expression."""
    return to_json(expression(text).evaluate(names, now=moment(now_us)))


def evaluate_value(value: Any, names: Names, now_us: int) -> Any:
    """A config value: strings that begin with ``=`` are expressions, inside lists and objects too; the rest is literal."""
    if isinstance(value, str):
        return evaluate_text(value, names, now_us) if value.startswith("=") else value
    if isinstance(value, dict):
        return {key: evaluate_value(one, names, now_us) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [evaluate_value(one, names, now_us) for one in value]
    return value


def render_template(text: Any, names: Names, now_us: int) -> Any:
    """A template's text: strings as they are, numbers by their digits, everything else as JSON."""
    if not isinstance(text, str):
        return evaluate_value(text, names, now_us)
    pieces = []
    for part in template_parts(text):
        value = evaluate_text(part.text, names, now_us) if part.expression else part.text
        pieces.append(value if isinstance(value, str) else json_bytes(value).decode())
    return "".join(pieces)


def pass_on(run: Run, visit: Visit, *names: str) -> Ref:
    """The symbol of what arrived: the first of the named ports that has a value, else the only one."""
    inputs = inputs_of(run, visit.scope, visit.step)
    for name in (*names, "input"):
        if name in inputs:
            return inputs[name]
    return next(iter(inputs.values()))


def _evaluate(run: Run, visit: Visit, names: Names, values: Values) -> tuple[dict[str, Ref], None]:
    config = visit.step.lock.config
    port = visit.step.lock.outs[0]
    text = config.get("expression")
    if text is not None:
        if text.strip() in {"input", "output"} and "input" in names:
            return {port: pass_on(run, visit)}, None
        return {port: values.write(evaluate_text(text, names, run.now_us))}, None
    return {port: values.write(evaluate_value(config["mapping"], names, run.now_us))}, None


def _choose_bool(run: Run, visit: Visit, names: Names, values: Values) -> tuple[dict[str, Ref], None]:
    verdict = evaluate_text(visit.step.lock.config["expression"], names, run.now_us)
    if not isinstance(verdict, bool):
        raise AuthorError("FEEL_TYPE", f"a condition must be true or false, this one is {_shown(verdict)}")
    return {"true" if verdict else "false": pass_on(run, visit)}, None


def _choose_case(run: Run, visit: Visit, names: Names, values: Values) -> tuple[dict[str, Ref], None]:
    config = visit.step.lock.config
    value = expression(config.get("value", "=input")).evaluate(names, now=moment(run.now_us))
    for case in config["cases"]:
        if unary_tests(case["when"]).test(value, names, moment(run.now_us)) is True:
            return {case["port"]: pass_on(run, visit)}, None
    return {"default": pass_on(run, visit)}, None


def _copy(run: Run, visit: Visit, names: Names, values: Values) -> tuple[dict[str, Ref], None]:
    ref = pass_on(run, visit)
    return dict.fromkeys(visit.step.lock.outs, ref), None


def _publish(run: Run, visit: Visit, names: Names, values: Values) -> tuple[dict[str, Ref], tuple[str, Ref]]:
    config = visit.step.lock.config
    payload = config.get("payload", "=input")
    ref = pass_on(run, visit) if payload == "=input" else values.write(evaluate_value(payload, names, run.now_us))
    return {visit.step.lock.outs[0]: pass_on(run, visit)}, (config["event"], ref)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


Operation = Callable[[Run, Visit, Names, Values], tuple[dict[str, Ref], tuple[str, Ref] | None]]

OPERATIONS: dict[str, Operation] = {
    "evaluate": _evaluate,
    "choose_bool": _choose_bool,
    "choose_case": _choose_case,
    "copy": _copy,
    "publish": _publish,
}


def merge(run: Run, visit: Visit, values: Values) -> dict[str, Ref]:
    """R9: what a join delivers; only the shallow merge reads values. `unmet` carries the list."""
    join = visit.step.lock.join
    counted = visit.counted or []
    assert join is not None
    refs = counted_values(visit.scope, counted)
    if visit.unmet:
        return {"unmet": ListOf(refs)}
    if join.merge == "shallow":
        return {"output": _shallow_merge(run, visit, values)}
    if join.merge == "list":
        return {"output": ListOf(refs)}
    if join.merge == "first":
        return {"output": refs[0]}
    return {"output": ObjectOf(dict(zip((visit.step.merge_keys[n] for n in counted), refs, strict=True)))}


def _shallow_merge(run: Run, visit: Visit, values: Values) -> Ref:
    """R9 shallow: one object of all top-level keys; a shared key, or a value that is no object, is MERGE_CONFLICT."""
    merged: dict[str, Ref] = {}
    owners: dict[str, str] = {}
    symbols = counted_values(visit.scope, visit.counted or [])
    for number, symbol in zip(visit.counted or [], symbols, strict=True):
        name = visit.step.merge_keys[number]
        value = values.read(resolve(run, symbol))
        if not isinstance(value, dict):
            raise AuthorError("MERGE_CONFLICT", f"shallow merge takes objects; '{name}' delivered {_shown(value)}")
        for key in value:
            if key in merged:
                raise AuthorError("MERGE_CONFLICT", f"'{owners[key]}' and '{name}' both deliver the key '{key}'")
            escaped = key.replace("~", "~0").replace("/", "~1")
            merged[key] = Path(symbol, f"/{escaped}")
            owners[key] = name
    return ObjectOf(merged)
