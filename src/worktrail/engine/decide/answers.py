"""Answers: how a visit ends, and what its edges become (R4–R8, R11, R12).

Rule: a visit ends in one event that carries the end of every edge that leaves it. Conditions arrive as verdicts (edge
number → true, false, or an error); where they are needed and not here, the answer is recorded and a bind order stands
open until they are. Order of the questions: the answer itself (R5), retry, `on_error` (R8), edges (R12), outcomes (R6),
handled or not (R7, R11).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b

from worktrail.engine.commands import Verdicts
from worktrail.engine.decide.cancelling import cancel_scope, withdraw
from worktrail.engine.decide.turn import Turn
from worktrail.engine.fold import Scope, Visit, is_cancelling, stopping
from worktrail.engine.plan import ERROR_PORT, StepPlan
from worktrail.engine.rules import FAILED_ATTEMPT, FAILED_VISIT, INTERRUPTED, UNHANDLED, Row
from worktrail.events import (
    Constant,
    ErrorInfo,
    IncidentOpened,
    Path,
    Ref,
    StepAnswered,
    StepCompleted,
    StepFailed,
    StepInterrupted,
    StepRetrying,
    StepSkipped,
    StepTimedOut,
)

__all__ = [
    "attempt_answered",
    "attempt_failed",
    "complete",
    "deadline_exceeded",
    "fail_visit",
    "final_failure",
    "interrupted",
    "timed_out",
]

WORN_AFTER = 5  # attempts that took their process with them before a person is asked
# Failures that no policy can make good: where nothing in the graph takes them, a person is asked instead of the run failing.
ASKED = frozenset(("VALUE_TOO_LARGE",))


# --- edges ------------------------------------------------------------------------------------------------------------


def _missing_verdicts(step: StepPlan, ports: Iterable[str], verdicts: Verdicts | None) -> bool:
    return verdicts is None and any(port in step.guarded for port in ports)


def _ends(turn: Turn, scope: Scope, step: StepPlan, ports: Mapping[str, object], verdicts: Verdicts | None) -> str:
    """The letters of the edges that leave a step (see the event vocabulary), given the ports that delivered."""
    letters = ""
    decided = scope.decided
    for n, edge in step.edges_out:
        if edge.port not in ports:
            letters += "X"
        elif edge.condition is None or (verdict := verdicts[n] if verdicts else False) is True:
            letters += "L" if decided[edge.target] else "D"
        else:
            asks = scope.graph.policy.on_failure == "incident" and not _is_closed(turn, scope)
            letters += "F" if verdict is False else "O" if asks else "E"
    return letters


def _condition_errors(step: StepPlan, ends: str, verdicts: Verdicts | None) -> dict[str, ErrorInfo] | None:
    if verdicts is None or ("E" not in ends and "O" not in ends):
        return None
    return {
        str(n): verdict
        for (n, _), letter in zip(step.edges_out, ends, strict=True)
        if letter in {"E", "O"} and isinstance(verdict := verdicts[n], ErrorInfo)
    }


def _open_conditions(turn: Turn, visit_id: str, step: StepPlan, ends: str, errors: dict[str, ErrorInfo] | None) -> None:
    """R12 under `incident`: the failed edges are open until a person says true or false."""
    if "O" not in ends or not errors:
        return
    edges = [n for (n, _), letter in zip(step.edges_out, ends, strict=True) if letter == "O"]
    turn.emit(IncidentOpened(f"{visit_id}!{turn.run.seq + 1}", visit_id, "condition", next(iter(errors.values())), edges))


# --- success ----------------------------------------------------------------------------------------------------------


def attempt_answered(turn: Turn, visit: Visit, outputs: dict[str, Ref], verdicts: Verdicts | None) -> None:
    """A handler's answer. R5: an unknown port, or none unless the type may be silent, fails the attempt."""
    step = visit.step
    if len(outputs) != 1 or step.lock.outs[0] not in outputs:
        unknown = [port for port in outputs if port not in step.lock.outs]
        if unknown or (not outputs and not step.lock.silent):
            told = f"unknown port '{unknown[0]}'" if unknown else "no port at all"
            names = ", ".join(step.lock.outs)
            error = ErrorInfo("ANSWER_INVALID", f"step '{visit.id}' answered {told}; its ports are: {names}", recoverable=True)
            attempt_failed(turn, visit, error, None)
            return
    complete(turn, visit, outputs, verdicts)


