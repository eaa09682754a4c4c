"""Built-in relations between points and ranges (Allen's interval relations, DMN table 78).

Rule: each relation is one formula over four ends; a point is a range that begins and ends at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worktrail.feel.builtins.table import builtin
from worktrail.feel.comparing import compare
from worktrail.feel.refusal import Refusal
from worktrail.feel.values import Range, kind, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from worktrail.feel.budget import Run


def _span(value: Any) -> Range:
    """A point as a range."""
    if kind(value) == "range":
        if value.sign == "!=" or value.low is None or value.high is None:
            raise Refusal("FEEL_VALUE", "The relation needs a range with two ends.")
        return value  # type: ignore[no-any-return]
    if value is None:
        raise Refusal("FEEL_TYPE", "The relation needs points or ranges, got null.")
    return Range(value, True, value, True)  # noqa: FBT003


def _starts_level(a: Range, b: Range) -> int:
    """Order of the lower ends: an open end lies behind a closed one at the same value."""
    return compare(a.low, b.low) or (b.low_closed - a.low_closed)


def _ends_level(a: Range, b: Range) -> int:
    """Order of the upper ends: an open end lies before a closed one at the same value."""
    return compare(a.high, b.high) or (a.high_closed - b.high_closed)


def _gap(a: Range, b: Range) -> int:
    """Order of a's upper end and b's lower end; 0 where they share a point."""
    order = compare(a.high, b.low)
    return order or (0 if a.high_closed and b.low_closed else -1)


def _before(a: Range, b: Range) -> bool:
    return _gap(a, b) < 0


def _meets(a: Range, b: Range) -> bool:
    return a.high_closed and b.low_closed and compare(a.high, b.low) == 0


def _overlaps(a: Range, b: Range) -> bool:
    return _gap(a, b) >= 0 and _gap(b, a) >= 0


def _overlaps_before(a: Range, b: Range) -> bool:
    return _starts_level(a, b) < 0 and _gap(a, b) >= 0 and _ends_level(a, b) <= 0


def _finishes(a: Range, b: Range) -> bool:
    return _ends_level(a, b) == 0 and _starts_level(a, b) >= 0


def _includes(a: Range, b: Range) -> bool:
    return _starts_level(a, b) <= 0 and _ends_level(a, b) >= 0


def _starts(a: Range, b: Range) -> bool:
    return _starts_level(a, b) == 0 and _ends_level(a, b) <= 0


def _coincides(a: Range, b: Range) -> bool:
    return _starts_level(a, b) == 0 and _ends_level(a, b) == 0


def _turned(relation: Callable[[Range, Range], bool]) -> Callable[[Range, Range], bool]:
    return lambda a, b: relation(b, a)


# name, parameters, what may stand there (p point, r range), meaning in one line, formula
_PAIRS = ("point1: any, point2: any", "point: any, range: range", "range: range, point: any", "range1: range, range2: range")
RELATIONS: tuple[tuple[str, tuple[int, ...], str, Callable[[Range, Range], bool]], ...] = (
    ("before", (0, 1, 2, 3), "Whether the first ends before the second begins.", _before),
    ("after", (0, 1, 2, 3), "Whether the first begins after the second ends.", _turned(_before)),
    ("meets", (3,), "Whether the first ends where the second begins.", _meets),
    ("met by", (3,), "Whether the first begins where the second ends.", _turned(_meets)),
    ("overlaps", (3,), "Whether two ranges share a point.", _overlaps),
    ("overlaps before", (3,), "Whether the first begins earlier and ends inside the second.", _overlaps_before),
    ("overlaps after", (3,), "Whether the first begins inside the second and ends later.", _turned(_overlaps_before)),
    ("finishes", (1, 3), "Whether the first lies in the second and ends with it.", _finishes),
    ("finished by", (2, 3), "Whether the second lies in the first and ends with it.", _turned(_finishes)),
    ("includes", (2, 3), "Whether the second lies in the first.", _includes),
    ("during", (1, 3), "Whether the first lies in the second.", _turned(_includes)),
    ("starts", (1, 3), "Whether the first lies in the second and begins with it.", _starts),
    ("started by", (2, 3), "Whether the second lies in the first and begins with it.", _turned(_starts)),
    ("coincides", (0, 3), "Whether both begin and end at the same places.", _coincides),
)


def _declare(name: str, pairs: tuple[int, ...], doc: str, formula: Callable[[Range, Range], bool]) -> None:
    kinds = {0: (False, False), 1: (False, True), 2: (True, False), 3: (True, True)}
    allowed = {kinds[pair] for pair in pairs}

    def relation(_run: Run, first: Any, second: Any) -> bool:
        if (kind(first) == "range", kind(second) == "range") not in allowed:
            raise Refusal("FEEL_TYPE", f"`{name}` cannot take {shown(first)} and {shown(second)}.")
        return formula(_span(first), _span(second))

    relation.__doc__ = doc
    for pair in pairs:
        builtin(f"{name}({_PAIRS[pair]}) -> boolean")(relation)


for _row in RELATIONS:
    _declare(*_row)
