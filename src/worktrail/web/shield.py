"""The shield: what every request passes before anything of ours reads it, and what every answer carries.

Rule: (1) the ``Host`` header names an address of this server, else a page of another site could reach it under a name that
resolves to us; (2) a method that changes something comes from a page of ours (``Sec-Fetch-Site``, else ``Origin``) or brings a
key in a header, which no other site's page can; (3) a body is counted while it arrives; (4) answers say what a browser may do
with them. Pure ASGI, so that streams pass unbuffered.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worktrail.errors import CallerError
from worktrail.web.answers import failure

__all__ = ["BATCH_BYTES", "BODY_BYTES", "HEADERS", "Shield"]

BODY_BYTES: Final = 16 * 1024 * 1024
BATCH_BYTES: Final = 64 * 1024 * 1024
SAFE: Final = frozenset(("GET", "HEAD", "OPTIONS"))
POLICY: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; object-src 'none'"
)
HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


class _TooLargeError(Exception):
    """More than allowed has arrived."""


class Shield:
    """``names`` are the host names of this server, lower case, without ports; ``any_address`` allows every IP address."""

    def __init__(self, app: ASGIApp, *, names: Iterable[str], any_address: bool = False) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names)
        self._any_address = any_address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])  # of repeated ones the last

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _with_defaults(scope, message["headers"])}
            await send(message)

        refused = self._refusal(scope, headers)
        if refused is not None:
            await failure(refused)(scope, receive, guarded)
            return
        limit = BATCH_BYTES if scope["path"] == "/api/v1/batches" else BODY_BYTES
        try:
            await self._app(scope, _counted(scope, receive, limit), guarded)
        except _TooLargeError:
            await failure(CallerError("TOO_LARGE", f"the body is larger than {limit:,} bytes"))(scope, receive, guarded)

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes]) -> CallerError | None:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        host = hosts[0].decode("latin-1").lower() if len(hosts) == 1 else ""
        if not self._is_ours(_without_port(host)):
            return CallerError("HOST_REFUSED", f"this server is not {host[:100]!r}")
        if scope["method"] not in SAFE and b"authorization" not in headers and not _same_site(headers, host):
            return CallerError("CROSS_SITE", "a change must come from a page of this server, or bring a key in `Authorization`")
        length = headers.get(b"content-length", b"0")
        limit = BATCH_BYTES if scope["path"] == "/api/v1/batches" else BODY_BYTES
        if not length.isdigit() or int(length) > limit:
            return CallerError("TOO_LARGE", f"the body is larger than {limit:,} bytes")
        return None

    def _is_ours(self, name: str) -> bool:
        if name in self._names:
            return True
        if not self._any_address:
            return False
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _same_site(headers: dict[bytes, bytes], host: str) -> bool:
    """Whether a page of ours sent it. A browser that says ``Sec-Fetch-Site`` is believed; an older one says ``Origin``.
    Who says neither and brings no cookie is no browser: a program on this machine, or one whose key is asked for next."""
    site = headers.get(b"sec-fetch-site")
    if site is not None and site != b"same-origin":
        return False
    origin = headers.get(b"origin")
    if origin is None:
        return site is not None or b"cookie" not in headers
    scheme, _, rest = origin.decode("latin-1").lower().partition("://")
    return scheme in {"http", "https"} and rest == host


def _counted(scope: Scope, receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                scope["worktrail.too_large"] = limit
                raise _TooLargeError
        return message

    return counting


def _with_defaults(scope: Scope, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    given = list(headers)
    names = {name.lower() for name, _ in given}
    more = [(name, value) for name, value in HEADERS if name not in names]
    if b"cache-control" not in names:
        more.append((b"cache-control", b"no-store"))
    return [*given, *more]
