"""The two steps of the expenses example that are code: `check_receipts` and `pay_out`.

`@step` reads the signature: positional parameters are input ports, keyword-only ones are the config, `ctx` is the context.
A step may be `async def` or `def`; a plain function runs on a thread of its own, so it may wait for the network as `pay_out`
does. The functions stay what they are: a test calls them directly.
"""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import quote, urlsplit

from worktrail import step
from worktrail.errors import ProviderError
from worktrail.runtime import StepContext

SECONDS = 5.0  # for one request to the ledger
LOST = (OSError, http.client.HTTPException)  # the connection broke, and with it what the ledger said


@step("check_receipts", category="data", icon="receipt", outputs={"output": dict[str, Any]})
async def check_receipts(claim: dict[str, Any], *, over: Any) -> dict[str, Any]:
    """Names every line over so many euros that has no receipt: `{"missing": [text, …]}`."""
    missing = [line["line"] for line in claim["lines"] if line["receipt"] is None and line["eur"] > over]
    return {"output": {"missing": [f"line {line} has no receipt" for line in missing]}}


@step("pay_out", category="integration", icon="banknote", effect="once", outputs={"payment_id": str, "amount": float})
def pay_out(ctx: StepContext, order: dict[str, Any], *, ledger: str) -> dict[str, Any]:
    """Pays an order through the ledger at this address: `{"payment_id": text, "amount": number}`.

    `effect: once`: the step runs again only after a failure that says that certainly nothing was done (`not_executed`). The
    key is the same for every attempt, so where an answer got lost the ledger can be asked whether the payment was made.
    """
    key = ctx.idempotency_key
    if not key:
        raise failure("KEY_MISSING", "a payout needs an idempotency key")
    wanted = {"report_id": order["report_id"], "employee_id": order["employee_id"], "amount": str(order["amount"])}
    try:
        status, said = ask(ledger, "POST", "/payouts", key=key, order=wanted)
    except ConnectionRefusedError as error:
        raise failure("LEDGER_DOWN", f"the ledger does not answer: {error}", again=True) from error
    except LOST as error:
        said = look_up(ledger, key, error)
        status = 200
    if status not in (200, 201):
        raise failure(str(said.get("code")), str(said.get("message")), again=status == 503)
    return {"payment_id": said["payment_id"], "amount": order["amount"]}


def look_up(ledger: str, key: str, lost: Exception) -> dict[str, Any]:
    """The payment whose answer got lost. Where that cannot be found out, nothing is claimed."""
    for _ in range(3):
        try:
            status, said = ask(ledger, "GET", f"/payouts/{quote(key, safe='')}", key=key, order=None)
        except LOST:
            continue
        if status == 200:
            return said
        if status == 404:
            raise failure("PAYMENT_LOST", "the ledger never saw the payout", again=True)
    message = f"the ledger's answer got lost ({type(lost).__name__}): was {key} paid?"
    raise failure("PAYMENT_UNCERTAIN", message, not_executed=False)


def failure(code: str, message: str, *, again: bool = False, not_executed: bool = True) -> ProviderError:
    """A failed attempt: whether another may succeed, and whether certainly nothing was done."""
    return ProviderError(code, message, details={"recoverable": again, "not_executed": not_executed})


def ask(ledger: str, method: str, path: str, *, key: str, order: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
    """One request to the ledger: the status and the JSON object of the answer."""
    connection = http.client.HTTPConnection(urlsplit(ledger).netloc, timeout=SECONDS)
    try:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        if order is not None:
            headers["X-Request-Key"] = f"payout {order['report_id']}"  # so that the service misbehaves the same in every run
        connection.request(method, path, body=None if order is None else json.dumps(order), headers=headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()