def complete(
    turn: Turn, visit: Visit, outputs: dict[str, Ref], verdicts: Verdicts | None, error: ErrorInfo | None = None
) -> None:
    """The visit delivers these ports (with ``error`` where `continue_with` made them)."""
    step = visit.step
    scope = visit.scope
    if step.guarded and _missing_verdicts(step, outputs, verdicts):
        turn.emit(StepAnswered(visit.id, "completed", outputs, error))
        return
    ends = _ends(turn, scope, step, outputs, verdicts) if step.edges_out else ""
    if step.outcomes and (port := _unhandled_outcome(scope, step, outputs, ends)) is not None:
        message = f"'{visit.id}' ended in its outcome '{port}' and no edge takes it"
        fail_visit(turn, visit.id, scope, step, ErrorInfo("UNHANDLED_OUTCOME", message), known=ends)
        return
    errors = None if verdicts is None else _condition_errors(step, ends, verdicts)
    if errors is None:
        turn.emit(StepCompleted(visit.id, outputs, ends, error))
        return
    stops = "E" in ends and _unhandled(turn, scope).then == "cancel"
    turn.emit(StepCompleted(visit.id, outputs, ends, error, errors, stops=stops or None))
    _open_conditions(turn, visit.id, step, ends, errors)
    if stops:
        cancel_scope(turn, scope)


def _is_closed(turn: Turn, scope: Scope) -> bool:
    """Whether the scope as a whole is being cancelled: nobody is asked any more (R11)."""
    return stopping(scope) != "" or turn.run.status == "cancelling"


def _unhandled(turn: Turn, scope: Scope, *, handled: bool = False, final: bool = True, asked: bool = False) -> Row:
    """R7, R11: what a failure in this scope brings about. ``final``: no incident is to be opened; ``asked``: one is."""
    policy = scope.graph.policy.on_failure
    return UNHANDLED[handled, _is_closed(turn, scope), (policy == "incident" or asked) and not final, policy == "cancel_rest"]


def _unhandled_outcome(scope: Scope, step: StepPlan, outputs: Mapping[str, Ref], ends: str) -> str | None:
    """R6: the outcome that fired and that nobody takes, if any."""
    for port in outputs:
        if port not in step.outcomes:
            continue
        letters = [letter for (_, edge), letter in zip(step.edges_out, ends, strict=True) if edge.port == port]
        if any(letter in "DLEO" for letter in letters):
            continue
        only_errors = step.ports_with_edges <= {ERROR_PORT}
        named = scope.graph.lock.outputs
        told = named is None or any(where == (step.index, port) for where in map(tuple, named.values()))
        if only_errors and told:
            continue
        return port
    return None


# --- failure ----------------------------------------------------------------------------------------------------------


def attempt_failed(
    turn: Turn, visit: Visit, error: ErrorInfo, verdicts: Verdicts | None, carried: dict[str, Ref] | None = None
) -> None:
    """An attempt ended in a failure: another attempt, or final (R8 and its order). ``carried`` is the value of an expression
    `continue_with`, if the answer brought it along."""
    policy = visit.step.policy
    once = policy.effect == "once"
    taken = error.error_code in policy.on if policy.on else error.recoverable
    limit = max_attempts(turn, visit)
    facts = (is_cancelling(visit), visit.overdue, once, error.not_executed, taken, visit.failures + 1 < limit)
    if FAILED_ATTEMPT[facts].then == "retry":
        delay_us = retry_delay_us(turn, visit, error)
        turn.emit(StepRetrying(visit.id, error, visit.attempt + 1, turn.at_us + delay_us))
        return
    final_failure(turn, visit, error, verdicts, carried)


