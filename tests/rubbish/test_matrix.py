"""Every kind of rubbish at every door: an error with its code, place and next action, and a database that is well afterwards."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.rubbish import doors
from tests.rubbish.matrix import CELLS, DOORS, KINDS, SECRET, Case
from worktrail.contract import PROBLEMS
from worktrail.errors import CODES

KNOWN = set(CODES) | set(PROBLEMS) | {"USAGE"}
PLACES = ("line", "column", "offset", "byte", "argument")
LONGEST = 4_100  # characters of a message
SLOWEST_S = 30.0  # nothing takes a tenth of it; what has no bound takes for ever

# The first case of every cell belongs to the inner loop, all of them to the whole run.
CASES = [
    pytest.param(door, case, id=f"{door}: {kind}: {case.name}", marks=[pytest.mark.slow] if number else [])
    for (door, kind), cell in CELLS.items()
    if isinstance(cell, list)
    for number, case in enumerate(cell)
]


def codes_of(error: dict[str, Any]) -> set[str]:
    """The error's own code and those of its problems."""
    problems = (error.get("details") or {}).get("problems") or ()
    return {error["code"], *(each["code"] for each in problems if isinstance(each, dict) and "code" in each)}


def has_place(error: dict[str, Any]) -> bool:
    """A pointer, a line, a column, an offset: of the error or of its first problem."""
    details = error.get("details") or {}
    return error.get("pointer") is not None or any(name in details for name in PLACES)


def judge(found: doors.Seen, case: Case) -> None:
    """What must hold of everything that was refused."""
    assert found.exit != 0
    assert found.error is not None, found.printed[-2_000:]
    error = found.error
    assert codes_of(error) & set(case.codes), error["code"]
    assert codes_of(error) <= KNOWN
    assert error["message"]
    assert error["hint"], error["code"]
    assert len(error["message"]) <= LONGEST
    assert has_place(error) or not case.place, error
    assert "Traceback" not in found.printed
    assert error["code"] not in {"INTERNAL", "STORE_BROKEN", "DRIVER_BROKEN"}
    size = len(case.payload) if isinstance(case.payload, bytes | str) else 0
    if size > 2 * LONGEST:
        assert SECRET not in error["message"]
        assert len(json.dumps(error)) < max(size, 1_000_000)


@pytest.mark.parametrize(("door", "case"), CASES)
def test_a_cell(door: str, case: Case, tmp_path: Path) -> None:
    folder = doors.workspace(tmp_path)
    began = time.monotonic()
    found = doors.DOORS[door](folder, case.payload)
    assert time.monotonic() - began < SLOWEST_S
    if case.codes:
        judge(found, case)
    else:
        assert found.exit == 0, found.error or found.printed[-2_000:]
    doors.database_is_well(folder)


def test_every_kind_has_a_cell_at_every_door() -> None:
    assert set(CELLS) == {(door, kind) for door in DOORS for kind in KINDS}
    assert set(doors.DOORS) == set(DOORS)


def test_a_cell_has_cases_or_a_reason() -> None:
    for place, cell in CELLS.items():
        assert cell, place
        assert isinstance(cell, str) or len({case.name for case in cell}) == len(cell), place


def test_a_kind_is_refused_somewhere_and_a_door_refuses() -> None:
    refused = {place for place, cell in CELLS.items() if isinstance(cell, list) and any(case.codes for case in cell)}
    assert {kind for _, kind in refused} == set(KINDS)
    assert {door for door, _ in refused} == set(DOORS)


def test_the_codes_of_the_matrix_exist() -> None:
    named = {code for cell in CELLS.values() if isinstance(cell, list) for case in cell for code in case.codes}
    assert named <= KNOWN
