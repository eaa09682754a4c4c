"""Writes `reports.jsonl`: 200 invented expense reports, the same on every machine.

    python make_reports.py          # writes reports.jsonl beside this file
    python make_reports.py --check  # says whether reports.jsonl is what this script writes

`PLAN` says what kinds of reports there are and how many. A report is made so that it is of its kind; how the segment decides
it is written nowhere. Chance comes from hashes of a text, not from `random`, so that no Python version can change it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

HERE = Path(__file__).parent
REPORTS = HERE / "reports.jsonl"
SEED = "expense reports, first edition"
FIRST_MONDAY = date(2025, 1, 6)

T = TypeVar("T")
Line = dict[str, Any]


class Dice:
    """Chance that can be repeated: the n-th throw follows from the name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.throws = 0

    def whole(self, low: int, high: int) -> int:
        """A number from `low` to `high`, both included."""
        self.throws += 1
        digest = hashlib.sha256(f"{self.name}/{self.throws}".encode()).digest()
        return low + int.from_bytes(digest[:8], "big") % (high - low + 1)

    def pick(self, among: Sequence[T]) -> T:
        """One of several."""
        return among[self.whole(0, len(among) - 1)]


class Ware(NamedTuple):
    """Something that is bought: prices in cents of a euro."""

    category: str
    description: str
    vendors: tuple[str, ...]
    low: int
    high: int
    most: int  # quantity


SMALL = (
    Ware("meal", "Lunch menu", ("V-210", "V-211", "V-212"), 850, 1750, 3),
    Ware("meal", "Soup and bread", ("V-211", "V-213"), 480, 990, 2),
    Ware("meal", "Noodle bowl", ("V-212",), 999, 999, 3),
    Ware("meal", "Coffee and pastry", ("V-213",), 380, 790, 4),
    Ware("taxi", "Ride to the station", ("V-208", "V-209"), 1190, 3480, 1),
    Ware("train", "Regional ticket", ("V-201", "V-202"), 890, 4790, 2),
    Ware("train", "Day pass", ("V-202",), 720, 1080, 5),
    Ware("office", "Notebooks", ("V-214",), 349, 899, 6),
    Ware("office", "Whiteboard pens", ("V-214",), 199, 299, 12),
    Ware("office", "Printer paper, ream", ("V-214", "V-215"), 549, 749, 5),
    Ware("equipment", "Adapter", ("V-216",), 1499, 3999, 1),
    Ware("equipment", "Cable", ("V-216",), 599, 1299, 3),
    Ware("phone", "Roaming day", ("V-218",), 299, 499, 7),
    Ware("training", "Course book", ("V-217",), 1990, 3990, 1),
)
HOTEL = Ware("hotel", "Night, single room", ("V-205", "V-206", "V-207"), 7490, 14990, 1)
FLIGHT = Ware("flight", "Return flight", ("V-203", "V-204"), 62000, 94000, 2)
LARGE = (
    Ware("training", "Two-day workshop", ("V-217",), 52000, 89000, 1),
    Ware("equipment", "Monitor", ("V-215", "V-216"), 27900, 43900, 2),
    Ware("equipment", "Standing desk", ("V-215",), 51900, 78900, 1),
)
FORBIDDEN = (
    Ware("alcohol", "Bottle of wine", ("V-210", "V-206"), 1890, 4290, 2),
    Ware("traffic_fine", "Parking fine", ("V-208",), 2500, 5500, 1),
    Ware("gift_card", "Gift card", ("V-214", "V-215"), 2500, 5000, 4),
)
# How many units a euro buys, roughly: prices abroad look like prices abroad. Twice means twice as likely.
ABROAD = (
    ("EUR", "1"), ("EUR", "1"), ("EUR", "1"), ("EUR", "1"), ("USD", "1.08"), ("GBP", "0.85"), ("CHF", "0.94"),
    ("SEK", "11.2"), ("PLN", "4.26"), ("CZK", "25"), ("JPY", "163"),
)  # fmt: skip
PURPOSES = (
    "Customer visit", "Spring fair", "Project week", "Training", "Site inspection", "Team meeting", "Office supplies",
    "Interviews", "Audit preparation", "Trade evening",
)  # fmt: skip


class Draft:
    """A report in the making."""

    def __init__(self, number: int) -> None:
        self.report_id = f"R-{number:04d}"
        self.dice = Dice(f"{SEED}/{number}")
        monday = FIRST_MONDAY + timedelta(weeks=self.dice.whole(0, 40))
        self.days = [monday + timedelta(days=7 * week + day) for week in range(3) for day in range(5)]
        self.saturday = monday + timedelta(days=5)
        self.meals = 0
        self.currency, self.factor = self.dice.pick(ABROAD)
        self.lines: list[Line] = []

    def buy(self, ware: Ware, *, at_home: bool = False) -> Line:
        """Adds a line. Meals are on days of their own, so that no day has too many; no line stands there twice."""
        currency, factor = ("EUR", "1") if at_home else (self.currency, self.factor)
        price = Decimal(self.dice.whole(ware.low, ware.high)) / 100 * Decimal(factor)
        price = price.quantize(Decimal(1) if currency == "JPY" else Decimal("0.01"))
        quantity = self.dice.whole(1, ware.most)
        day = self.days[self.meals] if ware.category == "meal" else self.dice.pick(self.days[:8])
        self.meals += ware.category == "meal"
        euros = price * quantity / Decimal(factor)
        forgotten = euros < 20 and self.dice.whole(1, 4) == 1  # small lines need no receipt
        line: Line = {
            "spent_on": day.isoformat(),
            "vendor": self.dice.pick(ware.vendors),
            "category": ware.category,
            "description": ware.description,
            "quantity": quantity,
            "unit_price": price,
            "currency": currency,
            "receipt": None if forgotten else f"{self.report_id}-{len(self.lines) + 1:02d}.pdf",
        }
        while any(all(line[key] == other[key] for key in ("spent_on", "vendor", "unit_price")) for other in self.lines):
            line["unit_price"] += 1
        self.lines.append(line)
        return line

    def small(self, low: int, high: int) -> None:
        """Adds so many small lines, as long as they stay well below what a manager has to see."""
        spent = Decimal(0)
        for _ in range(self.dice.whole(low, high)):
            ware = self.dice.pick(SMALL)
            if spent + ware.high * ware.most / Decimal(100) > 400:
                continue
            line = self.buy(ware)
            spent += line["unit_price"] * line["quantity"] / Decimal(dict(ABROAD)[line["currency"]])


