"""What the rules of the expenses example say about a report, worked out without Worktrail: plain Python and `decimal`.

It is written from the README's table of rules, not from the segment, so that the two can be held against each other.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "expenses"
WORLD = json.loads((FOLDER / "world.json").read_text(encoding="utf-8"))
RATES = {currency: Decimal(rate) for currency, rate in WORLD["rates"].items()}
VENDORS = {vendor["id"]: vendor["status"] for vendor in WORLD["vendors"]}
CLOSED = set(WORLD["closed_accounts"])
TRAVEL = {"flight", "train", "hotel", "taxi"}
FORBIDDEN = {"alcohol", "traffic_fine", "gift_card"}
MANAGER_OVER, FINANCE_OVER, MEALS_PER_DAY, RECEIPT_OVER = Decimal(500), Decimal(1500), Decimal(60), Decimal(25)


class Expected(NamedTuple):
    """`way` is the port of the switch `decide`, or `no_rate`; `outcome` is what a run ends with if every person approves."""

    way: str
    outcome: str
    total: Decimal | None


def load_reports() -> list[dict[str, Any]]:
    """All reports; numbers with a point are Decimals."""
    lines = (FOLDER / "reports.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line, parse_float=Decimal) for line in lines]


def cents(value: Decimal) -> Decimal:
    """To the cent, halves away from zero."""
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def expected_of(report: dict[str, Any]) -> Expected:
    """What has to come of a report."""
    items = report["items"]
    if any(item["currency"] not in RATES for item in items):
        return Expected("no_rate", "failed", None)
    amounts = [cents(item["unit_price"] * item["quantity"]) for item in items]
    euros = [cents(amount * RATES[item["currency"]]) for amount, item in zip(amounts, items, strict=True)]
    total = sum(euros, Decimal(0))
    way = _way(items, amounts, euros)
    if way in ("default", "manager", "finance"):
        return Expected(way, "payment_failed" if report["employee"]["id"] in CLOSED else "approved", total)
    return Expected(way, {"breach": "rejected", "incomplete": "returned"}[way], total)


def _way(items: list[dict[str, Any]], amounts: list[Decimal], euros: list[Decimal]) -> str:
    same = Counter((item["spent_on"], item["vendor"], amount) for item, amount in zip(items, amounts, strict=True))
    meals: dict[str, Decimal] = defaultdict(Decimal)
    travel = Decimal(0)
    for item, euro in zip(items, euros, strict=True):
        if item["category"] == "meal":
            meals[item["spent_on"]] += euro
        if item["category"] in TRAVEL:
            travel += euro
    unusual = any(spent > MEALS_PER_DAY for spent in meals.values()) or any(
        date.fromisoformat(item["spent_on"]).weekday() >= 5 for item in items if item["category"] not in TRAVEL
    )
    if (
        any(item["category"] in FORBIDDEN for item in items)
        or any(VENDORS.get(item["vendor"]) != "known" for item in items)
        or any(count > 1 for count in same.values())
    ):
        return "breach"
    if any(item["receipt"] is None and euro > RECEIPT_OVER for item, euro in zip(items, euros, strict=True)):
        return "incomplete"
    if travel > FINANCE_OVER:
        return "finance"
    return "manager" if unusual or sum(euros, Decimal(0)) > MANAGER_OVER else "default"
