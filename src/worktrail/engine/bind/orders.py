"""``bind``: answers a bind order; the only place where values meet decisions, and it stands outside ``decide``.

Rule (RULES §3): pure and idempotent; ``now()`` and ``today()`` are the recorded time of the decision that made the order.
An error of an expression is part of the answer (EXPRESSION_ERROR, CONDITION_ERROR), never an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from worktrail.engine.bind.operations import OPERATIONS, evaluate_text, evaluate_value, merge, pass_on
from worktrail.engine.bind.reading import Values
from worktrail.engine.bind.scope import Names, expression
from worktrail.engine.commands import Bound, Verdicts
from worktrail.engine.decide.scopes import scope_result
from worktrail.engine.fold import Run, Visit, failure_of, resolve, resolved_inputs
from worktrail.engine.plan import ERROR_PORT
from worktrail.errors import AuthorError, WorktrailError
from worktrail.events import ErrorInfo, Failure, ObjectOf, Ref, moment
from worktrail.feel import compile_expression

__all__ = ["SchemaCheck", "bind", "expression_error", "failure_facts", "verdicts_at"]

_OWN_CODES = frozenset(("MERGE_CONFLICT", "VALUE_TOO_LARGE"))
# (schema, value) → problems, each a sentence. Comes in as an argument: the checker loads sockets.
SchemaCheck = Callable[[dict[str, Any], Any], Sequence[str]]


def bind(run: Run, visit_id: str, phase: str, values: Values, check: SchemaCheck) -> Bound:
    """The answer to the order ``(visit, phase)`` that ``outstanding`` names."""
    if phase == "result":
        return _result(run, values, check)
    visit = run.open[visit_id]
    return _PHASES[phase](run, visit, values)


def expression_error(error: Exception, what: str) -> ErrorInfo:
    """EXPRESSION_ERROR with the place; what is no fault of the expression keeps its own code."""
    if isinstance(error, WorktrailError):
        code = error.code if error.code in _OWN_CODES else "EXPRESSION_ERROR"
        details = {"cause": error.code, **{key: value for key, value in (error.details or {}).items() if _plain(value)}}
        return ErrorInfo(code, f"{what}: {error.message}", hint=error.hint or None, details=details)
    return ErrorInfo("EXPRESSION_ERROR", f"{what}: {error}")


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool) or value is None


_CAUGHT = (WorktrailError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError)


# --- conditions -------------------------------------------------------------------------------------------------------


def verdicts_at(run: Run, visit: Visit, outputs: Mapping[str, Ref], values: Values) -> Verdicts | None:
    """R12: all conditions of the delivered ports, evaluated once, late edges too. Null where no condition stands there."""
    step = visit.step
    if not step.guarded:
        return None
    found: Verdicts = {}
    edges = visit.scope.graph.edges
    for port, numbers in step.guarded.items():
        if port not in outputs:
            continue
        for n in numbers:
            names = Names(run, values, visit.scope, visit).with_outputs(outputs)
            found[n] = _verdict(edges[n].condition or "", names, outputs[port], values, run.now_us)
    return found


def _verdict(text: str, names: Names, ref: Ref, values: Values, now_us: int) -> bool | ErrorInfo:
    try:
        compiled = expression(text)
        if any(path[0] == "value" for path in compiled.paths):
            names["value"] = values.read(ref)
        verdict = compiled.evaluate(names, now=moment(now_us))
    except _CAUGHT as error:
        cause = expression_error(error, f"condition `{text}`")
        return ErrorInfo("CONDITION_ERROR", cause.error_message, hint=cause.hint, details=cause.details)
    if isinstance(verdict, bool):
        return verdict
    return ErrorInfo("CONDITION_ERROR", f"condition `{text}` is not true or false")


def failure_facts(run: Run, visit: Visit, error: ErrorInfo, values: Values) -> tuple[Verdicts | None, dict[str, Ref] | None]:
    """What a failed attempt brings along: the verdicts of the error edges, and the value of an expression `continue_with`."""
    carried: dict[str, Ref] | None = None
    if visit.step.policy.continue_expression:
        bound = _carry(run, visit, error, values)
        if bound.error is None and bound.outputs is not None:
            return bound.verdicts, bound.outputs
    if ERROR_PORT not in visit.step.guarded:
        return None, carried
    return verdicts_at(run, visit, {ERROR_PORT: failure_of(run, visit, error)}, values), carried


# --- at the start -----------------------------------------------------------------------------------------------------


def _start(run: Run, visit: Visit, values: Values) -> Bound:
    kind = visit.step.kind
    try:
        return _START[kind](run, visit, Names(run, values, visit.scope, visit), values)
    except _CAUGHT as error:
        return Bound(visit.id, "start", error=expression_error(error, f"step '{visit.id}'"))


def _start_inline(run: Run, visit: Visit, names: Names, values: Values) -> Bound:
    outputs, publish = OPERATIONS[visit.step.lock.op](run, visit, names, values)
    return Bound(visit.id, "start", outputs, _verdicts_of(run, visit, outputs, values), publish=publish)


def _start_join(run: Run, visit: Visit, names: Names, values: Values) -> Bound:
    outputs = merge(run, visit, values)
    return Bound(visit.id, "start", outputs, _verdicts_of(run, visit, outputs, values))


def _verdicts_of(run: Run, visit: Visit, outputs: Mapping[str, Ref], values: Values) -> Verdicts | None:
    if not visit.step.guarded:
        return None
    return verdicts_at(run, visit, {port: resolve(run, ref) for port, ref in outputs.items()}, values)


def _start_map(run: Run, visit: Visit, names: Names, values: Values) -> Bound:
    config = visit.step.lock.config
    text = config.get("items", "=input")
    items = evaluate_text(text, names, run.now_us)
    if not isinstance(items, list):
        raise AuthorError("FEEL_TYPE", "`items` of a map must be a list")
    symbol = pass_on(run, visit)
    ref = symbol if text.replace(" ", "") in {"=input", "input"} else values.write(items)
    concurrency = config.get("concurrency", 16)
    if isinstance(concurrency, str):
        concurrency = evaluate_text(concurrency, names, run.now_us)
    if isinstance(concurrency, bool) or not isinstance(concurrency, int) or concurrency < 1:
        raise AuthorError("FEEL_TYPE", "`concurrency` of a map must be a whole number from 1")
    return Bound(visit.id, "start", items=ref, count=len(items), concurrency=concurrency)


def _start_child(run: Run, visit: Visit, names: Names, values: Values) -> Bound:
    config = visit.step.lock.config
    if "input" not in config:
        return Bound(visit.id, "start", value=pass_on(run, visit))
    return Bound(visit.id, "start", value=values.write(evaluate_value(config["input"], names, run.now_us)))


def _start_timer(run: Run, visit: Visit, names: Names, values: Values) -> Bound:
    config = visit.step.lock.config
    if "duration" in config:
        due_us = _after(config["duration"], names, run.now_us)
    else:
        due_us = _at(config["until"], names, run.now_us)
    return Bound(visit.id, "start", due_us=max(due_us, run.now_us))


def _after(text: str, names: Names, now_us: int) -> int:
    """Now plus a duration, by the calendar for years and months."""
    inner = text[1:] if text.startswith("=") else f'"{text}"'
    value = compile_expression(f"{{d: {inner}, r: now() + (if d instance of string then duration(d) else d)}}.r")
    return _instant_us(value.evaluate(names, now=moment(now_us)))


def _at(text: str, names: Names, now_us: int) -> int:
    inner = text[1:] if text.startswith("=") else f'"{text}"'
    value = compile_expression(f"{{d: {inner}, r: if d instance of string then date and time(d) else d}}.r")
    return _instant_us(value.evaluate(names, now=moment(now_us)))


def _instant_us(value: Any) -> int:
    if isinstance(value, datetime):
        return (value - moment(0)) // timedelta(microseconds=1)
    instant = getattr(value, "instant", None)
    if not isinstance(instant, int):
        raise AuthorError("FEEL_TYPE", f"a wait needs a date and time or a duration, not {value!r}")
    return instant // 1000


_FORM = ("title", "description", "assignee_ref", "options", "candidate_groups", "priority", "escalation_chain", "timeout_hours")


def _start_human(run: Run, visit: Visit, names: Names, values: Values) -> Bound:
    config = visit.step.lock.config
    spec = dict(config)
    for name in _FORM:
        if name in config:
            spec[name] = evaluate_value(config[name], names, run.now_us)
    fields: dict[str, Ref] = {"spec": values.write(spec), "data": pass_on(run, visit, "data")}
    return Bound(visit.id, "start", value=ObjectOf(fields))


_START = {
    "inline": _start_inline,
    "join": _start_join,
    "map": _start_map,
    "child": _start_child,
    "timer": _start_timer,
    "human": _start_human,
}


# --- at the end -------------------------------------------------------------------------------------------------------


def _end(run: Run, visit: Visit, values: Values) -> Bound:
    assert visit.answered is not None
    status, outputs, *_ = visit.answered
    refs: dict[str, Ref] = {ERROR_PORT: Failure(visit.id)} if status == "failed" else dict(outputs or {})
    return Bound(visit.id, "end", verdicts=_verdicts_of(run, visit, refs, values) or {})


def _until(run: Run, visit: Visit, values: Values) -> Bound:
    """A loop's `until` over ``result`` and ``index``."""
    scope = next(one for one in run.scopes.values() if one.owner is visit)
    result = scope_result(scope)
    assert result is not None
    text = str(visit.step.lock.config["until"])
    names = Names(run, values, visit.scope, visit)
    try:
        names["index"] = scope.number
        names["result"] = values.read(resolve(run, result))
        names["outer"] = _read_all(resolved_inputs(run, visit), values)
        done = expression(text).evaluate(names, now=moment(run.now_us))
    except _CAUGHT as error:
        return Bound(visit.id, "until", error=expression_error(error, f"`until` of '{visit.id}'"))
    if not isinstance(done, bool):
        error_info = ErrorInfo("EXPRESSION_ERROR", f"`until` of '{visit.id}' is not true or false")
        return Bound(visit.id, "until", error=error_info)
    return Bound(visit.id, "until", done=done)


