"""A stream on its connection: bytes of a reader as they come, until one of both ends is gone.

Rule: what is sent was encoded once, elsewhere; here is nothing but waiting. A connection that takes nothing is waited for with
one piece in hand, and cut when it should have ended (``Reader.cut``). Whatever happens, the reader is let go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from worktrail.app import Hub, Reader

__all__ = ["LiveStream"]

HEADERS: Final = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
    "connection": "keep-alive",
}


class LiveStream(Response):
    """The answer that does not end by itself. ``attach()`` makes the reader when the answer begins."""

    def __init__(self, hub: Hub, attach: Callable[[], Reader]) -> None:
        super().__init__(headers=HEADERS)
        self._hub = hub
        self._reader = attach()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reader = self._reader
        sending = asyncio.create_task(self._send(reader, send))
        leaving = asyncio.create_task(_until_gone(receive))
        reader.cut = sending.cancel
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.detach(reader)
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _send(self, reader: Reader, send: Send) -> None:
        headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while (data := await reader.take()) is not None:
            await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
