"""The oracle by hand, once more: uncertain effects, incidents and what a person may do with them. Worked out from the rules."""

from __future__ import annotations

import pytest

from tests.law.drawing import draw, ends, join, run, states, step
from tests.law.test_oracle import BROKEN

ONCE, VERIFY = {"effect": "once"}, {"effect": "verify"}
ASK = {"on_failure": "incident"}


@pytest.mark.parametrize(
    ("said", "told", "status"),
    [
        (["deliver", {"output": 5}], "a:completed b:completed", "completed"),
        (["retry"], "a:completed b:completed", "completed"),
        (["skip"], "a:skipped b:skipped", "failed"),
        (["fail"], "a:failed b:skipped", "failed"),
    ],
)
@pytest.mark.parametrize("how", ["lost", "late"])
def test_a_once_in_flight_is_uncertain_and_a_person_says_what_becomes_of_it(
    how: str, said: list[object], told: str, status: str
) -> None:
    segment = draw([step("a", policy={**ONCE, "retry": {"max_attempts": 3}}), "b"], "a -> b")
    out = run(segment, {"a": ([how], 1), "a!": said})
    assert (states(out), out.status) == (told, status)


def test_a_once_is_not_retried_unless_it_was_certainly_not_executed() -> None:
    segment = draw([step("a", policy={**ONCE, "retry": {"max_attempts": 2}})])
    assert run(segment, {"a": (["fail", "X", True, False], 1)}).error == "X"
    assert run(segment, {"a": (["fail", "X", True, True], 1)}).status == "completed"
    assert run(segment, {"a": ({"nowhere": 1}, 1)}).error == "ANSWER_INVALID"


def test_repeatable_work_that_is_lost_runs_again_and_no_retry_is_spent() -> None:
    segment = draw([step("a", policy={"retry": {"max_attempts": 2}})])
    assert run(segment, {"a": (["lost"], ["lost"], "~X", 4)}).result == {"output": 4}
    assert run(segment, {"a": (["late"], "~X", 4)}).error == "X"


@pytest.mark.parametrize(
    ("found", "told"),
    [(["executed", {"output": 7}], "completed"), (["not_executed"], "completed"), (["unknown"], "failed")],
)
def test_a_probe_decides(found: list[object], told: str) -> None:
    segment = draw([step("a", policy={**VERIFY, "retry": {"max_attempts": 2}})])
    assert run(segment, {"a": (["lost"], 1), "a~": found}).status == told


def test_an_awaited_once_that_is_lost_is_cancelled_and_nobody_is_asked() -> None:
    segment = draw(["a", step("b", policy=ONCE), join("j", "any", rest="cancel"), "z"], "a -> j, b -> j, j -> z")
    assert states(run(segment, {"b": ["lost"]}, "a b")) == "a:completed b:cancelled j:completed z:completed"


def test_an_incident_holds_its_edges_and_the_others_go_on() -> None:
    segment = draw(["a b c d"], "a -> c, b -> d", policy=ASK)
    out = run(segment, {"a": "X", "a!": ["fail"]}, "a b d a!")
    assert (states(out), out.failures) == ("a:failed b:completed c:skipped d:completed", ["X"])
    assert run(segment, {"a": "X", "a!": ["deliver", {"output": 2}]}).status == "completed"
    assert run(segment, {"a": ("X", 3), "a!": ["retry"]}).outputs["a"] == {"output": 3}


def test_what_on_error_or_an_error_edge_takes_asks_nobody() -> None:
    assert run(draw([step("a", policy={"on_error": "skip"}), "b"], policy=ASK), {"a": "X"}).states["a"] == "skipped"
    assert run(draw(["a b"], "a.error -> b", policy=ASK), {"a": "X"}).status == "completed"


def test_cancelling_the_scope_closes_its_incidents() -> None:
    out = run(draw(["a b"], policy=ASK), {"a": "X"}, "a", cancel_after=1)
    assert (states(out), out.status) == ("a:cancelled b:cancelled", "cancelled")


@pytest.mark.parametrize(("said", "letters", "told"), [("true", "DD", "completed"), ("false", "FD", "skipped")])
def test_a_condition_that_failed_is_open_until_a_person_says_what_it_is(said: str, letters: str, told: str) -> None:
    out = run(draw(["a b c"], f"a -> b ? {BROKEN}, a -> c", policy=ASK), {"a?0": [said]}, "a c")
    assert (ends(out), out.states["b"], out.status) == (letters, told, "completed")


def test_a_containers_retry_begins_with_no_items() -> None:
    body = draw(["x"], policy={"on_failure": "finish_rest"})
    segment = draw(["a", step("m", "map", config={"items": "=input", "body": body})], "a -> m", policy=ASK)
    answers = {"a": {"output": [1, 2]}, "m#1/x": "X", "m!": (["retry"], ["fail"])}
    out = run(segment, answers, "a m#1/x")
    assert (out.states["m"], out.status, out.error) == ("failed", "failed", "ITEM_FAILED")
