"""The oracle by hand, a third time: waits, tasks, child runs, deadlines, and what is asked to end. Worked out from the rules."""

from __future__ import annotations

import pytest

from tests.law.drawing import draw, ends, join, run, states, step
from tests.law.scope import MISSING

ASK, FINISH = {"on_failure": "incident"}, {"on_failure": "finish_rest"}
DEADLINE = {"deadline_s": 60}
CANCEL = [join("j", "any", merge="first", rest="cancel"), "z"]


def wait(step_id: str, **policy: object) -> dict[str, object]:
    return step(step_id, "wait", config={"duration": "PT1H"}, policy=policy)


def human(step_id: str, **policy: object) -> dict[str, object]:
    return step(step_id, "human_task", policy=policy)


def child(step_id: str, **policy: object) -> dict[str, object]:
    return step(step_id, "subsegment", config={"segment": "sub"}, policy=policy)


def decided(port: str, value: object = 5) -> list[object]:
    return ["decided", port, value]


def test_a_wait_passes_its_input_on() -> None:
    out = run(draw([wait("w"), "a"], "w -> a"), {"w": ["due"]}, run_input=7)
    assert (out.outputs["w"], out.status) == ({"output": 7}, "completed")


@pytest.mark.parametrize(
    "kind", [step("w", "wait", config={"duration": MISSING}), step("w", "subsegment", config={"input": MISSING})]
)
def test_an_expression_error_fails_it_before_it_begins(kind: dict[str, object]) -> None:
    assert run(draw([kind])).error == "EXPRESSION_ERROR"
    assert run(draw([kind | {"policy": {"on_error": "skip"}}, "a"])).states["w"] == "skipped"


@pytest.mark.parametrize("port", ["rejected", "modified", "expired"])
def test_r6_an_outcome_that_nobody_takes_fails_the_visit(port: str) -> None:
    out = run(draw([human("h"), "b"], "h.approved -> b"), {"h": decided(port)})
    assert (states(out), out.error) == ("h:failed", "UNHANDLED_OUTCOME")
    out = run(draw([human("h"), "b c"], f"h.approved -> b, h.{port} -> c"), {"h": decided(port)})
    assert (out.states["c"], ends(out), out.status) == ("completed", "XD", "completed")
    assert run(draw([human("h")]), {"h": decided(port)}).result == {port: 5}


def test_a_task_or_a_child_that_somebody_else_ends_is_a_failure_that_is_not_retried() -> None:
    assert run(draw([human("h")]), {"h": ["withdrawn"]}).error == "TASK_CANCELLED"
    segment = draw([child("s", retry={"max_attempts": 3})])
    assert run(segment, {"s": ["withdrawn"]}).error == "CHILD_CANCELLED"
    assert run(segment, {"s": (["failed"], ["failed"], ["completed", 4])}).result == {"output": 4}
    assert run(segment, {"s": ["failed"]}).error == "CHILD_FAILED"
    assert run(draw([child("s")], policy={"max_retries": 2}), {"s": (["failed"], ["completed", 4])}).error == "CHILD_FAILED"


@pytest.mark.parametrize("said", [["withdrawn"], ["completed", 4], ["failed"]])
def test_r10_a_child_that_was_asked_to_end_is_cancelled_whatever_it_says(said: list[object]) -> None:
    out = run(draw(["a", child("s"), *CANCEL], "a -> j, s -> j, j -> z"), {"s-": said}, "a z")
    assert (states(out), out.status, out.waits) == (
        "a:completed j:completed s:cancelled z:completed",
        "completed",
        [["a", "s"], ["s-", "z"], ["s-"]],
    )


def test_r10_a_task_is_asked_to_end_and_a_wait_ends_at_once() -> None:
    segment = draw(["a", human("h"), wait("w"), *CANCEL], "a -> j, h.approved -> j, w -> j, j -> z")
    out = run(segment, {"h-": decided("approved")}, "a h-")
    assert (states(out), out.waits[1]) == ("a:completed h:cancelled j:completed w:cancelled z:completed", ["h-", "z"])
    out = run(segment, {"h-": ["withdrawn"]}, cancel_after=0)
    assert (out.status, out.waits, out.states["w"]) == ("cancelled", [["h-"]], "cancelled")


