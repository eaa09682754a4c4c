"""A gate between a test and steps that run in another process or thread: who waits is woken, nobody looks at the clock.

A gate is a named pipe. Opening it puts one byte into it that nobody takes out, so that whoever waits is woken and whoever
comes later passes at once. Open or closed is no matter of which process made it first; it is open while its opener lives.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
from pathlib import Path

__all__ = ["open_gate", "passed", "wait_at"]

_opened: list[int] = []  # a byte stays in a pipe while somebody holds it


def open_gate(path: Path | str) -> None:
    """Lets everybody through, from now on."""
    _made(path)
    pipe = os.open(path, os.O_RDWR)
    os.write(pipe, b"!")
    _opened.append(pipe)


async def passed(path: Path | str) -> None:
    """Returns once the gate is open."""
    pipe = _looked_at(path)
    loop = asyncio.get_running_loop()
    open_ = loop.create_future()
    loop.add_reader(pipe, lambda: open_.done() or open_.set_result(None))
    try:
        await open_
    finally:
        loop.remove_reader(pipe)
        os.close(pipe)


def wait_at(path: Path | str, timeout_s: float = 60) -> None:
    """The same for a thread; fails the test when nobody opens."""
    pipe = _looked_at(path)
    try:
        assert select.select([pipe], [], [], timeout_s)[0], f"nobody opened {path} within {timeout_s} s"
    finally:
        os.close(pipe)


def _made(path: Path | str) -> None:
    with contextlib.suppress(FileExistsError):
        os.mkfifo(path)


def _looked_at(path: Path | str) -> int:
    _made(path)
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK)
