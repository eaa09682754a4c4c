"""The two steps of the expenses example that are code: `check_receipts` and `pay_out`.

A handler gets `(ctx, config, input_data)` and answers `{port: value}`, or `Fail`. It may be `async def` or `def`; a plain
function runs on a thread of its own, so it may wait for the network as `pay_out` does.
"""

from __future__ import annotations

import http.client
import json
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

from worktrail import step
from worktrail.runtime import Fail, StepContext

SECONDS = 5.0  # for one request to the ledger


@step("check_receipts")
async def check_receipts(ctx: StepContext, config: dict[str, Any], input_data: dict[str, Any]) -> dict[str, Any]:
    """Names every line over `config["over"]` euros that has no receipt: `{"output": {"missing": [text, …]}}`."""
    limit = Decimal(str(config["over"]))
    missing = [
        f"line {line['line']} has no receipt"
        for line in input_data["input"]["lines"]
        if not line["receipt"] and Decimal(str(line["eur"])) > limit
    ]
    return {"output": {"missing": missing}}


@step("pay_out")
def pay_out(ctx: StepContext, config: dict[str, Any], input_data: dict[str, Any]) -> dict[str, Any] | Fail:
    """Pays an order through the ledger at `config["ledger"]`: `{"payment_id": text, "amount": number}`.

    The step has `effect: once`: it runs again only if it says that certainly nothing was done (`not_executed`). The key is
    the same for every attempt, so where an answer got lost the ledger can be asked whether the payment was made.
    """
    order = input_data["input"]
    key = ctx.idempotency_key
    if not key:
        return Fail("KEY_MISSING", "a payout needs an idempotency key", not_executed=True)
    wanted = {"report_id": order["report_id"], "employee_id": order["employee_id"], "amount": str(order["amount"])}
    try:
        status, said = _ask(config["ledger"], "POST", "/payouts", key=key, order=wanted)
    except ConnectionRefusedError as error:
        return Fail("LEDGER_DOWN", f"the ledger does not answer: {error}", recoverable=True, not_executed=True)
    except (OSError, http.client.HTTPException) as error:
        return _look_up(config["ledger"], key, order, error)
    if status in (200, 201):
        return {"payment_id": said["payment_id"], "amount": order["amount"]}
    message = str(said.get("message", f"status {status}"))
    return Fail(str(said.get("code", "LEDGER_REFUSED")), message, recoverable=status == 503, not_executed=True)


def _look_up(base: str, key: str, order: dict[str, Any], lost: Exception) -> dict[str, Any] | Fail:
    """What became of a payout whose answer got lost. Where that cannot be found out, nothing is claimed."""
    unknown = Fail("PAYMENT_UNCERTAIN", f"the ledger's answer got lost ({type(lost).__name__}); was {key} paid?")
    for _ in range(3):
        try:
            status, said = _ask(base, "GET", f"/payouts/{quote(key, safe='')}", key=key, order=None)
        except (OSError, http.client.HTTPException):
            continue
        if status == 200:
            return {"payment_id": said["payment_id"], "amount": order["amount"]}
        if status == 404:
            return Fail("PAYMENT_LOST", "the ledger never saw the payout", recoverable=True, not_executed=True)
    return unknown


def _ask(base: str, method: str, path: str, *, key: str, order: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
    """One request to the ledger: the status and the JSON object of the answer."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=SECONDS)
    try:
        body = None if order is None else json.dumps(order)
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        if order is not None:
            headers["X-Request-Key"] = f"payout {order['report_id']}"  # so that the service misbehaves the same in every run
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()
