"""Rights: one table, and no use case beside it."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

import worktrail.app
from tests.app.projects import as_anna, batch, sample, wiring, write
from worktrail.app import (
    RIGHTS,
    ActivityFilter,
    Wiring,
    attention,
    create_key,
    list_activity,
    list_keys,
    list_runs,
    list_tasks,
    revoke_key,
    show_run,
    show_task,
    throughput,
)
from worktrail.errors import CallerError
from worktrail.guard import PERMISSIONS
from worktrail.store import RunFilter

WITHOUT_A_RIGHT = {"ask", "close_session"}  # carries out what a use case has allowed; leaving needs no right


def _use_cases() -> dict[str, Any]:
    found = {}
    for name in worktrail.app.__all__:
        one = getattr(worktrail.app, name)
        if inspect.isfunction(one) and next(iter(inspect.signature(one).parameters), "") == "caller":
            found[name] = one
    return found


def test_every_use_case_stands_in_the_table_and_is_held_by_it() -> None:
    use_cases = _use_cases()
    assert set(use_cases) - WITHOUT_A_RIGHT == set(RIGHTS)
    assert {RIGHTS[name] for name in RIGHTS} <= set(PERMISSIONS)
    assert [name for name in RIGHTS if not hasattr(use_cases[name], "__wrapped__")] == []


def test_no_use_case_takes_a_store_by_itself() -> None:
    takers = [
        name
        for name in worktrail.app.__all__
        if inspect.isfunction(one := getattr(worktrail.app, name))
        and next(iter(inspect.signature(one).parameters), "") == "store"
    ]
    assert takers == ["open_session", "recognise", "waits_for_people"]  # nobody is known yet; a batch that looks after itself


@pytest.fixture
def made(tmp_path: Path) -> Any:
    write(sample(tmp_path), {"one.jsonl": '{"n": 1}\n'})
    found = wiring(tmp_path)
    batch(found, "ask", tmp_path / "one.jsonl")
    yield found
    found.close()


@pytest.mark.parametrize("name", RIGHTS)
def test_without_the_right_nothing_is_read(made: Wiring, name: str) -> None:
    caller = as_anna(made, permissions=frozenset(PERMISSIONS) - {RIGHTS[name]})
    with pytest.raises(CallerError) as caught:
        getattr(worktrail.app, name)(caller)  # not even the other arguments are looked at
    assert (caught.value.code, caught.value.details) == ("FORBIDDEN", {"permission": RIGHTS[name]})


def test_what_is_in_a_workspace_that_is_not_seen_is_not_there(made: Wiring) -> None:
    anna, other = as_anna(made), as_anna(made, workspaces=frozenset(("north",)))
    run_id = list_runs(anna, RunFilter())["runs"][0]["run_id"]
    task_id = list_tasks(anna)["tasks"][0]["task_id"]
    assert (list_runs(other, RunFilter())["runs"], list_tasks(other)["tasks"]) == ([], [])
    assert list_runs(other, RunFilter(workspaces=["default"]))["runs"] == []
    for use_case, name, code in ((show_run, run_id, "NOT_FOUND"), (show_task, task_id, "TASK_NOT_FOUND")):
        with pytest.raises(CallerError) as caught:
            use_case(other, name)
        assert caught.value.code == code
        with pytest.raises(CallerError) as unknown:
            use_case(other, "nothing")
        assert str(caught.value).replace(name, "nothing") == str(unknown.value)


def test_a_caller_looks_at_one_workspace_and_never_at_more_than_is_seen(made: Wiring) -> None:
    anna = as_anna(made)
    assert anna.within(None) is anna
    assert len(list_tasks(anna.within("default"))["tasks"]) == len(list_tasks(anna)["tasks"]) > 0
    assert attention(anna.within("default"))["open_tasks"] == attention(anna)["open_tasks"] > 0
    for elsewhere in (anna.within("north"), as_anna(made, workspaces=frozenset(("north",))).within("default")):
        assert list_tasks(elsewhere)["tasks"] == []
        assert attention(elsewhere)["open_tasks"] == 0
        assert list_activity(elsewhere, ActivityFilter())["events"] == []
        assert throughput(elsewhere)["started"] == 0


def test_a_key_is_told_once_and_holds_no_more_than_its_maker(made: Wiring) -> None:
    anna = as_anna(made)
    key = create_key(anna, "ci", ["run", "view"], expires_in_s=60)
    assert (key["permissions"], key["created_by"]) == (["view", "run"], "user:anna")
    listed = list_keys(anna)["keys"][0]
    assert {**listed, "secret": key["secret"]} == key
    less = as_anna(made, permissions=frozenset(("admin", "view")), workspaces=frozenset(("north",)))
    for more in ({"permissions": ["run"]}, {"permissions": ["view"]}, {"permissions": ["view"], "workspaces": ["south"]}):
        with pytest.raises(CallerError) as caught:
            create_key(less, "more", **more)
        assert caught.value.code == "FORBIDDEN"
    create_key(less, "fits", ["view"], workspaces=["north"])
    for name, rights, pointer in (("", ["view"], "/name"), ("x", [], "/permissions"), ("x", ["fly"], "/permissions")):
        with pytest.raises(CallerError) as refused:
            create_key(anna, name, rights)
        assert (refused.value.code, refused.value.pointer) == ("KEY_INVALID", pointer)
    revoked = revoke_key(anna, key["key_id"])
    assert revoked["revoked_at"] is not None
    assert revoke_key(anna, key["key_id"]) == revoked
