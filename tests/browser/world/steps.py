"""Steps that do what a script says, so that a run can end in every state: `SCRIPTS[run id][step] = [deed of each attempt, …]`.

A deed is `(outcome, milliseconds)`; an outcome is `ok`, `hang` (never answers), or `CODE: message`. The last deed repeats; what
is not scripted is `ok`. The clock only moves while a step works, so the same scripts always leave the same times behind.
"""

from __future__ import annotations

import asyncio
from typing import Any

from worktrail import Fail, StepContext, step

SCRIPTS: dict[str, dict[str, list[tuple[str, int]]]] = {}
USUAL_MS = {"intake": 38, "policy_check": 12_600, "fx_rates": 900, "read_receipt": 4_100, "pay": 1_850, "notify": 240}


class Clock:
    """Microseconds since 1970, moved by hand."""

    now_us = 0

    def __call__(self) -> int:
        """The time."""
        return self.now_us

    def advance(self, milliseconds: int) -> None:
        """Goes on."""
        self.now_us += milliseconds * 1000


CLOCK = Clock()


async def _do(ctx: StepContext, name: str, answer: Any) -> Any:
    deeds = SCRIPTS.get(ctx.run_id, {}).get(name, [])
    usual = ("ok", USUAL_MS.get(ctx.step_id, 500))
    said, took = deeds[min(ctx.attempt, len(deeds)) - 1] if deeds else usual
    CLOCK.advance(took)
    if said == "hang":
        await asyncio.Event().wait()
    if said == "ok":
        return answer
    code, _, message = said.partition(": ")
    return Fail(code, message, recoverable=True)


@step("work", category="data")
async def work(ctx: StepContext, input: Any) -> Any:  # noqa: A002  the port's name
    """Passes its input on."""
    return await _do(ctx, ctx.step_id, input)


@step("read_receipt", category="ai")
async def read_receipt(ctx: StepContext, input: str) -> Any:  # noqa: A002
    """Reads a receipt."""
    return await _do(ctx, input, {"receipt": input, "total": "42.10", "currency": "EUR"})


@step("rates", category="integration")
async def rates(ctx: StepContext, input: Any) -> Any:  # noqa: A002
    """Asks for rates of exchange."""
    return await _do(ctx, "fx_rates", {"base": "EUR", "GBP": "0.8517", "USD": "1.0852"})


@step("pay", category="integration", effect="once")
async def pay(ctx: StepContext, order: Any, rates: Any) -> Any:
    """Pays, once."""
    return await _do(ctx, "pay", {"paid": True, "key": ctx.idempotency_key[:12]})
