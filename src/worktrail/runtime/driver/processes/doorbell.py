"""The doorbell: a local socket on which the owner of runs answers other processes of the same machine.

Rule: one JSON line asks ``{kind, target, body, principal, command_id}``, one JSON line answers. The socket file lies in a
folder only this user can enter. Nothing depends on it: who gets no answer puts the command into the inbox.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from worktrail.engine import decode_exactly
from worktrail.errors import CallerError
from worktrail.runtime.driver.processes.presence import lives_here
from worktrail.runtime.driver.processes.resent import answer_given
from worktrail.store import CommandRow, Store

__all__ = ["Doorbell", "send_command"]

LINE_MAX_BYTES = 4 * 1024 * 1024
_encode = msgspec.json.Encoder(decimal_format="number").encode  # numbers arrive digit by digit


class _Question(msgspec.Struct, frozen=True):
    """One line of another process."""

    kind: str
    target: str
    principal: str
    body: dict[str, Any] | None = None
    command_id: str | None = None


msgspec.json.Decoder(_Question)  # made known here, by one thread: see `tests/house/test_decoders.py`


class Doorbell:
    """Serves ``answer(request)``; ``address`` is the socket's path."""

    def __init__(self, answer: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]) -> None:
        self._answer = answer
        self._server: asyncio.AbstractServer | None = None
        self._folder = ""
        self.address = ""

    async def open(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="worktrail-")
        self.address = str(Path(self._folder) / "owner.sock")
        self._server = await asyncio.start_unix_server(self._serve, self.address, limit=LINE_MAX_BYTES)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._server.wait_closed(), 1.0)
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await reader.readline()
            if line:
                answer = await self._heard(line)
                writer.write(_encode(answer) + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            return
        finally:
            writer.close()

    async def _heard(self, line: bytes) -> dict[str, Any]:
        """The owner's answer; what is no question never reaches it."""
        try:
            question = decode_exactly(line)
            msgspec.convert(question, _Question)
        except (msgspec.DecodeError, RecursionError) as error:
            return _refused(CallerError("COMMAND_INVALID", f"the question cannot be read: {error}"))
        return await self._answer(question)


def send_command(
    store: Store,
    kind: str,
    target: str,
    body: Mapping[str, Any],
    principal: str,
    *,
    timeout_s: float = 10.0,
    command_id: str | None = None,
) -> dict[str, Any]:
    """Ask the owner of a run (or of a task's run) from another process. Blocks.

    Answers what the owner says, ``{"accepted": …}``; ``{"queued": true, "reason": …, "command_id": …}`` where no process
    answers: then the command waits in the inbox and the next owner carries it out. With a ``command_id`` of the caller's own the
    same call can be made again: what was carried out is answered, not done twice.
    """
    if command_id is not None and (given := answer_given(store, kind, target, command_id)) is not None:
        return given
    command_id = command_id or secrets.token_hex(12)
    run_id = target
    if kind.startswith("task."):
        task = store.get_task(target)
        if task is None:
            raise CallerError("TASK_NOT_FOUND", f"there is no task '{target}'")
        run_id = task.run_id or target
        if task.status != "open":
            return _refused(CallerError("TASK_NOT_OPEN", f"task {target} is {task.status}", details={"status": task.status}))
    else:
        run = store.get_run(target)
        if run is None:
            raise CallerError("NOT_FOUND", f"there is no run '{target}'")
        if run.ended_us is not None:
            return _refused(CallerError("RUN_ENDED", f"run {target} is {run.status}", details={"status": run.status}))
    owner = store.owner_of(run_id)
    if owner is not None and owner.address:
        asked = {"kind": kind, "target": target, "body": dict(body), "principal": principal, "command_id": command_id}
        answer = _ask(owner.address, asked, timeout_s)
        if answer is None:  # perhaps it died between its commit and its answer
            answer = answer_given(store, kind, target, command_id)
        if answer is not None:
            return answer
    row = CommandRow(
        command_id, run_id if kind.startswith("task.") else target, kind, _with_target(body, target), principal, _now_us()
    )
    store.send(row)
    return _await_answer(store, command_id, timeout_s if owner is not None and lives_here(owner.process) else 0.0)


def _refused(error: CallerError) -> dict[str, Any]:
    """What has ended never opens again: nobody need be asked."""
    return {"accepted": False, "error": error.to_dict()}


def _with_target(body: Mapping[str, Any], target: str) -> bytes:
    return _encode({**body, "target": target})


def _ask(address: str, question: dict[str, Any], timeout_s: float) -> dict[str, Any] | None:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(timeout_s)
            link.connect(address)
            link.sendall(_encode(question) + b"\n")
            with link.makefile("rb") as lines:
                line = lines.readline(LINE_MAX_BYTES)
    except OSError:
        return None
    return msgspec.json.decode(line) if line.endswith(b"\n") else None  # else it died while it spoke


def _await_answer(store: Store, command_id: str, timeout_s: float) -> dict[str, Any]:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        row = store.get_command(command_id)
        if row is not None and row.answer is not None:
            answer: dict[str, Any] = msgspec.json.decode(row.answer)
            return answer
        time.sleep(0.02)
    return {"queued": True, "reason": "no worker", "command_id": command_id}


def _now_us() -> int:
    return time.time_ns() // 1000
