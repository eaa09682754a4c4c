"""A real server on loopback whose every byte the test decides."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class Seen(NamedTuple):
    """One request as it arrived; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Seen, asyncio.StreamWriter], Awaitable[None] | None]


class SkippingLoop(asyncio.SelectorEventLoop):
    """A loop whose clock a test moves on: what would time out later times out now, however slow the machine is."""

    skipped_s = 0.0

    def time(self) -> float:
        return super().time() + self.skipped_s


def skip(seconds: float) -> None:
    """Moves the running loop's clock on."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SkippingLoop)
    loop.skipped_s += seconds


def run(scene: Coroutine[Any, Any, T]) -> T:
    """``asyncio.run`` on a loop whose clock can be moved on."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(scene)


async def silent(_: Seen, writer: asyncio.StreamWriter) -> None:
    """Never answers: the request has arrived, and ten minutes pass."""
    skip(600)
    await asyncio.Event().wait()


class Server:
    """``port`` to reach it at, ``seen`` what it got, ``connections`` how many were opened."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.seen: list[Seen] = []
        self.connections = 0
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, target, _ = head[0].split(" ")
                rows = (line.partition(": ") for line in head[1:] if line)
                headers = {name.lower(): value for name, _, value in rows}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                request = Seen(method, target, headers, body)
                self.seen.append(request)
                waiting = self.answer(request, writer)
                if waiting is not None:
                    await waiting
                await writer.drain()

    def end(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    def url(self, path: str = "/", scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"


@contextlib.asynccontextmanager
async def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    made = Server(answer)
    listening = await asyncio.start_server(made.connected, "127.0.0.1", 0, ssl=tls)
    made.port = listening.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        listening.close()
        made.end()
        await asyncio.sleep(0)


def reply(body: bytes = b"", status: int = 200, length: bool = True, **headers: str) -> Answer:
    """Always the same answer. Header names with underscores for dashes."""

    def answer(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(answer_bytes(body, status, length, **headers))

    return answer


def answer_bytes(body: bytes = b"", status: int = 200, length: bool = True, **headers: str) -> bytes:
    rows = {name.replace("_", "-"): value for name, value in headers.items()}
    if length:
        rows.setdefault("content-length", str(len(body)))
    head = "".join(f"{name}: {value}\r\n" for name, value in rows.items())
    return f"HTTP/1.1 {status} Is\r\n{head}\r\n".encode() + body


def by_path(**answers: Answer) -> Answer:
    """``by_path(a=…)`` answers ``/a``."""

    def answer(seen: Seen, writer: asyncio.StreamWriter) -> Any:
        return answers[seen.target.strip("/").partition("?")[0]](seen, writer)

    return answer
