"""Gates: who comes early is woken, who comes late passes, and a closed one holds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.gate import open_gate, passed, wait_at


def test_who_waits_is_woken_and_who_comes_later_passes(tmp_path: Path) -> None:
    gate = tmp_path / "gate"

    async def play() -> None:
        early = [asyncio.ensure_future(passed(gate)) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(each.done() for each in early)
        open_gate(gate)
        await asyncio.gather(*early)
        await passed(gate)

    asyncio.run(play())
    wait_at(gate)


def test_a_closed_gate_holds(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="nobody opened"):
        wait_at(tmp_path / "gate", 0)


def test_who_is_called_off_leaves_the_gate(tmp_path: Path) -> None:
    async def play() -> None:
        waiting = asyncio.ensure_future(passed(tmp_path / "gate"))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        open_gate(tmp_path / "gate")
        await passed(tmp_path / "gate")

    asyncio.run(play())