def max_attempts(turn: Turn, visit: Visit) -> int:
    """Precedence RunConfig > step > segment > type; `once` takes only its step's own."""
    started = turn.run.started
    config = started.config if started is not None else None
    policy = visit.step.policy
    if config is None or config.max_retries is None or policy.effect == "once" or visit.step.kind != "handler":
        return policy.max_attempts
    return config.max_retries + 1


def retry_delay_us(turn: Turn, visit: Visit, error: ErrorInfo) -> int:
    """Exponential back-off with jitter from the run's seed (±20 %), so that replays and forks agree."""
    started = turn.run.started
    policy = visit.step.policy
    delay = policy.delay_s
    if started is not None and started.config is not None and started.config.retry_delay is not None:
        delay = started.config.retry_delay
    delay = min(delay * policy.backoff**visit.failures, policy.max_delay_s)
    told = (error.details or {}).get("retry_after_s")
    if isinstance(told, int | float) and told > delay:
        delay = min(float(told), 3600.0)
    seed = f"{started.seed if started else ''}/{visit.id}/{visit.attempt}".encode()
    share = int.from_bytes(blake2b(seed, digest_size=4).digest(), "big") / 2**32
    return int(delay * (0.8 + 0.4 * share) * 1_000_000)


def final_failure(
    turn: Turn, visit: Visit, error: ErrorInfo, verdicts: Verdicts | None, carried: dict[str, Ref] | None = None
) -> None:
    """No further attempt: `on_error` (R8), else the visit fails."""
    policy = visit.step.policy
    row = FAILED_VISIT[policy.on_error == "skip", policy.on_error == "continue"]
    if row.then == "skip":
        ends = "X" * len(visit.step.out_edges)
        turn.emit(StepSkipped(visit.id, ends, None, row.rule, error))
    elif row.then == "continue":
        if carried is not None:
            complete(turn, visit, carried, verdicts, error)
        else:
            _continue(turn, visit, error)
    else:
        fail_visit(turn, visit.id, visit.scope, visit.step, error, verdicts)


def _continue(turn: Turn, visit: Visit, error: ErrorInfo) -> None:
    """`continue_with`: the literal of the lock, or a bind order where it is an expression."""
    step = visit.step
    if step.policy.continue_expression:
        turn.emit(StepAnswered(visit.id, "continue", None, error))
        return
    place = Constant(f"{step.pointer}/policy/continue_with")
    data = [port for port in step.lock.outs if port not in step.outcomes]
    outputs: dict[str, Ref]
    if len(data) == 1:
        outputs = {data[0]: place}
    else:
        value = step.policy.continue_with
        outputs = {port: Path(place, f"/{port}") for port in (value if isinstance(value, dict) else {})}
    complete(turn, visit, outputs, None, error)


def fail_visit(
    turn: Turn,
    visit_id: str,
    scope: Scope,
    step: StepPlan,
    error: ErrorInfo,
    verdicts: Verdicts | None = None,
    *,
    final: bool = False,
    known: str = "",
) -> None:
    """The visit failed for good. Its `error` edges are worked out; R7 or R11 says what follows.

    ``final``: a person said so, no further incident (R11: then as `finish_rest`). ``known``: the letters of an unhandled
    outcome, whose false conditions stay false."""
    if _missing_verdicts(step, (ERROR_PORT,), verdicts):
        turn.emit(StepAnswered(visit_id, "failed", None, error, known or None))
        return
    ends = _ends(turn, scope, step, {ERROR_PORT: error}, verdicts)
    if known:
        ends = "".join("F" if was == "F" else now for was, now in zip(known, ends, strict=True))
    handled = any(ends[k] in "DL" for k, (_, edge) in enumerate(step.edges_out) if edge.port == ERROR_PORT)
    row = _unhandled(turn, scope, handled=handled, final=final, asked=error.error_code in ASKED)
    if row.then == "incident":
        turn.emit(IncidentOpened(f"{visit_id}!{turn.run.seq + 1}", visit_id, "failure", error))
        return
    errors = _condition_errors(step, ends, verdicts)
    stops = row.then == "cancel" and not final
    if errors and "E" in ends:
        stops = stops or _unhandled(turn, scope).then == "cancel"
    turn.emit(StepFailed(visit_id, error, ends, row.then == "handled", errors, row.rule, stops or None))
    if errors:
        _open_conditions(turn, visit_id, step, ends, errors)
    if stops:
        cancel_scope(turn, scope)


