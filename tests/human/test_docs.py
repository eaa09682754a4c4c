"""docs/human-tasks.md tells the tables of the code."""

from __future__ import annotations

from pathlib import Path

from worktrail.human import LIFECYCLE, TYPE_RULES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "human-tasks.md"


def cells(head: str) -> list[tuple[str, ...]]:
    """The rows of the table that begins with `head`, without code marks."""
    lines = PAGE.read_text(encoding="utf-8").partition(head)[2].splitlines()
    rows = []
    for line in lines[2:]:
        if not line.startswith("|"):
            break
        rows.append(tuple(part.strip().replace("`", "") for part in line.strip("|").split("|")))
    return rows


def test_the_answers() -> None:
    expected = [
        (kind, outcome, ", ".join(takes.must), ", ".join(takes.may))
        for kind, outcomes in TYPE_RULES.items()
        for outcome, takes in outcomes.items()
    ]
    assert sorted(cells("| kind | outcome |")) == sorted(expected)


def test_the_life() -> None:
    assert cells("| status | event |") == [(before, event, after) for (before, event), after in LIFECYCLE.items()]
