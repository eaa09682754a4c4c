"""What may answer, for the oracle, and what follows: attempts and their effects, waits, people's tasks, child runs, incidents and
their repairs (R5, R6, R8, R10 to R12, RULES §2).

What may answer, by its name, and what it may say:

| name | waits | says |
|---|---|---|
| `visit` | an attempt | ("deliver", {port: value}), ("fail", code, recoverable, not_executed), ("lost",), ("late",) |
| | a wait | ("due",) |
| | a task | ("decided", port, value), ("withdrawn",) |
| | a child run | ("completed", value), ("failed",), ("withdrawn",) |
| `visit-` | a task or child run that was asked to end | the same |
| `visit@` | the deadline of a visit | nothing: it passes |
| `visit~` | the probe of `verify` | ("executed", {port: value}), ("not_executed",), ("unknown",) |
| `visit!` | an incident of a visit | ("retry",), ("deliver", {port: value}), ("skip",), ("fail",) |
| `visit?3` | edge 3 of a visit, whose condition failed | ("true",), ("false",) |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.law.scope import ASKED, Json, Scope, Visit, max_attempts, valid

if TYPE_CHECKING:
    from tests.law.oracle import Interpreter

Waiting = dict[str, Visit | tuple[Scope, int]]


def waiting(oracle: Interpreter) -> Waiting:
    """Whatever the run waits for, by name."""
    marks = {visit: "~" if visit.probing else "-" if visit.is_withdrawn() else "" for visit in oracle.work}
    names: Waiting = {f"{visit.scope.prefix}{visit.step_id}{mark}": visit for visit, mark in marks.items()}
    for scope in oracle.scopes:
        timed = [visit for visit in scope.open.values() if "deadline_s" in visit.policy and not visit.overdue]
        names |= {f"{scope.prefix}{visit.step_id}@": visit for visit in timed if visit.incident is None}
        names |= {f"{scope.prefix}{s}!": visit for s, visit in scope.open.items() if visit.incident is not None}
        names |= {f"{scope.prefix}{scope.edges[i]['source_step']}?{i}": (scope, i) for i in scope.asked}
    return names


def answer(oracle: Interpreter, name: str, names: Waiting, answers: Callable[[str, int, dict[str, Json]], Any]) -> None:
    found = names[name]
    if isinstance(found, tuple):
        _say(*found, answers(name, 1, {}))
    elif name.endswith("@"):
        _pass_deadline(oracle, found)
    elif found.incident is not None:
        _repair(oracle, found, answers(name, oracle.asked[name[:-1]], {"code": found.incident}))
    elif found.probing:
        _probed(oracle, found, answers(name, found.attempt, {}))
    elif found.step["step_type"] in ASKED | {"wait"}:
        _ended(oracle, found, answers(name, found.attempt, found.inputs))
    else:
        _attempt(oracle, found, answers(name, found.attempt, found.inputs))


def ask(oracle: Interpreter, scope: Scope, step_id: str, code: str) -> None:
    """R11: the visit and its edges stay open, others go on."""
    visit = scope.open.get(step_id) or Visit(scope, step_id, {})
    oracle.work = [one for one in oracle.work if one is not visit]
    scope.state[step_id], scope.open[step_id], visit.incident = "open", visit, code
    oracle.asked[scope.prefix + step_id] = oracle.asked.get(scope.prefix + step_id, 0) + 1


def _attempt(oracle: Interpreter, visit: Visit, answer: tuple[Any, ...]) -> None:
    scope, step, effect = visit.scope, visit.step, visit.policy.get("effect")
    if answer[0] == "deliver" and valid(step, answer[1]):
        oracle.complete(scope, visit.step_id, answer[1])
    elif answer[0] == "deliver":
        _failed(oracle, visit, "ANSWER_INVALID", recoverable=True, not_executed=False)
    elif answer[0] == "fail":
        _failed(oracle, visit, answer[1], recoverable=answer[2], not_executed=answer[3])
    elif effect == "verify":
        visit.probing = True
    elif effect == "once" and visit.cancelled:
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
    allowed = recoverable and visit.failures < max_attempts(oracle.segment, visit.step)
    again = allowed and not visit.cancelled and not visit.overdue
    if again and (visit.policy.get("effect") != "once" or not_executed):
        visit.attempt += 1
    else:
        oracle.give_up(visit.scope, visit.step_id, code)


def _probed(oracle: Interpreter, visit: Visit, answer: tuple[Any, ...]) -> None:
    visit.probing = False
    if answer[0] == "executed":
        _attempt(oracle, visit, ("deliver", answer[1]))
    elif answer[0] == "not_executed":
        code = "DEADLINE_EXCEEDED" if visit.overdue else "ATTEMPT_LOST"
        _failed(oracle, visit, code, recoverable=True, not_executed=True)
    else:
        oracle.give_up(visit.scope, visit.step_id, "ATTEMPT_LOST")


def _ended(oracle: Interpreter, visit: Visit, answer: tuple[Any, ...]) -> None:
    """A time has come, a person has decided, a child run has ended. What was asked to end ends, whatever it says (R10)."""
    scope, step_id = visit.scope, visit.step_id
    if visit.cancelled:
        oracle.end(scope, step_id, "cancelled")
    elif visit.failing is not None:
        oracle.give_up(scope, step_id, visit.failing)
    elif answer[0] == "due":
        oracle.complete(scope, step_id, {"output": visit.inputs["input"]})
    elif answer[0] == "completed":
        oracle.complete(scope, step_id, {"output": answer[1]})
    elif answer[0] == "decided":
        oracle.complete(scope, step_id, {answer[1]: answer[2]})
    elif answer[0] == "failed":
        _failed(oracle, visit, "CHILD_FAILED", recoverable=True, not_executed=False)
    else:
        oracle.give_up(scope, step_id, "TASK_CANCELLED" if visit.step["step_type"] == "human_task" else "CHILD_CANCELLED")


def _pass_deadline(oracle: Interpreter, visit: Visit) -> None:
    """`deadline_s`, never retried: a child run, or what is inside, ends first; an uncertain effect stays uncertain."""
    visit.overdue = True
    effect = visit.policy.get("effect")
    if visit.inside is not None or visit.step["step_type"] == "subsegment":
        if not visit.cancelled and visit.failing is None:
            visit.failing = "DEADLINE_EXCEEDED"
            oracle.doom_inside(visit)
    elif visit.cancelled:
        oracle.end(visit.scope, visit.step_id, "cancelled")
    elif effect == "once":
        ask(oracle, visit.scope, visit.step_id, "DEADLINE_EXCEEDED")
    elif effect == "verify":
        visit.probing = True
    else:
        oracle.give_up(visit.scope, visit.step_id, "DEADLINE_EXCEEDED")


def _repair(oracle: Interpreter, visit: Visit, answer: tuple[Any, ...]) -> None:
    scope, step_id, code = visit.scope, visit.step_id, str(visit.incident)
    visit.incident = None
    if answer[0] == "retry":
        prefix = f"{scope.prefix}{step_id}#"
        oracle.scopes = [one for one in oracle.scopes if not one.prefix.startswith(prefix)]
        oracle.out.counted = {name: edges for name, edges in oracle.out.counted.items() if not name.startswith(prefix)}
        oracle.out.errors = {name: code for name, code in oracle.out.errors.items() if not name.startswith(prefix)}
        oracle.start(scope, step_id, scope.bound(step_id, scope.arrived(step_id)) or {})
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
