"""What may be answered to which kind of task, as a table: (config, decision) → outcome and given, or code and pointer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.human.desk import ANNA, HOUR_US, T0, Desk
from worktrail.errors import CallerError
from worktrail.events import Origin
from worktrail.human import PERSONS_OUTCOMES, TYPE_RULES

CHOICE = {"task_type": "choice", "options": ["red", {"value": 2, "label": "Two"}, 2.5]}
FORM = {"type": "object", "properties": {"limit": {"type": "integer", "minimum": 1}}, "required": ["limit"]}
INPUT = {"task_type": "input", "input_schema": FORM}
REVIEW = {"task_type": "review"}
STRICT = {"require_reason": ["rejected"]}

ACCEPTED: list[tuple[dict[str, Any], dict[str, Any], str, dict[str, Any]]] = [
    ({}, {"outcome": "approved"}, "approved", {}),
    ({}, {"outcome": "rejected", "reason": "too dear"}, "rejected", {}),
    ({}, {"outcome": "approved", "option": None, "data": None, "changes": None}, "approved", {}),
    (CHOICE, {"outcome": "approved", "option": "red"}, "approved", {"option": "red"}),
    (CHOICE, {"outcome": "approved", "option": 2}, "approved", {"option": 2}),
    (CHOICE, {"outcome": "approved", "selected_option": 2.5}, "approved", {"option": 2.5}),
    (CHOICE, {"outcome": "rejected"}, "rejected", {}),
    (INPUT, {"outcome": "approved", "input": {"limit": 3}}, "approved", {"input": {"limit": 3}}),
    (INPUT, {"outcome": "approved", "data": {"limit": 3}}, "approved", {"input": {"limit": 3}}),
    ({"task_type": "input"}, {"outcome": "approved", "data": "free text"}, "approved", {"input": "free text"}),
    (INPUT, {"outcome": "rejected"}, "rejected", {}),
    (REVIEW, {"outcome": "approved"}, "approved", {}),
    (REVIEW, {"outcome": "approved", "changes": {}}, "approved", {}),
    (REVIEW, {"outcome": "approved", "changes": {"a": 1}}, "modified", {"changes": {"a": 1}}),
    (REVIEW, {"outcome": "modified", "changes": {"a": 1}}, "modified", {"changes": {"a": 1}}),
    (REVIEW, {"outcome": "rejected"}, "rejected", {}),
    (REVIEW | {"input_schema": FORM}, {"outcome": "modified", "changes": {"limit": 2}}, "modified", {"changes": {"limit": 2}}),
    (STRICT, {"outcome": "approved"}, "approved", {}),
    (STRICT, {"outcome": "rejected", "reason": "no"}, "rejected", {}),
    ({}, {"outcome": "approved", "expected_version": 1}, "approved", {}),
]


@pytest.mark.parametrize(("spec", "decision", "outcome", "given"), ACCEPTED)
def test_it_takes(spec: dict[str, Any], decision: dict[str, Any], outcome: str, given: dict[str, Any]) -> None:
    desk = Desk(spec, {"amount": 12})
    change = desk.decide(decision)
    assert change.answer is not None
    assert (change.answer.run_id, change.answer.visit) == ("r1", "ask")
    assert change.answer.outcome == outcome
    assert change.answer.principal == "user:anna"
    assert change.answer.value == {
        "decision": outcome,
        "data": {"amount": 12},
        **given,
        "comment": decision.get("comment"),
        "reason": decision.get("reason"),
        "decided_by": "user:anna",
        "decided_at": "2026-09-21T15:13:20Z",
    }
    assert (desk.row.status, desk.row.outcome, desk.row.decided_by, desk.row.version) == ("completed", outcome, "user:anna", 2)


REFUSED: list[tuple[dict[str, Any], dict[str, Any], str, str | None]] = [
    ({}, {}, "DECISION_INVALID", "/outcome"),
    ({}, {"outcome": True}, "DECISION_INVALID", "/outcome"),
    ({}, {"outcome": ["approved"]}, "DECISION_INVALID", "/outcome"),
    ({}, {"outcome": "expired"}, "DECISION_INVALID", "/outcome"),
    ({}, {"outcome": "cancelled"}, "DECISION_INVALID", "/outcome"),
    ({}, {"outcome": "modified", "changes": {"a": 1}}, "DECISION_INVALID", "/outcome"),
    ({}, {"outcome": "approved", "changes": {"a": 1}}, "DECISION_INVALID", "/changes"),
    ({}, {"outcome": "approved", "option": "red"}, "DECISION_INVALID", "/option"),
    ({}, {"outcome": "approved", "decided_by": "boss"}, "DECISION_INVALID", "/decided_by"),
    ({}, {"outcome": "approved", "coment": "x"}, "DECISION_INVALID", "/coment"),
    ({}, {"outcome": "approved", "comment": 3}, "DECISION_INVALID", "/comment"),
    ({}, {"outcome": "approved", "comment": "x" * 20_001}, "DECISION_INVALID", "/comment"),
    (CHOICE, {"outcome": "approved"}, "DECISION_INVALID", "/option"),
    (CHOICE, {"outcome": "approved", "option": "blue"}, "DECISION_INVALID", "/option"),
    (CHOICE, {"outcome": "approved", "option": "2"}, "DECISION_INVALID", "/option"),
    (CHOICE, {"outcome": "approved", "option": "Two"}, "DECISION_INVALID", "/option"),
    (CHOICE, {"outcome": "rejected", "option": "red"}, "DECISION_INVALID", "/option"),
    (CHOICE, {"outcome": "approved", "option": "red", "selected_option": "red"}, "DECISION_INVALID", "/selected_option"),
    ({"task_type": "choice", "options": [1]}, {"outcome": "approved", "option": True}, "DECISION_INVALID", "/option"),
    ({"task_type": "choice"}, {"outcome": "approved", "option": "red"}, "DECISION_INVALID", "/option"),
    (INPUT, {"outcome": "approved"}, "DECISION_INVALID", "/input"),
    (INPUT, {"outcome": "approved", "input": {"limit": 0}}, "DECISION_INVALID", "/input/limit"),
    (INPUT, {"outcome": "approved", "input": {"limit": float("nan")}}, "DECISION_INVALID", "/input"),
    (INPUT, {"outcome": "approved", "input": {"limit": {1, 2}.__iter__()}}, "DECISION_INVALID", "/input"),
    (INPUT, {"outcome": "approved", "input": "x" * 300_000}, "DECISION_INVALID", "/input"),
    ({"task_type": "input", "input_schema": 7}, {"outcome": "approved", "input": 1}, "DECISION_INVALID", "/input"),
    (REVIEW, {"outcome": "modified"}, "DECISION_INVALID", "/changes"),
    (REVIEW, {"outcome": "modified", "changes": {}}, "DECISION_INVALID", "/changes"),
    (REVIEW, {"outcome": "modified", "changes": [1]}, "DECISION_INVALID", "/changes"),
    (REVIEW, {"outcome": "rejected", "changes": {"a": 1}}, "DECISION_INVALID", "/changes"),
    (REVIEW | {"input_schema": FORM}, {"outcome": "modified", "changes": {"limit": "x"}}, "DECISION_INVALID", "/changes/limit"),
    (STRICT, {"outcome": "rejected"}, "DECISION_INVALID", "/reason"),
    (STRICT, {"outcome": "rejected", "reason": "  "}, "DECISION_INVALID", "/reason"),
    ({"require_reason": ["expired"]}, {"outcome": "approved"}, "DECISION_INVALID", "/reason"),
    ({"require_reason": "rejected"}, {"outcome": "approved"}, "DECISION_INVALID", "/reason"),
    (
        REVIEW | {"require_reason": ["modified"]},
        {"outcome": "approved", "changes": {"a": 1}},
        "DECISION_INVALID",
        "/reason",
    ),
    ({}, {"outcome": "approved", "expected_version": 2}, "TASK_VERSION", None),
    ({}, {"outcome": "approved", "expected_version": True}, "DECISION_INVALID", "/expected_version"),
]


@pytest.mark.parametrize(("spec", "decision", "code", "pointer"), REFUSED)
def test_it_refuses(spec: dict[str, Any], decision: dict[str, Any], code: str, pointer: str | None) -> None:
    desk = Desk(spec)
    with pytest.raises(CallerError) as caught:
        desk.decide(decision)
    assert (caught.value.code, caught.value.pointer) == (code, pointer)
    assert desk.row.status == "open"
    assert desk.decide({"outcome": "rejected", "reason": "x"}).row.status == "completed"


def test_the_nearest_key_is_named() -> None:
    with pytest.raises(CallerError) as caught:
        Desk().decide({"outcome": "approved", "coment": "x"})
    assert caught.value.hint == "Did you mean 'comment'?"


def test_nobody_cannot_decide() -> None:
    with pytest.raises(CallerError, match="no principal"):
        Desk().decide({"outcome": "approved"}, origin=Origin(None, "c1"))


@pytest.mark.parametrize(
    ("at_us", "late"), [(T0 + 24 * HOUR_US - 1, False), (T0 + 24 * HOUR_US, True), (T0 + 99 * HOUR_US, True)]
)
def test_a_decision_after_the_due_time_is_late_even_before_anybody_said_expired(at_us: int, late: bool) -> None:
    desk = Desk()
    if not late:
        assert desk.decide({"outcome": "approved"}, at_us=at_us).row.status == "completed"
        return
    with pytest.raises(CallerError) as caught:
        desk.decide({"outcome": "approved"}, at_us=at_us)
    assert caught.value.code == "TASK_NOT_OPEN"


def test_a_late_answer_learns_how_the_task_ended() -> None:
    desk = Desk()
    desk.decide({"outcome": "rejected"})
    with pytest.raises(CallerError) as caught:
        desk.decide({"outcome": "approved"}, origin=Origin("user:bert"))
    assert caught.value.code == "TASK_NOT_OPEN"
    assert caught.value.details == {"status": "completed", "outcome": "rejected", "decided_by": "user:anna"}


def test_the_table_gives_only_known_outcomes() -> None:
    assert {outcome for rules in TYPE_RULES.values() for outcome in rules} == set(PERSONS_OUTCOMES)
    assert ANNA.principal
