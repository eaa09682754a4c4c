"""Every row of the rule table is held by a case: swap what any row decides, and a golden trail no longer agrees.

``python -m tests.golden.test_mutations`` prints, for each mutation, the case that caught it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.golden.lines import trail_lines
from tests.golden.play import play
from tests.golden.reader import Case, all_cases
from worktrail.engine import TABLES, Row, Table

CASES = [case for case in all_cases() if case.refused is None]
# Rows that no case can tell apart from their neighbour, and why.
EQUAL: dict[tuple[str, str], str] = {}


def mutations() -> Iterator[tuple[Table, int, str]]:
    """Each row with each other thing its table could say."""
    for table in TABLES:
        words = list(dict.fromkeys(row.then for row in table.rows))
        for number, row in enumerate(table.rows):
            for word in words:
                if word != row.then and (row.name, word) not in EQUAL:
                    yield table, number, word


def caught_by(table: Table, number: int, word: str) -> str | None:
    """The first case that fails under the mutation."""
    rows = table.rows
    changed: list[Row] = list(rows)
    changed[number] = rows[number]._replace(then=word)
    table.compile(tuple(changed))
    try:
        return next((case.name for case in CASES if not _agrees(case)), None)
    finally:
        table.compile(rows)


def _agrees(case: Case) -> bool:
    try:
        stage = play(case)
        return trail_lines(stage.plan, stage.values, stage.run.id, stage.events) == list(case.trail)
    except Exception:  # noqa: BLE001  a crash is a difference too
        return False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "number", "word"), list(mutations()), ids=lambda value: value.name if isinstance(value, Table) else str(value)
)
def test_a_changed_row_is_caught(table: Table, number: int, word: str) -> None:
    """A case turns red."""
    assert caught_by(table, number, word) is not None, f"{table.rows[number].name} → {word} is not caught"


if __name__ == "__main__":
    for one, at, said in mutations():
        print(
            f"{one.name:16} {one.rows[at].name:20} {one.rows[at].then:>9} → {said:9} {caught_by(one, at, said) or 'NOT CAUGHT'}"
        )
