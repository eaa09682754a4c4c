"""A service behind one base address: what a host registers as a client, so that definitions hold an id and a path.

Rule: a path stays below the base. It names no other host, climbs nowhere, however it is percent-encoded; credentials live
here, not in a definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import httpx

from worktrail.net.client import OutboundClient, OutboundResponse
from worktrail.net.policy import refused

__all__ = ["ServiceClient", "safe_path"]

DECODINGS = 4  # how often a path may be percent-encoded over and over


def safe_path(path: str) -> str:
    """``path`` with one leading slash; ``CallerError NET_URL`` where it could leave its base."""
    shown = repr(path[:80])
    if path.startswith(("//", "/\\", "\\")) or "#" in path or any(ord(sign) < 33 or ord(sign) == 127 for sign in path):
        raise refused("NET_URL", f"the path {shown} begins with another host, or holds a blank, a `#` or a control character")
    plain = path.partition("?")[0]
    for _ in range(DECODINGS):
        if "\\" in plain or any(part in {".", ".."} for part in plain.split("/")):
            raise refused("NET_URL", f"the path {shown} climbs out of its base")
        decoded = unquote(plain)
        if decoded == plain:
            return path if path.startswith("/") else f"/{path}"
        plain = decoded
    raise refused("NET_URL", f"the path {shown} is percent-encoded over and over")


class ServiceClient:
    """Requests below ``base_url`` with fixed headers (such as Authorization), through an ``OutboundClient``.

    The keywords of ``request`` are those of ``httpx.AsyncClient``, so either can be registered as a client.
    """

    def __init__(self, base_url: str, *, headers: Mapping[str, str] | None = None, client: OutboundClient | None = None) -> None:
        self._base = httpx.URL(base_url)
        if not self._base.host or self._base.query or self._base.fragment:
            raise refused("NET_URL", "a base address has a host, and no query or fragment")
        self._headers = dict(headers or {})
        self._client = client or OutboundClient()

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        content: bytes | str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  named as in httpx
    ) -> OutboundResponse:
        """One request; ``timeout`` in seconds for all of it. Fixed headers win over the caller's."""
        fixed = {name.lower() for name in self._headers}
        others = {name: value for name, value in (headers or {}).items() if name.lower() not in fixed}
        url = str(self._base).rstrip("/") + safe_path(path)
        return await self._client.request(
            method, url, headers={**others, **self._headers}, query=params, body=content, timeout_s=timeout
        )

    async def aclose(self) -> None:
        """Closes the connections of the running loop."""
        await self._client.aclose()

    def __repr__(self) -> str:
        return f"<ServiceClient {self._base}>"
