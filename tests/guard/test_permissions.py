"""Who may do what."""

from __future__ import annotations

import pytest

from worktrail.guard import PERMISSIONS, Principal, refusal


def test_a_principal_without_more_said_may_everything_everywhere() -> None:
    anna = Principal("cli:anna")
    assert [refusal(anna, each) for each in PERMISSIONS] == [None] * len(PERMISSIONS)
    assert anna.sees("anything")


def test_no_permission_implies_another() -> None:
    for held in PERMISSIONS:
        one = Principal("key:one", permissions=frozenset((held,)))
        assert [each for each in PERMISSIONS if refusal(one, each) is None] == [held]


def test_a_refusal_names_who_and_the_right() -> None:
    said = refusal(Principal("key:ann", permissions=frozenset()), "decide")
    assert said == "key:ann has no right 'decide' (decide human tasks)"
    with pytest.raises(KeyError):
        refusal(Principal("key:ann"), "fly")


def test_a_workspace_that_is_not_named_is_not_seen() -> None:
    one = Principal("key:ann", workspaces=frozenset(("north",)))
    assert (one.sees("north"), one.sees("south")) == (True, False)
    assert not Principal("key:ann", workspaces=frozenset()).sees("default")