def test_r11_what_was_asked_to_end_is_awaited_before_the_run_fails() -> None:
    out = run(draw(["a", child("s")]), {"a": "X", "s-": ["failed"]}, "a")
    assert (states(out), out.error, out.failures) == ("a:failed s:cancelled", "X", ["X"])


def test_what_has_not_begun_is_not_awaited() -> None:
    broken = step("w", "wait", config={"duration": MISSING})
    out = run(draw([broken, step("b", policy={"effect": "once"}), child("s")]))
    assert (states(out), out.waits) == ("b:cancelled s:cancelled w:failed", [])


def test_a_runs_own_time_limit_cancels_it_and_fails_it() -> None:
    out = run(draw(["a", child("s")]), {"s-": ["completed", 1]}, cancel_after=0, timed_out=True)
    assert (out.status, out.error, states(out)) == ("failed", "RUN_TIMED_OUT", "a:cancelled s:cancelled")


def test_a_deadline_is_never_retried() -> None:
    for kind in (step("a", policy=DEADLINE | {"retry": {"max_attempts": 3}}), wait("a", **DEADLINE)):
        assert run(draw([kind]), {}, "a@").error == "DEADLINE_EXCEEDED"
    verify = draw([step("a", policy=DEADLINE | {"effect": "verify", "retry": {"max_attempts": 3}})])
    assert run(verify, {"a~": ["not_executed"]}, "a@ a~").error == "DEADLINE_EXCEEDED"
    assert run(verify, {"a~": ["executed", {"output": 2}]}, "a@ a~").result == {"output": 2}
    assert run(verify, {"a~": ["executed", {"nowhere": 2}]}, "a@ a~").error == "ANSWER_INVALID"


def test_a_deadline_leaves_a_once_in_flight_uncertain_and_no_clock_decides_for_a_person() -> None:
    out = run(draw([step("a", policy=DEADLINE | {"effect": "once"})]), {"a!": ["deliver", {"output": 2}]}, "a@")
    assert (out.waits, out.result) == ([["a", "a@"], ["a!"]], {"output": 2})


@pytest.mark.parametrize("said", [["withdrawn"], ["completed", 4], ["failed"]])
def test_a_child_out_of_time_is_asked_to_end_first(said: list[object]) -> None:
    out = run(draw([child("s", retry={"max_attempts": 2}, **DEADLINE)]), {"s-": said}, "s@")
    assert (out.waits, out.error) == ([["s", "s@"], ["s-"]], "DEADLINE_EXCEEDED")


def test_a_container_out_of_time_ends_its_inside_first_and_a_failed_item_is_not_overruled() -> None:
    body = draw([step("x", policy={"effect": "once"})], policy=FINISH)
    segment = draw([step("m", "map", config={"items": "=input", "body": body}, policy=DEADLINE)])
    out = run(segment, {"m#1/x": 1}, "m@", run_input=[1, 2])
    assert (out.error, out.waits[1:]) == ("DEADLINE_EXCEEDED", [["m#1/x", "m#2/x"], ["m#2/x"]])
    out = run(segment, {"m#1/x": "X"}, "m#1/x m@", run_input=[1, 2])
    assert (out.error, out.states["m#2/x"]) == ("ITEM_FAILED", "completed")


def test_a_condition_that_fails_in_what_is_cancelled_asks_nobody() -> None:
    segment = draw([step("a", policy={"effect": "once"}), "b"], "a -> b ? value.missing.key > 1", policy=ASK)
    out = run(segment, {}, cancel_after=0)
    assert (out.status, ends(out), states(out), out.waits) == ("cancelled", "E", "a:completed b:skipped", [["a"]])
