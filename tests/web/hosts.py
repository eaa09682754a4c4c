"""One helper for the tests of the web: a host over a sample project, and clients in this process.

``client.get("/api/v1/me").json()`` goes through the whole application (shield, threads, failures), without a socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from pydantic import TypeAdapter

from worktrail.app import Caller, Host, Mode, Worker, create_key, load_project, os_principal, wire
from worktrail.web import create_app
from worktrail.web.models.common import Problem
from worktrail.web.routes import ROUTES

__all__ = ["BASE", "Web", "served"]

BASE = "http://localhost"


def _hold_against_the_document(method: str, answer: httpx.Response) -> None:
    """Every answer is what the documents say: the model of its route, or the one shape of errors."""
    path = answer.request.url.path
    if answer.headers.get("content-type") != "application/json" or path == "/api/v1/openapi.json":
        return
    if answer.status_code >= 400 and answer.status_code != 503:
        Problem.model_validate_json(answer.content)
        return
    for route in ROUTES:
        pattern = re.sub(r"\{[a-z_]+\}", "[^/]+", route.path)
        if route.method == method and re.fullmatch(pattern, path):
            if route.answer is not None:
                TypeAdapter(route.answer).validate_json(answer.content)
            return
    raise AssertionError(f"no route answers {method} {path}")


class Web:
    """An application and what a test asks of it."""

    def __init__(self, host: Host, folder: Path) -> None:
        self.host = host
        self.folder = folder
        self.app = create_app(host, static=folder / "static")

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request. ``key`` brings a key, ``same_site`` (default) the header of a page of ours."""
        headers = dict(more.pop("headers", {}))
        key = more.pop("key", None)
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        elif more.pop("same_site", True):
            headers.setdefault("Sec-Fetch-Site", "same-origin")
        more.pop("same_site", None)

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                return await client.request(method, path, headers=headers, **more)

        answer = asyncio.run(asked())
        _hold_against_the_document(method, answer)
        return answer

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)

    def work(self) -> None:
        """A worker of its own goes on with what is open, until nothing moves by itself any more."""
        with wire(load_project(self.folder)) as wiring:
            asyncio.run(Worker(wiring).run(until_idle=True))

    def key(self, name: str, *permissions: str, tenant: str = "default", **more: Any) -> str:
        """The secret of a new key."""
        maker = Caller(self.host.service(tenant).store, os_principal(tenant_id=tenant))
        return str(create_key(maker, name, permissions or ("view",), **more)["secret"])


@contextlib.contextmanager
def served(folder: Path, *, mode: Mode = "local") -> Iterator[Web]:
    """A host over the project in a folder, and its application."""
    host = Host(lambda tenant_id: wire(load_project(folder), tenant_id=tenant_id), mode=mode)
    try:
        yield Web(host, folder)
    finally:
        host.close()
