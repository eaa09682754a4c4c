"""The oracle: a naive interpreter of the activation rules R1 to R13, which the run engine is tested against.

It was written from the text of the rules alone and shares nothing with the engine. It works everything out from the
definition, again and again; clarity is all it is after. An `ErrorInfo` is `{"code": code}` here. Edge ends are D delivered,
L late, X dead, F dead because its condition was false, E dead because its condition was an error.

Where the text leaves room, the oracle reads it so:
 1 one step is decided at a time, innermost scope and first in the document first; then inline steps and joins are worked out, one
   at a time; last begins what goes on elsewhere. What has not begun is not awaited.
 2 an early join counts every edge that is delivered when it is decided, and `rest` follows whenever `any` or `n_of_m` fires.
 3 "cancelled instead of started": a doomed step that would be skipped is skipped; PORT_CONFLICT and `unmet` become cancelled.
 4 `cancel_rest` freezes undecided steps; cancelling a run, an item or a container dooms all steps of the scope (R10 literally).
 5 a cancelled or failing container stays open until the awaited work inside it has answered; what came of it is dropped.
 6 R11 acts at once, before the steps are decided that the same ending would let start.
 7 a visit whose error edge ends in E and that has no other is two failures: its own first, then CONDITION_ERROR.
 8 a compiled `fallback_step` edge is an error edge like any other: it also takes PORT_CONFLICT and UNHANDLED_OUTCOME.
 9 MERGE_CONFLICT and EXPRESSION_ERROR are failed attempts to `on_error`; shallow over anything but objects is MERGE_CONFLICT.
10 only a recoverable failure or ANSWER_INVALID is retried; handlers and child runs retry, and segment.policy.max_retries reaches
   the handlers of bodies; a child that failed is recoverable, one that was cancelled elsewhere is not, nor is a task.
11 a failed round fails its loop with ITEM_FAILED; items that are no list are EXPRESSION_ERROR; `errors` is always there.
12 "run's outputs" in R6 and "run itself" in R9 mean the innermost scope; dominators go over all edges, error edges too.
13 a cancelled run is `cancelled`, whatever failed before or after; an end step counts only if it completed, silent or not. A run
   whose own time limit passes is cancelled the same way and fails with RUN_TIMED_OUT.
14 all joins record what they counted, `unmet` too; m counts edges, compiled ones too; a condition step reads its port `input`.
15 a lost attempt is no failed one; a person's `retry` begins the visit anew, its retries and its deadline too; containers begin
   with no items.
16 a person's `fail` asks no `on_error`: it is the person's word, and the visit's error edges are all that is left (R4).
17 in what is being cancelled nobody is asked: a failure or a condition error is as under `finish_rest`, an awaited `once` that is
   lost or passes its deadline is cancelled. A region is no scope: there a failing answer "counts in full", and so asks.
18 a task or a child run that is cancelled is asked to end and awaited; its visit is cancelled, whatever came of it: a decision
   that was accepted before, a child that completed or failed before, stay facts of the task and of the child (R10: only an
   attempt of `once` counts in full).
19 `deadline_s` ends a visit like a last failed attempt, DEADLINE_EXCEEDED: a container and a child run first end what is inside
   of them, as after a failed item, which a deadline does not overrule; `once` in flight is uncertain, `verify` in flight is
   probed, and nothing is retried after it. While a person is asked no clock decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.law import answering, containers
from tests.law.scope import ASKED, ELSEWHERE, Json, Outcome, Scope, StrictError, Visit, data_ports, evaluate, inline, join_rule


def interpret(
    segment: dict[str, Json],
    answers: Callable[[str, int, dict[str, Json]], tuple[Any, ...]],
    choose: Callable[[list[str]], int],
    *,
    run_input: Json = 1,
    cancel_after: int | None = None,
    timed_out: bool = False,
    counted: dict[str, list[int]] | None = None,
) -> Outcome:
    """Run a segment to its end.

    `answers(name, number, facts)` is what comes from outside next; `choose(names)` is the index of the one it comes to. A name is
    that of a running attempt, of a probe or of an incident, and `tests.law.answering` says what each may answer. The run is
    cancelled, or its own time limit passes (`timed_out`), when `cancel_after` answers have come and something is still open.
    `counted` prescribes what early joins count:
    they wait for exactly these edges, and the others count as late.
    """
    return Interpreter(segment, counted or {}).run(answers, choose, run_input, (cancel_after, timed_out))


class Interpreter:
    def __init__(self, segment: dict[str, Json], counted: dict[str, list[int]]) -> None:
        self.segment, self.prescribed, self.out = segment, counted, Outcome()
        self.scopes: list[Scope] = []
        self.work: list[Visit] = []  # what was decided to start and has not ended, containers apart, in this order
        self.asked: dict[str, int] = {}  # how often a person was asked about a visit

    def run(self, answers: Callable[..., Any], choose: Callable[..., int], given: Json, stop: tuple[int | None, bool]) -> Outcome:
        root, out, answered = self.enter(self.segment, "", given, "cancel_rest"), self.out, 0
        if any(not root.inbound[s] and root.lacks(s, root.arrived(s)) for s in root.steps):
            return Outcome(status="refused", error="INPUT_INVALID")
        self.settle()
        while names := answering.waiting(self):
            if answered == stop[0] and not out.status:
                out.status, out.error = ("failed", "RUN_TIMED_OUT") if stop[1] else ("cancelled", None)
                self.doom(root)
                self.settle()
                continue
            out.waits.append(sorted(names))
            answering.answer(self, list(names)[choose(list(names))], names, answers)
            answered += 1
            self.settle()
        good, value = root.verdict()
        if not out.status:
            out.status, out.result, out.error = ("completed", value, None) if good else ("failed", None, value)
        out.failures = root.failures
        for scope in self.scopes:
            out.states |= {scope.prefix + s: state for s, state in scope.state.items()}
            out.outputs |= {scope.prefix + s: answer for s, answer in scope.answers.items()}
            out.ends |= {(scope.prefix, i): end for i, end in scope.ends.items()}
        return out

    def enter(self, body: dict[str, Json], prefix: str, given: Json, on_failure: str) -> Scope:
        self.scopes.append(Scope(body, prefix, given, on_failure))
        return self.scopes[-1]

    def settle(self) -> None:
        """Decide what can be decided, innermost scope and first step first; look after containers; work out inline steps and
        joins; begin what goes on elsewhere. One at a time, until nothing moves."""
        while True:
            live = [scope for scope in reversed(self.scopes) if not scope.frozen]
            ready = next(((c, s) for c in live for s in c.steps if s not in c.state and self.is_ready(c, s)), None)
            if ready:
                self.decide(*ready)
            elif any(containers.advance(self, v) for c in self.scopes for v in list(c.open.values()) if v.is_inside()):
                continue
            elif waiting := [visit for visit in self.work if not visit.begun]:
                self.begin(min(waiting, key=lambda visit: visit.step["step_type"] in ELSEWHERE))
            else:
                return

    # Deciding: R2, R3, R9, R10

    def is_ready(self, scope: Scope, step_id: str) -> bool:
        if all(i in scope.ends for i in scope.inbound[step_id]):
            return True
        step, there = scope.steps[step_id], scope.delivered(step_id)
        if step["step_type"] != "parallel_join" or join_rule(step)[0] not in {"any", "n_of_m"}:
            return False
        wanted = self.prescribed.get(scope.prefix + step_id, [])
        return len(there) >= scope.need(step_id) and set(wanted) <= set(there)

    def decide(self, scope: Scope, step_id: str) -> None:
        step, got = scope.steps[step_id], scope.arrived(step_id)
        if step["step_type"] == "parallel_join":
            self._decide_join(scope, step_id, step)
        elif scope.lacks(step_id, got) or (scope.inbound[step_id] and not any(got.values())):
            self.end(scope, step_id, "skipped")
        elif step_id in scope.doomed:
            self.end(scope, step_id, "cancelled")
        elif (inputs := scope.bound(step_id, got)) is None:
            self.fail(scope, step_id, "PORT_CONFLICT")
        else:
            self.start(scope, step_id, inputs)

    def _decide_join(self, scope: Scope, step_id: str, step: dict[str, Json]) -> None:
        mode, need, visit = join_rule(step)[0], scope.need(step_id), scope.prefix + step_id
        there = scope.delivered(step_id)
        if not there and (mode == "all_live" or not scope.entered(step_id)):
            self.end(scope, step_id, "skipped")
            return
        if step_id in scope.doomed:
            self.end(scope, step_id, "cancelled")
            return
        if len(there) >= need and mode in {"any", "n_of_m"} and set(self.prescribed.get(visit, there)) < set(there):
            scope.ends |= {i: "L" for i in there if i not in self.prescribed[visit]}
            there = scope.delivered(step_id)
        self.out.counted[visit] = there
        self.start(scope, step_id, {})
        if len(there) >= need and mode in {"any", "n_of_m"} and step["config"].get("rest") == "cancel":
            region = scope.region(step_id)
            scope.doomed |= region
            self.out.regions |= {scope.prefix + s for s in region}
            self.cancel(scope, region)

    # Starting

    def start(self, scope: Scope, step_id: str, inputs: dict[str, Json]) -> None:
        visit = Visit(scope, step_id, inputs)
        scope.state[step_id], scope.open[step_id] = "open", visit
        if visit.step["step_type"] == "loop":
            visit.inside = []
        else:
            self.work.append(visit)

    def begin(self, visit: Visit) -> None:
        """Inline steps and joins end here."""
        visit.begun = True
        if visit.step["step_type"] == "parallel_join":
            return self._merge(visit.scope, visit.step_id)
        try:
            answer = inline(visit.step, visit.inputs.get("input"))
        except StrictError:
            return self.give_up(visit.scope, visit.step_id, "EXPRESSION_ERROR")
        if answer is not None:
            return self.complete(visit.scope, visit.step_id, answer)
        if visit.step["step_type"] == "map":
            visit.inside = []
            self.work.remove(visit)
        return None

    def _merge(self, scope: Scope, step_id: str) -> None:
        there = self.out.counted[scope.prefix + step_id]
        if len(there) < scope.need(step_id):
            return self.complete(scope, step_id, {"unmet": [scope.carried[i] for i in there]})
        merged = scope.merged(step_id, join_rule(scope.steps[step_id])[1], there)
        if merged is None:
            return self.give_up(scope, step_id, "MERGE_CONFLICT")
        return self.complete(scope, step_id, {"output": merged[0]})

    # Ending: R1, R4, R6, R7, R8, R11, R12

    def end(self, scope: Scope, step_id: str, state: str, ends: dict[int, str] | None = None) -> list[str]:
        """The codes of its conditions that failed, as far as nobody is asked about them (R12)."""
        self.work = [visit for visit in self.work if visit is not scope.open.get(step_id)]
        scope.open.pop(step_id, None)
        scope.state[step_id] = state
        ends = dict.fromkeys(scope.outgoing[step_id], "X") | (ends or {})
        broken = [i for i, end in ends.items() if end == "E"]
        if scope.asks():
            scope.asked |= dict.fromkeys(broken)
            ends, broken = {i: end for i, end in ends.items() if end != "E"}, []
        scope.ends |= ends
        return ["CONDITION_ERROR"] * len(broken)

    def end_of(self, scope: Scope, edge: int, value: Json) -> str:
        scope.carried[edge] = value
        try:
            if not evaluate(scope.edges[edge].get("condition") or "true", {"value": value}):
                return "F"
        except StrictError:
            return "E"
        return "L" if scope.edges[edge]["target_step"] in scope.state else "D"

    def complete(self, scope: Scope, step_id: str, answer: dict[str, Json]) -> None:
        leaving = scope.outgoing[step_id]
        ends = {i: self.end_of(scope, i, answer[scope.port_of(i)]) for i in leaving if scope.port_of(i) in answer}
        for port in scope.outcomes(step_id) & set(answer):
            lonely = all(scope.port_of(i) == "error" for i in leaving)
            told = lonely and (not scope.named or f"{step_id}.{port}" in scope.named.values())
            if not told and not any(ends[i] in "DLE" for i in leaving if scope.port_of(i) == port):
                return self.fail(scope, step_id, "UNHANDLED_OUTCOME", ends)
        scope.answers[step_id] = answer
        return self.unhandled(scope, self.end(scope, step_id, "completed", ends))

    def give_up(self, scope: Scope, step_id: str, code: str) -> None:
        """The last attempt or the body has failed: `on_error` (R8), else the visit fails."""
        step = scope.steps[step_id]
        on_error = (step.get("policy") or {}).get("on_error", "fail")
        self.out.errors[scope.prefix + step_id] = code
        if on_error == "skip":
            self.end(scope, step_id, "skipped")
            return None
        if isinstance(on_error, dict) and "continue_with" in on_error:
            value, ports = on_error["continue_with"], data_ports(step)
            return self.complete(scope, step_id, {ports[0]: value} if len(ports) == 1 else value)
        return self.fail(scope, step_id, code)

    def fail(self, scope: Scope, step_id: str, code: str, ends: dict[int, str] | None = None, *, by_person: bool = False) -> None:
        self.out.errors[scope.prefix + step_id] = code
        errors = {i: self.end_of(scope, i, {"code": code}) for i in scope.outgoing[step_id] if scope.port_of(i) == "error"}
        handled = bool(set(errors.values()) & {"D", "L"})
        if not handled and scope.asks() and not by_person:
            return answering.ask(self, scope, step_id, code)
        broken = self.end(scope, step_id, "failed", (ends or {}) | errors)
        if by_person and not handled:
            scope.failures.append(code)
        return self.unhandled(scope, ([] if handled or by_person else [code]) + broken)

    def unhandled(self, scope: Scope, codes: list[str]) -> None:
        scope.failures += codes
        if codes and scope.on_failure == "cancel_rest":
            scope.frozen = scope.stopped = True
            self.out.stopped.add(scope.prefix)
            self.cancel(scope, set(scope.steps))

    def cancel(self, scope: Scope, steps: set[str]) -> None:
        for edge in [i for i in scope.asked if scope.edges[i]["source_step"] in steps]:
            del scope.asked[edge]
            scope.ends[edge] = "X"
        for visit in [visit for visit in scope.open.values() if visit.step_id in steps]:
            if visit.is_inside():
                visit.cancelled = True
                self.doom_inside(visit)
            elif (
                visit in self.work and visit.begun and (visit.policy.get("effect") == "once" or visit.step["step_type"] in ASKED)
            ):
                visit.cancelled = True
            else:
                self.end(scope, visit.step_id, "cancelled")

    def doom(self, scope: Scope) -> None:
        scope.doomed |= set(scope.steps)
        scope.stopped = True
        self.out.stopped.add(scope.prefix)
        self.cancel(scope, set(scope.steps))

    def doom_inside(self, visit: Visit) -> None:
        self.out.stopped.add(f"{visit.scope.prefix}{visit.step_id}#")
        for inner in visit.inside or []:
            self.doom(inner)
