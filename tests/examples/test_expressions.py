"""The expressions of the expenses example decide each of the 200 reports as its rules say, to the cent."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.examples.reckoning import CLOSED, FOLDER, RATES, VENDORS, expected_of, load_reports
from tests.examples.walking import Values, walk
from worktrail.app.documents import load_segment_file

REPORTS = load_reports()
SEGMENT = load_segment_file(FOLDER / "segment.yaml")
PAYMENT = load_segment_file(FOLDER / "payment.yaml")

WAYS = {"default": 125, "manager": 20, "finance": 10, "breach": 22, "incomplete": 18, "no_rate": 5}
OUTCOMES = {"approved": 150, "rejected": 22, "returned": 18, "payment_failed": 5, "failed": 5}


class NoRateError(Exception):
    """The service knows no rate for a currency: the run would fail."""


def answer(step_id: str, config: Any, inputs: Values) -> Values:
    """What the world says, and a person who approves everything."""
    value = next(iter(inputs.values()))
    match step_id:
        case "ask_rate":
            currency = config["url"].rpartition("/")[2]
            if currency not in RATES:
                raise NoRateError(currency)
            return {"response": {"currency": currency, "rate": RATES[currency]}, "status": 200}
        case "ask_vendor":
            vendor = config["url"].rpartition("/")[2]
            return {"response": {"vendor_id": vendor, "status": VENDORS.get(vendor, "unknown")}, "status": 200}
        case "receipts":
            lines = [line["line"] for line in value["lines"] if line["receipt"] is None and line["eur"] > config["over"]]
            return {"output": {"missing": [f"line {line} has no receipt" for line in lines]}}
        case "manager_approval" | "finance_review":
            return {"approved": {"decided_by": "cli:kim", "asked": f"{config['title']} {config['description']}"}}
        case "pay" if config["input"]["employee_id"] in CLOSED:
            return {"error": {"error_code": "ACCOUNT_CLOSED", "error_message": "the account is closed"}}
        case "pay":
            order = walk(PAYMENT, config["input"], answer)["order"]["output"]
            return {"output": {"payment_id": "P-1", "amount": order["amount"]}}
        case "pay_out":
            return {"payment_id": "P-1", "amount": value["amount"]}
    raise AssertionError(step_id)


def test_the_reports_are_as_varied_as_the_readme_says() -> None:
    expected = [expected_of(report) for report in REPORTS]
    assert Counter(each.way for each in expected) == WAYS
    assert Counter(each.outcome for each in expected) == OUTCOMES
    paid = [each.total for each in expected if each.outcome == "approved" and each.total is not None]
    assert (len(paid), sum(paid)) == (150, Decimal("52950.73"))
    assert {len(report["items"]) for report in REPORTS} == set(range(1, 13))
    lines = [item for report in REPORTS for item in report["items"]]
    assert {"EUR", "USD", "GBP", "CHF", "SEK", "PLN", "CZK", "JPY"} < {item["currency"] for item in lines}
    assert any(item["unit_price"] == Decimal("9.99") and item["quantity"] == 3 for item in lines)


@pytest.mark.parametrize("report", REPORTS, ids=[report["report_id"] for report in REPORTS])
def test_a_report_goes_its_way(report: dict[str, Any]) -> None:
    expected = expected_of(report)
    if expected.way == "no_rate":
        with pytest.raises(NoRateError):
            walk(SEGMENT, report, answer)
        return
    done = walk(SEGMENT, report, answer)
    assert list(done["decide"]) == [expected.way]
    assert done["status"]["output"] == expected.outcome
    assert done["total"]["output"] == expected.total
    assert bool(done["reasons"]["output"]) is (expected.outcome != "approved")
    assert ("output" in done["approver"]) is (expected.way in ("manager", "finance"))
    if expected.outcome == "approved":
        assert done["pay"]["output"]["amount"] == expected.total


def test_a_person_is_told_what_is_unusual() -> None:
    asked = [walk(SEGMENT, report, answer) for report in REPORTS if expected_of(report).way == "manager"]
    texts = [done["manager_approval"]["approved"]["asked"] for done in asked]
    assert sum("was spent on a Saturday" in text for text in texts) == 4
    assert sum("meals on " in text for text in texts) == 4
    assert sum("Nothing unusual." in text for text in texts) == 12