# --- interruption and time --------------------------------------------------------------------------------------------


def interrupted(turn: Turn, visit: Visit, *, parked: bool) -> None:
    """The attempt's process is gone: repeat, probe, or ask a person. One that was told to stop, and repeats what it was at,
    proves nothing against the work."""
    if parked and visit.step.policy.effect == "repeatable":
        turn.emit(StepInterrupted(visit.id, visit.attempt, parked=True))
        return
    message = f"attempt {visit.attempt} of '{visit.id}' was in flight when its process ended"
    if visit.lost >= WORN_AFTER:
        message += f", as {visit.lost} before it"
    _uncertain(turn, visit, ErrorInfo("ATTEMPT_LOST", message), lost=True)


def timed_out(turn: Turn, visit: Visit, limit: str) -> None:
    """`timeout_s` counts as a failed attempt; `deadline_s` is never retried; a `once` in flight is uncertain either way. What is
    inside of a container, and a child run, is asked to end first; then the visit fails."""
    step = visit.step
    running = visit.status in {"running", "probing"}
    turn.emit(StepTimedOut(visit.id, visit.attempt, limit))
    if visit.box is not None:
        cancel_scope_inside(turn, visit)
        return
    if step.kind == "child" and visit.status == "waiting":
        return  # a driver asks the child run
    message = f"'{visit.id}': attempt {visit.attempt} took longer than timeout_s"
    error = ErrorInfo("ATTEMPT_TIMED_OUT", message, recoverable=True) if limit == "attempt" else deadline_exceeded(visit)
    if running and step.kind == "handler" and step.policy.effect != "repeatable":
        _uncertain(turn, visit, error, lost=False)
    elif limit == "attempt":
        attempt_failed(turn, visit, error, None)
    else:
        final_failure(turn, visit, error, None)


def deadline_exceeded(visit: Visit, *, not_executed: bool = False) -> ErrorInfo:
    """The failure of a visit that took too long."""
    return ErrorInfo("DEADLINE_EXCEEDED", f"'{visit.id}': took longer than deadline_s", not_executed=not_executed)


def cancel_scope_inside(turn: Turn, visit: Visit) -> None:
    """A container that must fail: its running items or rounds are cancelled, then it ends (scopes)."""
    for scope in [one for one in turn.run.scopes.values() if one.owner is visit]:
        cancel_scope(turn, scope)
    turn.run.pump.append(visit)


def _uncertain(turn: Turn, visit: Visit, error: ErrorInfo, *, lost: bool) -> None:
    """Nobody knows whether the effect of an attempt in flight happened."""
    effect = visit.step.policy.effect
    row = INTERRUPTED[effect == "once", effect == "verify", visit.lost >= WORN_AFTER]
    if lost or row.then == "probe":
        turn.emit(StepInterrupted(visit.id, visit.attempt, True if row.then == "probe" else None))
    if row.then == "incident":
        turn.emit(IncidentOpened(f"{visit.id}!{turn.run.seq + 1}", visit.id, "uncertain", error))
        if is_cancelling(visit):
            withdraw(turn, visit)
