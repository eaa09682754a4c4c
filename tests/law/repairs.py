"""Work whose effect is uncertain, and incidents with their repairs, for the oracle (R10 to R12, effects).

What may answer, by its name, and what it may say:

| name | waits | says |
|---|---|---|
| `visit` | an attempt | ("deliver", {port: value}), ("fail", code, recoverable, not_executed), ("lost",), ("late",) |
| `visit~` | the probe of `verify` | ("executed", {port: value}), ("not_executed",), ("unknown",) |
| `visit!` | an incident of a visit | ("retry",), ("deliver", {port: value}), ("skip",), ("fail",) |
| `visit?3` | edge 3 of a visit, whose condition failed | ("true",), ("false",) |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.law.scope import Json, Scope, Visit, max_attempts, valid

if TYPE_CHECKING:
    from tests.law.oracle import Interpreter

Waiting = dict[str, Visit | tuple[Scope, int]]


def waiting(oracle: Interpreter) -> Waiting:
    """Whatever the run waits for, by name."""
    names: Waiting = {f"{visit.scope.prefix}{visit.step_id}{'~' * visit.probing}": visit for visit in oracle.work}
    for scope in oracle.scopes:
        names |= {f"{scope.prefix}{s}!": visit for s, visit in scope.open.items() if visit.incident is not None}
        names |= {f"{scope.prefix}{scope.edges[i]['source_step']}?{i}": (scope, i) for i in scope.asked}
    return names


def answer(oracle: Interpreter, name: str, names: Waiting, answers: Callable[[str, int, dict[str, Json]], Any]) -> None:
    found = names[name]
    if isinstance(found, tuple):
        _say(*found, answers(name, 1, {}))
    elif found.incident is not None:
        _repair(oracle, found, answers(name, oracle.asked[name[:-1]], {"code": found.incident}))
    elif found.probing:
        _probed(oracle, found, answers(name, found.attempt, {}))
    else:
        _attempt(oracle, found, answers(name, found.attempt, found.inputs))


def ask(oracle: Interpreter, scope: Scope, step_id: str, code: str) -> None:
    """R11: the visit and its edges stay open, others go on."""
    visit = scope.open.get(step_id) or Visit(scope, step_id, {})
    oracle.work = [one for one in oracle.work if one is not visit]
    scope.state[step_id], scope.open[step_id], visit.incident = "open", visit, code
    oracle.asked[scope.prefix + step_id] = oracle.asked.get(scope.prefix + step_id, 0) + 1


def _effect(visit: Visit) -> str:
    return str((visit.scope.steps[visit.step_id].get("policy") or {}).get("effect", "repeatable"))


def _attempt(oracle: Interpreter, visit: Visit, answer: tuple[Any, ...]) -> None:
    scope, step, effect = visit.scope, visit.scope.steps[visit.step_id], _effect(visit)
    if answer[0] == "deliver" and valid(step, answer[1]):
        oracle.complete(scope, visit.step_id, answer[1])
    elif answer[0] == "deliver":
        _failed(oracle, visit, "ANSWER_INVALID", recoverable=True, not_executed=False)
    elif answer[0] == "fail":
        _failed(oracle, visit, answer[1], recoverable=answer[2], not_executed=answer[3])
    elif effect == "verify":
        visit.probing = True
    elif effect == "once" and visit.awaited:
        oracle.end(scope, visit.step_id, "cancelled")
    elif effect == "once":
        ask(oracle, scope, visit.step_id, "ATTEMPT_LOST" if answer[0] == "lost" else "ATTEMPT_TIMED_OUT")
    elif answer[0] == "late":
        _failed(oracle, visit, "ATTEMPT_TIMED_OUT", recoverable=True, not_executed=False)
    else:
        visit.attempt += 1


def _failed(oracle: Interpreter, visit: Visit, code: str, *, recoverable: bool, not_executed: bool) -> None:
    """A failed attempt: again if retry allows it; `once` only if it was certainly not executed."""
    visit.failures += 1
    step = visit.scope.steps[visit.step_id]
    again = recoverable and visit.failures < max_attempts(oracle.segment, step) and not visit.awaited
    if again and (_effect(visit) != "once" or not_executed):
        visit.attempt += 1
    else:
        oracle.give_up(visit.scope, visit.step_id, code)


def _probed(oracle: Interpreter, visit: Visit, answer: tuple[Any, ...]) -> None:
    visit.probing = False
    if answer[0] == "executed":
        _attempt(oracle, visit, ("deliver", answer[1]))
    elif answer[0] == "not_executed":
        _failed(oracle, visit, "ATTEMPT_LOST", recoverable=True, not_executed=True)
    else:
        oracle.give_up(visit.scope, visit.step_id, "ATTEMPT_LOST")


def _repair(oracle: Interpreter, visit: Visit, answer: tuple[Any, ...]) -> None:
    scope, step_id, code = visit.scope, visit.step_id, str(visit.incident)
    visit.incident = None
    if answer[0] == "retry":
        prefix = f"{scope.prefix}{step_id}#"
        oracle.scopes = [one for one in oracle.scopes if not one.prefix.startswith(prefix)]
        oracle.out.counted = {name: edges for name, edges in oracle.out.counted.items() if not name.startswith(prefix)}
        oracle.start(scope, step_id, scope.steps[step_id], scope.bound(step_id, scope.arrived(step_id)) or {})
        if step_id in scope.open:
            scope.open[step_id].attempt = visit.attempt + 1
    elif answer[0] == "deliver":
        oracle.complete(scope, step_id, answer[1])
    elif answer[0] == "skip":
        oracle.end(scope, step_id, "skipped")
    else:
        oracle.fail(scope, step_id, code, by_person=True)


def _say(scope: Scope, edge: int, answer: tuple[Any, ...]) -> None:
    """R12: a person says what the condition is."""
    del scope.asked[edge]
    late = scope.edges[edge]["target_step"] in scope.state
    scope.ends[edge] = "F" if answer[0] == "false" else "L" if late else "D"
