"""Steps that a test holds back and lets go by a gate and a file beside the project file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.gate import passed
from worktrail import Fail, step

HERE = Path(__file__).resolve().parent


@step("price", category="data")
async def price(input: dict[str, Any]) -> Any:  # noqa: A002  the port's name
    """Prices an order."""
    return {**input, "total": input["quantity"] * 10}


@step("pack", category="utility")
async def pack(input: Any) -> Any:  # noqa: A002
    """Packs once the gate is open."""
    await passed(HERE / "gate")
    return input


@step("ship", category="integration")
async def ship(input: Any) -> Any:  # noqa: A002
    """Ships; to `nowhere` only once the file `repaired` is there."""
    order = input.get("data", input)
    if order["customer"] == "nowhere" and not (HERE / "repaired").exists():
        return Fail("ADDRESS_UNKNOWN", "the carrier knows no such address", hint="Correct the address, then retry.")
    return {"shipped": order["customer"]}
