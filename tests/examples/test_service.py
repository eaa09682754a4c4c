"""The flaky service of the expenses example, over real loopback HTTP; and the handlers that use it."""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from examples.expenses.service import WORLD_FILE, Flakiness, trouble_of
from tests.examples.reckoning import FOLDER, RATES
from worktrail.app import load_app
from worktrail.errors import ProviderError
from worktrail.runtime import RuntimeContextManager, StepContext

pytestmark = pytest.mark.slow
Reply = tuple[int, dict[str, Any]]
ORDER = {"report_id": "R-1", "employee_id": "E-102", "amount": "29.97"}


class Running:
    """The service as a process of its own; it is ready when its first line is there."""

    def __init__(self, ledger: Path, *options: str) -> None:
        command = [sys.executable, str(FOLDER / "service.py"), "--until-stdin-closes", "--ledger", str(ledger), *options]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.ready = json.loads(self.process.stdout.readline())
        self.ledger = ledger

    def ask(self, method: str, path: str, key: str = "", order: dict[str, Any] | None = None) -> Reply | None:
        """One request; None where the connection was closed without an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ready["port"], timeout=20)
        try:
            headers = {"Idempotency-Key": key} if key else {}
            connection.request(method, path, body=None if order is None else json.dumps(order), headers=headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (http.client.RemoteDisconnected, ConnectionResetError):
            return None
        finally:
            connection.close()

    def stop(self) -> int:
        """Lets go of the pipe and waits for the end; the exit status."""
        self.process.communicate(timeout=20)
        return self.process.returncode

    def lines(self) -> list[dict[str, Any]]:
        """What the ledger's file holds."""
        return [json.loads(line) for line in self.ledger.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def flaky(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path / "ledger.jsonl", "--seed", "7")
    yield running
    running.stop()


@pytest.fixture
def reliable(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path / "ledger.jsonl", "--reliable", "--port-file", str(tmp_path / "port.txt"))
    yield running
    running.stop()


def key_that(*, drops: bool) -> str:
    """A key whose first attempt fails in this way, and the second does not."""
    return next(key for n in range(10_000) if trouble_of(7, key := f"k{n}") == (1, drops))


def test_one_request_in_five_fails_and_the_third_attempt_never_does() -> None:
    found = [trouble_of(7, f"key {n}") for n in range(5000)]
    assert 0.18 < sum(each.failures > 0 for each in found) / 5000 < 0.22
    assert {each.failures for each in found} == {0, 1, 2} and {each.drops for each in found if each.failures} == {True, False}
    flakiness, key = Flakiness(7), key_that(drops=True)
    assert [flakiness.next_trouble(key) is None for _ in range(4)] == [False, True, False, True]  # after a success, again
    assert Flakiness(None).next_trouble(key) is None


def test_it_knows_rates_and_vendors(reliable: Running, tmp_path: Path) -> None:
    assert int((tmp_path / "port.txt").read_text(encoding="utf-8")) == reliable.ready["port"]
    assert reliable.ask("GET", "/health") == (200, {"status": "ok"})
    for currency, rate in RATES.items():
        status, said = reliable.ask("GET", f"/rates/{currency}") or (0, {})
        assert status == 200 and Decimal(str(said["rate"])) == rate
    assert (reliable.ask("GET", "/rates/XQD") or (0, {}))[0] == 404
    for vendor in json.loads(WORLD_FILE.read_text(encoding="utf-8"))["vendors"]:
        answer = reliable.ask("GET", f"/vendors/{vendor['id']}")
        assert answer == (200, {"vendor_id": vendor["id"], "name": vendor["name"], "status": vendor["status"]})
    assert reliable.ask("GET", "/vendors/V-999") == (404, {"vendor_id": "V-999", "status": "unknown"})


def test_it_fails_as_announced(flaky: Running) -> None:
    for n in range(60):
        trouble = trouble_of(7, f"GET /vendors/V-{n}")
        for _ in range(trouble.failures):
            answer = flaky.ask("GET", f"/vendors/V-{n}")
            assert answer is None if trouble.drops else answer is not None and answer[0] == 503
        assert flaky.ask("GET", f"/vendors/V-{n}") == (404, {"vendor_id": f"V-{n}", "status": "unknown"})


def test_a_payout_is_made_once_for_a_key(reliable: Running) -> None:
    first = reliable.ask("POST", "/payouts", "k", ORDER)
    assert first is not None and first[0] == 201
    assert reliable.ask("POST", "/payouts", "k", ORDER) == (200, first[1])
    assert reliable.ask("GET", "/payouts/k") == (200, first[1])
    assert reliable.ask("GET", "/payouts") == (200, {"payments": 1, "repeats": 1, "total": "29.97"})
    assert [line["kind"] for line in reliable.lines()] == ["payment", "repeat"]
    refused = [
        reliable.ask("POST", "/payouts", "k", {**ORDER, "amount": "30"}),
        reliable.ask("POST", "/payouts", "other", {**ORDER, "employee_id": "E-131"}),
        reliable.ask("POST", "/payouts", "", ORDER),
        reliable.ask("POST", "/payouts", "other", {"report_id": "R-1"}),
        reliable.ask("GET", "/payouts/other"),
    ]
    assert [each and (each[0], each[1]["code"]) for each in refused] == [
        (409, "KEY_TAKEN"),
        (422, "ACCOUNT_CLOSED"),
        (400, "ORDER_INVALID"),
        (400, "ORDER_INVALID"),
        (404, "PAYMENT_UNKNOWN"),
    ]


def test_status_503_pays_nothing_and_a_lost_answer_has_paid(flaky: Running) -> None:
    busy, lost = key_that(drops=False), key_that(drops=True)
    assert (flaky.ask("POST", "/payouts", busy, ORDER) or (0, {}))[0] == 503
    assert not flaky.lines()
    assert flaky.ask("POST", "/payouts", lost, ORDER) is None
    assert [(line["kind"], line["key"]) for line in flaky.lines()] == [("payment", lost)]


def test_the_ledger_outlives_the_service(tmp_path: Path) -> None:
    before = Running(tmp_path / "ledger.jsonl", "--reliable")
    paid = before.ask("POST", "/payouts", "k", ORDER)
    assert before.stop() == 0  # it stops because the pipe was closed
    after = Running(tmp_path / "ledger.jsonl", "--reliable")
    assert paid is not None and after.ask("POST", "/payouts", "k", ORDER) == (200, paid[1])
    assert after.stop() == 0


# --- the handlers of app.py -----------------------------------------------------------------------------------------


def app() -> Any:
    """`app.py`, loaded as a project loads it."""
    return load_app("app.py", FOLDER)


class TestHandlers:
    """`pay_out` against the service: the key is the same for every attempt."""

    def pay(self, running: Running, **changes: Any) -> dict[str, Any]:
        ctx = StepContext(RuntimeContextManager().create_runtime("t", "i"), "pay_out", idempotency_key="k")
        answer: dict[str, Any] = app().pay_out(ctx, {**ORDER, "amount": Decimal("29.97"), **changes}, ledger=running.ready["url"])
        return answer

    def refusal(self, running: Running, **changes: Any) -> tuple[str, bool, bool]:
        with pytest.raises(ProviderError) as caught:
            self.pay(running, **changes)
        details = caught.value.details or {}
        return caught.value.code, details["recoverable"], details["not_executed"]

    def test_it_pays(self, reliable: Running) -> None:
        assert self.pay(reliable) == {"payment_id": "P-00001", "amount": Decimal("29.97")}

    def test_a_refusal_is_final(self, reliable: Running) -> None:
        assert self.refusal(reliable, employee_id="E-131") == ("ACCOUNT_CLOSED", False, True)

    def test_without_a_ledger_nothing_was_done(self, tmp_path: Path) -> None:
        gone = Running(tmp_path / "ledger.jsonl")
        gone.stop()
        assert self.refusal(gone) == ("LEDGER_DOWN", True, True)

    def test_a_busy_ledger_may_be_asked_again(self, flaky: Running) -> None:
        report = next(f"R-{n}" for n in range(10_000) if trouble_of(7, f"payout R-{n}") == (1, False))
        assert self.refusal(flaky, report_id=report) == ("BUSY", True, True)
        assert self.pay(flaky, report_id=report)["payment_id"] == "P-00001"

    def test_a_lost_answer_is_looked_up_and_nothing_is_paid_twice(self, flaky: Running) -> None:
        report = next(f"R-{n}" for n in range(10_000) if trouble_of(7, f"payout R-{n}") == (1, True))
        assert self.pay(flaky, report_id=report)["payment_id"] == "P-00001"
        assert [line["kind"] for line in flaky.lines()] == ["payment"]

    def test_receipts_are_looked_for(self) -> None:
        prices = [("25.00", None), ("25.01", None), ("80", "a.pdf")]
        lines = [{"line": n, "eur": Decimal(eur), "receipt": receipt} for n, (eur, receipt) in enumerate(prices, start=1)]
        answer = asyncio.run(app().check_receipts({"lines": lines}, over=25))
        assert answer == {"output": {"missing": ["line 2 has no receipt"]}}
