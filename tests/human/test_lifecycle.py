"""A task's life: how it opens, that it ends once, that its row is its fold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.human.desk import ANNA, HOUR_US, PLACE, T0, Desk
from worktrail.app import JsonSchemaChecker
from worktrail.errors import CallerError, OurError
from worktrail.events import Origin
from worktrail.human import (
    DEFAULT_TIMEOUT_HOURS,
    LIFECYCLE,
    TASK_TYPES,
    TaskDecided,
    TaskDesk,
    TaskExpired,
    encode_task_body,
    fold_task,
    row_of,
)
from worktrail.store import Commit, MemoryStore, TaskFilter


def test_the_table_ends_every_task_once() -> None:
    assert {dotted for _, dotted in LIFECYCLE} == set(TASK_TYPES.values())
    ends = {after for (before, _), after in LIFECYCLE.items() if before == "open"}
    assert ends == {"completed", "expired", "cancelled"}
    assert not {before for before, _ in LIFECYCLE} & ends


def test_an_open_task_shows_its_form() -> None:
    spec = {
        "title": "Release?",
        "description": "An order over 100.",
        "assignee_ref": "anna",
        "candidate_groups": ["finance"],
        "timeout_hours": Decimal("1.5"),
        "priority": "high",
        "escalation_chain": ["bert"],
        "require_reason": ["rejected"],
    }
    desk = Desk(spec, {"total": Decimal("120.50")})
    row = desk.row
    assert (row.status, row.task_type, row.title, row.assignee, row.candidate_groups, row.priority) == (
        "open",
        "approval",
        "Release?",
        "anna",
        ("finance",),
        "high",
    )
    assert (row.run_id, row.visit, row.created_us, row.due_us, row.version) == ("r1", "ask", T0, T0 + HOUR_US * 3 // 2, 1)
    shown = fold_task("t1", desk.history).to_dict()
    assert shown["data"] == {"total": Decimal("120.50")}
    assert shown["form"]["require_reason"] == ["rejected"]
    assert shown["form"]["problems"] == []
    assert (shown["created_at"], shown["due_at"]) == ("2026-09-21T14:13:20Z", "2026-09-21T15:43:20Z")
    assert (shown["segment_id"], shown["step_id"], shown["business_key"]) == ("orders", "ask", "order-7")


def test_a_task_can_stand_alone() -> None:
    desk = Desk({}, None, place=None)
    assert (desk.row.run_id, desk.row.visit, desk.row.title) == (None, None, "t1")
    answer = desk.decide({"outcome": "approved"}).answer
    assert answer is not None
    assert (answer.run_id, answer.visit) == (None, None)


# Whatever an expression gave, the task opens; what was left out is said, and nothing becomes easier to approve.
CAREFUL: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"title": None}, {"title": "ask"}, ""),
    ({"title": 12}, {"title": "12"}, ""),
    ({"title": {"a": 1}}, {"title": "ask"}, "`title` is an object"),
    ({"title": "x" * 600}, {"title": "x" * 500}, "`title` has 600 characters"),
    ({"task_type": "vote"}, {"task_type": "approval"}, "`task_type` is 'vote'"),
    ({"priority": 3}, {"priority": "normal"}, "`priority` is 3"),
    ({"candidate_groups": "finance"}, {"candidate_groups": []}, "`candidate_groups` is a text"),
    ({"candidate_groups": ["a", 1]}, {"candidate_groups": ["a"]}, "no text"),
    ({"task_type": "choice", "options": [{"label": "x"}, None, "a"]}, {"options": [{"value": "a"}]}, "option 1"),
    ({"task_type": "choice", "options": "a"}, {"options": []}, "`options` is a text"),
    ({"task_type": "choice", "options": []}, {"options": []}, "nothing to choose"),
    ({"input_schema": "x"}, {"input_schema": {"not": {}}}, "no input can be given"),
    ({"require_reason": ["x"]}, {"require_reason": ["approved", "rejected", "modified"]}, "asked for every one"),
    ({"require_reason": True}, {"require_reason": ["approved", "rejected", "modified"]}, "`require_reason` is a boolean"),
]


@pytest.mark.parametrize(("spec", "form", "said"), CAREFUL)
def test_a_config_that_cannot_be_used_is_read_carefully(spec: dict[str, Any], form: dict[str, Any], said: str) -> None:
    shown = fold_task("t1", Desk(spec).history).to_dict()["form"]
    assert {key: shown[key] for key in form} == form
    assert any(said in each for each in shown["problems"]) if said else shown["problems"] == []


@pytest.mark.parametrize("hours", [0, -1, True, "24", float("nan"), float("inf"), 1e12, [], {}])
def test_a_time_that_is_none_is_the_default(hours: Any) -> None:
    desk = Desk({"timeout_hours": hours})
    assert desk.row.due_us == T0 + DEFAULT_TIMEOUT_HOURS * HOUR_US
    assert "timeout_hours" in fold_task("t1", desk.history).created.form.problems[0]


def test_an_expired_task_says_so_to_its_run() -> None:
    desk = Desk({}, [1])
    answer = desk.expire().answer
    assert answer is not None
    assert (answer.outcome, answer.principal) == ("expired", None)
    assert answer.value == {
        "decision": "expired",
        "data": [1],
        "comment": None,
        "reason": "nobody decided in time",
        "decided_by": None,
        "decided_at": "2026-09-22T14:13:20Z",
    }
    assert (desk.row.status, desk.row.outcome) == ("expired", "expired")


def test_a_cancelled_task_has_no_outcome() -> None:
    desk = Desk()
    answer = desk.cancel().answer
    assert answer is not None
    assert (answer.outcome, answer.value, answer.principal) == ("cancelled", None, None)
    assert (desk.row.status, desk.row.outcome, desk.row.decided_by) == ("cancelled", None, None)


def test_a_stream_that_cannot_be_a_tasks_is_refused() -> None:
    twice = [encode_task_body(1, None, [TaskExpired(1)])]
    with pytest.raises(OurError, match="cannot follow"):
        fold_task("t1", twice)
    with pytest.raises(OurError, match="empty"):
        fold_task("t1", [])
    desk = Desk()
    desk.decide({"outcome": "approved"})
    with pytest.raises(OurError, match="completed"):
        fold_task("t1", [*desk.history, encode_task_body(2, None, [TaskDecided("rejected")])])


# --- decided at most once ---------------------------------------------------------------------------------------------

WISHES = st.sampled_from(["approve", "reject", "rubbish", "expire", "cancel"])


@given(st.lists(st.tuples(WISHES, st.integers(0, 30), st.booleans()), max_size=12))
def test_a_task_ends_at_most_once(wishes: list[tuple[str, int, bool]]) -> None:
    """Wishes in any order, each made on the newest history or (stale) on the first, committed against the store: one wins."""
    store = MemoryStore("default")
    desk = TaskDesk(JsonSchemaChecker())
    opened = desk.open_task("t1", PLACE, {"spec": {}, "data": 1}, T0)
    store.commit(Commit(appends=[opened.append], tasks=[opened.row]))
    told: list[str] = []
    refused: set[str] = set()
    for wish, hours, stale in wishes:
        history = [each.body for each in store.read_stream("task:t1")][: 1 if stale else None]
        row = opened.row if stale else store.get_task("t1")
        assert row is not None
        at_us = T0 + hours * HOUR_US
        try:
            if wish == "expire":
                change = desk.expire_task(row, history, at_us)
            elif wish == "cancel":
                change = desk.cancel_task(row, history, Origin("worktrail"), at_us)
            else:
                outcome = {"approve": "approved", "reject": "rejected"}.get(wish, "expired")
                change = desk.decide_task(row, history, {"outcome": outcome}, ANNA, at_us)
            store.commit(Commit(appends=[change.append], tasks=[change.row]))
        except CallerError as error:
            refused.add(error.code)
            continue
        assert change.answer is not None
        told.append(change.answer.outcome)
    assert len(told) <= 1
    assert refused <= {"TASK_NOT_OPEN", "DECISION_INVALID", "SEQ_CONFLICT"}
    row = store.get_task("t1")
    assert row is not None
    assert (row.status == "open") == (not told)
    assert row == row_of(fold_task("t1", [each.body for each in store.read_stream("task:t1")]))
    assert len(store.list_tasks(TaskFilter())) == (0 if told else 1)
