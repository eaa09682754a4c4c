"""DMN's compliance kit (dmn-tck): at least 98 % of the cases that expect a value pass, and every failing one is listed.

The kit is not part of this repository: `WORKTRAIL_DATA` names the folder that holds `dmn_tck`. Selected are the decisions that
need FEEL alone; a case that expects null proves little (answering null always would pass it), so those are counted apart.
"""

from __future__ import annotations

import os
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.feel.tck.cases import Case, all_cases
from tests.feel.tck.model import Model, read_model
from tests.feel.tck.runner import alike, decide, why_not

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = os.environ.get("WORKTRAIL_DATA")
LISTED = Path(__file__).with_name("known_failures.txt")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(DATA is None, reason="WORKTRAIL_DATA names no folder with test data (dmn_tck)"),
]


def known_failures() -> set[str]:
    lines = LISTED.read_text(encoding="utf-8").splitlines()
    return {line.partition("#")[0].strip() for line in lines} - {""}


@lru_cache(maxsize=1)
def kit() -> list[Case]:
    return all_cases(Path(DATA or "") / "dmn_tck")


model_of = lru_cache(maxsize=None)(read_model)


def selected() -> tuple[list[Case], Counter[str]]:
    """The cases that are run, and why the others are not."""
    chosen: list[Case] = []
    excluded: Counter[str] = Counter()
    for case in kit():
        reason = "decision service" if case.kind == "decisionService" else why_not(model_of(case.model), case.node)
        if reason:
            excluded[reason] += 1
        else:
            chosen.append(case)
    return chosen, excluded


def play(answer: Callable[[Model, str, dict[str, Any]], Any]) -> tuple[set[str], set[str], int, int]:
    """Ids of passed and failed cases with a value, passed and all cases with null."""
    passed: set[str] = set()
    failed: set[str] = set()
    null_passed = null_all = 0
    for case in selected()[0]:
        found = answer(model_of(case.model), case.node, case.inputs)
        if case.expected is None:
            null_all += 1
            null_passed += found is None
        elif alike(found, case.expected):
            passed.add(case.id)
        else:
            failed.add(case.id)
    return passed, failed, null_passed, null_all


def test_the_kit() -> None:
    chosen, excluded = selected()
    passed, failed, null_passed, null_all = play(decide)
    print(f"\ncases {len(kit())}, selected {len(chosen)}, excluded {dict(excluded)}")
    print(f"value: {len(passed)} of {len(passed) + len(failed)} passed; null or error: {null_passed} of {null_all} passed")
    assert len(chosen) == len({(case.id, case.node) for case in chosen}), "ids are not unique"
    assert sorted(failed - known_failures()) == [], "a case fails that is not listed"
    assert sorted(known_failures() - failed) == [], "a listed case passes: take it off the list"
    assert len(passed) >= 0.98 * (len(passed) + len(failed))


def test_an_evaluator_that_always_answers_null_scores_nothing() -> None:
    passed, failed, null_passed, null_all = play(lambda _model, _name, _inputs: None)
    assert not passed
    assert failed
    assert null_passed == null_all


def test_a_wrong_answer_is_seen() -> None:
    right, *_ = play(decide)
    wrong, *_ = play(lambda model, name, inputs: [decide(model, name, inputs), "more"])
    assert len(wrong) < len(right) / 100
