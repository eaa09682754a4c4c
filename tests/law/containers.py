"""Maps and loops, for the oracle: how they begin their items and rounds, go on and end (RULES §2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.law.scope import Json, Scope, StrictError, Visit, evaluate

if TYPE_CHECKING:
    from tests.law.oracle import Interpreter


def advance(oracle: Interpreter, visit: Visit) -> bool:
    """Move a map or loop on; False if it waits for what is inside it."""
    scope, step_id, inside = visit.scope, visit.step_id, visit.inside
    assert inside is not None
    running = [inner for inner in inside if inner.busy()]
    if running and (visit.cancelled or visit.failing):
        return False
    if visit.cancelled:
        oracle.end(scope, step_id, "cancelled")
    elif visit.failing:
        oracle.give_up(scope, step_id, visit.failing)
    elif scope.steps[step_id]["step_type"] == "map":
        return _advance_map(oracle, visit, inside, running)
    elif running:
        return False
    else:
        _advance_loop(oracle, visit, inside)
    return True


def _advance_map(oracle: Interpreter, visit: Visit, inside: list[Scope], running: list[Scope]) -> bool:
    config, items = visit.scope.steps[visit.step_id]["config"], visit.inputs["input"]
    mode, verdicts = config.get("on_item_failure", "fail"), [inner.verdict() for inner in inside]
    if mode == "fail" and any(not inner.busy() and not good for inner, (good, _) in zip(inside, verdicts, strict=True)):
        visit.failing = "ITEM_FAILED"
        oracle.doom_inside(visit)
    elif len(inside) < len(items) and len(running) < config.get("concurrency", 16):
        enter_next(oracle, visit, inside, items[len(inside)])
    elif running:
        return False
    else:
        answer = {"results": [value if good else None for good, value in verdicts if good or mode == "collect"]}
        wrong = [{"index": k, "error": {"code": code}} for k, (good, code) in enumerate(verdicts, 1) if not good]
        oracle.complete(visit.scope, visit.step_id, answer | ({"errors": wrong} if mode == "collect" else {}))
    return True


def _advance_loop(oracle: Interpreter, visit: Visit, inside: list[Scope]) -> None:
    scope, step_id, config = visit.scope, visit.step_id, visit.scope.steps[visit.step_id]["config"]
    if not inside:
        return enter_next(oracle, visit, inside, visit.inputs.get("input"))
    good, result = inside[-1].verdict()
    if not good:
        return oracle.give_up(scope, step_id, "ITEM_FAILED")
    try:
        done = evaluate(config["until"], {"result": result, "index": len(inside)})
    except StrictError:
        return oracle.give_up(scope, step_id, "EXPRESSION_ERROR")
    if done or len(inside) == config["max"]:
        return oracle.complete(scope, step_id, {"output" if done else "exhausted": result})
    return enter_next(oracle, visit, inside, result)


def enter_next(oracle: Interpreter, visit: Visit, inside: list[Scope], given: Json) -> None:
    prefix = f"{visit.scope.prefix}{visit.step_id}#{len(inside) + 1}/"
    body = visit.scope.steps[visit.step_id]["config"]["body"]
    inside.append(oracle.enter(body, prefix, given, visit.scope.on_failure))