def small(draft: Draft) -> None:
    """Nothing to be said against it."""
    draft.small(1, 12)


def large(draft: Draft) -> None:
    """More than may be paid without a manager."""
    draft.small(0, 5)
    draft.buy(draft.dice.pick((LARGE[0], LARGE[2])))
    if draft.dice.whole(0, 1):
        draft.buy(LARGE[1])


def weekend(draft: Draft) -> None:
    """Something was bought on a Saturday."""
    draft.small(1, 9)
    draft.buy(SMALL[7])["spent_on"] = draft.saturday.isoformat()


def feast(draft: Draft) -> None:
    """Too much was eaten on one day."""
    draft.small(1, 9)
    line = draft.buy(SMALL[0], at_home=True)
    line.update(quantity=draft.dice.whole(5, 8), unit_price=Decimal("13.90"), receipt=f"{draft.report_id}-feast.pdf")


def journey(draft: Draft) -> None:
    """Flights and nights for more than finance lets pass."""
    draft.small(1, 6)
    draft.buy(FLIGHT, at_home=True)["quantity"] = 2
    for _ in range(draft.dice.whole(4, 5)):
        draft.buy(HOTEL, at_home=True)["quantity"] = 1


def forbidden(draft: Draft) -> None:
    """Something that is never reimbursed."""
    draft.small(1, 6)
    draft.buy(draft.dice.pick(FORBIDDEN))


def duplicate(draft: Draft) -> None:
    """A line that is claimed twice."""
    draft.small(1, 9)
    draft.lines.append(dict(draft.dice.pick(draft.lines)))


def blocked(draft: Draft) -> None:
    """A vendor that the register blocks."""
    draft.small(1, 9)
    draft.buy(SMALL[9])["vendor"] = draft.dice.pick(("V-219", "V-220"))


def stranger(draft: Draft) -> None:
    """A vendor that the register does not know."""
    draft.small(1, 9)
    draft.buy(SMALL[10])["vendor"] = f"V-{draft.dice.whole(900, 999)}"


def incomplete(draft: Draft) -> None:
    """A receipt is missing."""
    draft.small(1, 8)
    draft.buy(HOTEL)["receipt"] = None


def no_such_money(draft: Draft) -> None:
    """A currency that nobody has a rate for."""
    draft.small(1, 5)
    draft.buy(SMALL[0])["currency"] = draft.dice.pick(("XQD", "XZL"))


class Kind(NamedTuple):
    """How a report is made, how many there are, and whether the account of its employee is closed."""

    make: Callable[[Draft], None]
    copies: int
    closed_account: bool = False


PLAN = (
    Kind(small, 120),
    Kind(large, 12),
    Kind(weekend, 4),
    Kind(feast, 4),
    Kind(journey, 10),
    Kind(forbidden, 10),
    Kind(duplicate, 5),
    Kind(blocked, 4),
    Kind(stranger, 3),
    Kind(incomplete, 18),
    Kind(no_such_money, 5),
    Kind(small, 5, closed_account=True),
)


def make_reports() -> list[dict[str, Any]]:
    """All reports, the kinds mixed. `unit_price` is a Decimal."""
    world = json.loads((HERE / "world.json").read_text(encoding="utf-8"))
    closed = set(world["closed_accounts"])
    kinds = [(kind, copy) for kind in PLAN for copy in range(kind.copies)]
    kinds.sort(key=lambda each: hashlib.sha256(f"{SEED}/{PLAN.index(each[0])}/{each[1]}".encode()).digest())
    reports = []
    for number, (kind, _) in enumerate(kinds, start=1):
        draft = Draft(number)
        kind.make(draft)
        people = [one for one in world["employees"] if (one["id"] in closed) == kind.closed_account]
        reports.append(
            {
                "report_id": draft.report_id,
                "employee": draft.dice.pick(people),
                "purpose": draft.dice.pick(PURPOSES),
                "items": draft.lines,
            }
        )
    return reports


def render(value: Any) -> str:
    """JSON in which a Decimal is a number with two decimals."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {render(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(render(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def text() -> str:
    """The whole file."""
    return "".join(f"{render(report)}\n" for report in make_reports())


def main(arguments: list[str] | None = None) -> int:
    """Writes the file, or with `--check` compares it."""
    parser = argparse.ArgumentParser(description="Writes the reports of the expenses example.")
    parser.add_argument("--check", action="store_true", help="only say whether the file is up to date")
    if not parser.parse_args(arguments).check:
        REPORTS.write_text(text(), encoding="utf-8")
        return 0
    same = REPORTS.read_text(encoding="utf-8") == text()
    print("up to date" if same else "reports.jsonl differs from what make_reports.py writes")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
