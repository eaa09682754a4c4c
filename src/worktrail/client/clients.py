"""The two clients."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Generator
from typing import Any, Self

import httpx

from worktrail.client.calls import Call, error_of, place, reach_error, value_of
from worktrail.client.parts import Batches, Happening, Incidents, Keys, Runs, Segments, Tasks, Views, Visits
from worktrail.client.streams import Parser, Resume, StreamEvent
from worktrail.errors import WorktrailError

__all__ = ["AsyncClient", "Client"]

TIMEOUT_S = 30.0
STREAM = "/api/v1/stream"


class _Parts:
    """What both clients are made of."""

    def __init__(self, url: str, key: str | None) -> None:
        self.url, self._headers = place(url, key)
        self.runs = Runs(self.send)
        self.visits = Visits(self.send)
        self.incidents = Incidents(self.send)
        self.tasks = Tasks(self.send)
        self.segments = Segments(self.send)
        self.batches = Batches(self.send)
        self.happening = Happening(self.send)
        self.views = Views(self.send)
        self.keys = Keys(self.send)

    def send(self, call: Call) -> Any:
        """Carries a call out."""
        raise NotImplementedError

    def me(self) -> Any:
        """Who the server takes this client for, and what it may do."""
        return self.send(Call(method="GET", path="/api/v1/me"))

    def health(self) -> Any:
        return self.send(Call(method="GET", path="/api/v1/health"))

    def metrics(self) -> Any:
        """Bytes in Prometheus' text format."""
        return self.send(Call(method="GET", path="/metrics", raw=True))

    def _stream(self, topics: tuple[str, ...], resume: Resume) -> dict[str, Any]:
        more = {"headers": resume.headers(), "timeout": httpx.Timeout(TIMEOUT_S, read=60.0)}
        return {"params": {"topics": ",".join(topics)}, **more}


class Client(_Parts):
    """Blocks. ``with Client("http://127.0.0.1:8700", key) as client: client.runs.list()``.

    Errors are those of `worktrail.errors`, with the server's codes; NET_CONNECT, NET_TIMEOUT, NET_PROTOCOL where it cannot be
    reached. Thread-safe.
    """

    def __init__(self, url: str, key: str | None = None, *, timeout_s: float = TIMEOUT_S) -> None:
        super().__init__(url, key)
        self._http = httpx.Client(base_url=self.url, headers=self._headers, timeout=timeout_s)

    def send(self, call: Call) -> Any:
        """Carries a call out; its value."""
        try:
            answer = self._http.request(**call.request())
        except httpx.HTTPError as error:
            raise reach_error(error, self.url) from error
        return value_of(call, answer)

    def stream(self, *topics: str, after: int | None = None) -> Generator[StreamEvent]:
        """What happens, as it happens, for ever: topics ``run:<id>``, ``activity``, ``inbox``, ``counts``; from now on, or after
        a journal position. A connection that breaks is made again and goes on where it was. Raises when the right is gone."""
        resume = Resume(after)
        while True:
            try:
                with self._http.stream("GET", STREAM, **self._stream(topics, resume)) as answer:
                    if answer.status_code >= 400:
                        answer.read()
                        raise error_of(answer)
                    parser = Parser()
                    for line in answer.iter_lines():
                        event = parser.line(line)
                        if event is not None:
                            resume.seen(event)
                            yield event
            except httpx.HTTPError:
                pass
            except WorktrailError as error:
                if error.blame != "provider":
                    raise
            time.sleep(resume.wait_s())

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient(_Parts):
    """The same, awaited: ``async with AsyncClient(url, key) as client: await client.runs.list()``."""

    def __init__(self, url: str, key: str | None = None, *, timeout_s: float = TIMEOUT_S) -> None:
        super().__init__(url, key)
        self._http = httpx.AsyncClient(base_url=self.url, headers=self._headers, timeout=timeout_s)

    async def send(self, call: Call) -> Any:
        """Carries a call out; its value."""
        try:
            answer = await self._http.request(**call.request())
        except httpx.HTTPError as error:
            raise reach_error(error, self.url) from error
        return value_of(call, answer)

    async def stream(self, *topics: str, after: int | None = None) -> AsyncGenerator[StreamEvent]:
        """As `Client.stream`."""
        resume = Resume(after)
        while True:
            try:
                async with self._http.stream("GET", STREAM, **self._stream(topics, resume)) as answer:
                    if answer.status_code >= 400:
                        await answer.aread()
                        raise error_of(answer)
                    parser = Parser()
                    async for line in answer.aiter_lines():
                        event = parser.line(line)
                        if event is not None:
                            resume.seen(event)
                            yield event
            except httpx.HTTPError:
                pass
            except WorktrailError as error:
                if error.blame != "provider":
                    raise
            await asyncio.sleep(resume.wait_s())

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