def _read_all(refs: Mapping[str, Ref], values: Values) -> dict[str, Any]:
    return {name: values.read(ref) for name, ref in refs.items()}


def _continue(run: Run, visit: Visit, values: Values) -> Bound:
    assert visit.answered is not None and visit.answered[2] is not None
    return _carry(run, visit, visit.answered[2], values)


def _carry(run: Run, visit: Visit, error: ErrorInfo, values: Values) -> Bound:
    """`continue_with` as an expression over ``error``, ``inputs``, ``input``."""
    step = visit.step
    names = Names(run, values, visit.scope, visit)
    names["error"] = {key: one for key, one in error.to_dict().items() if key != "stack_trace"}
    try:
        value = evaluate_value(step.policy.continue_with, names, run.now_us)
        data = [port for port in step.lock.outs if port not in step.outcomes]
        if len(data) == 1:
            outputs = {data[0]: values.write(value)}
        elif isinstance(value, dict) and value and set(value) <= set(data):
            outputs = {port: values.write(one) for port, one in value.items()}
        else:
            raise AuthorError("FEEL_TYPE", f"continue_with must be an object of the ports {', '.join(data)}")
    except _CAUGHT as wrong:
        return Bound(visit.id, "continue", error=expression_error(wrong, f"continue_with of '{visit.id}'"))
    return Bound(visit.id, "continue", outputs, _verdicts_of(run, visit, outputs, values))


def _result(run: Run, values: Values, check: SchemaCheck) -> Bound:
    """The run's output against its output_schema."""
    result = scope_result(run.root)
    schema = run.plan.lock.output_schema
    assert result is not None and schema is not None
    problems = check(schema, values.read(resolve(run, result)))
    if problems:
        return Bound("", "result", error=ErrorInfo("OUTPUT_INVALID", f"the outputs do not fit output_schema: {problems[0]}"))
    return Bound("", "result", value=result)


_PHASES = {"start": _start, "end": _end, "until": _until, "continue": _continue}
