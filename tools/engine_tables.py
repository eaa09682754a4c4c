"""The tables of docs/engine.md: the rows that decide, and what a visit was seen to go through.

The life of a visit is not written down anywhere in the code as a table; it follows from what `apply` does. So it is observed:
every golden case is played, its trail is folded again event by event, and each change of a visit's status is noted.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.golden.play import play
from tests.golden.reader import all_cases
from worktrail.engine import TABLES, Run, Status, Table, apply
from worktrail.events import TYPES, Event

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = {kind.__struct_config__.tag: TYPES[kind.__struct_config__.tag] for kind in Event.__args__}
ORDER = [word for name, word in vars(Status).items() if name.isupper()]
BEFORE = "not begun"


def conditions(row_when: dict[str, bool]) -> str:
    """The facts a row asks for, as words."""
    return ", ".join(name if wanted else f"not {name}" for name, wanted in row_when.items()) or "else"


def rule_table(table: Table) -> str:
    """One of the engine's tables: the first row that agrees with the facts decides."""
    rows = ["| row | when | then | rule | because |", "|---|---|---|---|---|"]
    rows += [f"| `{row.name}` | {conditions(dict(row.when))} | **{row.then}** | {row.rule} | {row.why} |" for row in table.rows]
    return "\n".join(rows)


def _status(run: Run, visit_id: str) -> str:
    key, _, step = visit_id.rpartition("/")
    scope = run.scopes.get(key)
    visit = None if scope is None else scope.visits[scope.graph.numbers[step]]
    return BEFORE if visit is None else visit.status


def observed_life() -> dict[tuple[str, str], set[str]]:
    """(status before, status after) → the events that made the change, over all golden cases."""
    found: dict[tuple[str, str], set[str]] = {}
    for case in all_cases():
        if case.refused is not None:
            continue
        stage = play(case)
        run = Run(stage.run.id, stage.plan)
        for at_us, event in stage.events:
            visit = getattr(event, "visit", None)
            before = "" if visit is None else _status(run, visit)
            apply(run, event, at_us)
            if visit is not None and (after := _status(run, visit)) != before:
                name = NAMES[type(event).__struct_config__.tag]
                found.setdefault((before, after), set()).add(name)
    return found


def visit_life() -> str:
    """One row a status, in the order of the status words: what the visit becomes next, and by which event."""
    places = [BEFORE, *ORDER]
    found: dict[str, list[str]] = {}
    for (before, after), events in sorted(observed_life().items(), key=lambda item: places.index(item[0][1])):
        found.setdefault(before, []).append(f"`{after}` by {', '.join(sorted(events))}")
    rows = ["| a visit that is | becomes next |", "|---|---|"]
    rows += [
        f"| {before if before == BEFORE else f'`{before}`'} | {' · '.join(found[before])} |"
        for before in places
        if before in found
    ]
    return "\n".join(rows)


ENGINE_TABLES: dict[str, Callable[[], str]] = {
    **{f"rules-{table.name.replace('_', '-')}": partial(rule_table, table) for table in TABLES},
    "visit-life": visit_life,
}
