"""The one outbound HTTP client: a request, its redirects, its limits, its errors.

Rule: an error says whose turn it is and whether the request was certainly not carried out (``details.not_executed``). Every
redirect is a new request that is checked again; one to another origin loses every header the caller set but the harmless
ones, and never goes from https to http. No cookies are kept, nothing is read from the environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import weakref
from collections.abc import Mapping, Sequence
from typing import Any, Self, cast

import httpx
import msgspec

from worktrail.errors import ProviderError, WorktrailError
from worktrail.net.bodies import read_body, too_large
from worktrail.net.policy import NetLimits, NetPolicy, check_url, refused
from worktrail.net.transport import GuardedTransport, Resolver

__all__ = ["OutboundClient", "OutboundResponse"]

REDIRECTS = frozenset({301, 302, 303, 307, 308})
KEPT_ACROSS_ORIGINS = frozenset({"accept", "accept-language", "content-type", "user-agent"})
NOT_THE_CALLERS = frozenset(
    "host content-length transfer-encoding connection keep-alive upgrade te trailer accept-encoding expect".split()
)
METHODS = re.compile(r"[A-Z]{1,20}")
UNSENDABLE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]|^[ \t]|[ \t]\Z")


class OutboundResponse(msgspec.Struct, frozen=True):
    """What came back. ``url`` is the last one; ``headers`` have lower-case names, repeated ones joined; ``body`` is unpacked."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str
    redirects: int = 0

    @property
    def content_type(self) -> str:
        """The media type without parameters, lower case; empty where not said."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def text(self) -> str:
        """The body as text: the charset it says, else UTF-8; what does not fit is replaced."""
        found = re.search(r"charset=\"?([\w.:-]+)", self.headers.get("content-type", ""), re.IGNORECASE)
        try:
            return self.body.decode(found[1] if found else "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")


class OutboundClient:
    """``async with OutboundClient(policy) as client: await client.request("GET", url)``.

    ``resolver`` and ``ssl_context`` are for hosts with their own; connections are kept per event loop.
    """

    def __init__(
        self,
        policy: NetPolicy | None = None,
        *,
        limits: NetLimits | None = None,
        resolver: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
        user_agent: str = "worktrail",
    ) -> None:
        self.policy = policy or NetPolicy()
        self.limits = limits or NetLimits()
        self._resolver = resolver
        self._ssl_context = ssl_context
        self._user_agent = user_agent
        self._transports: weakref.WeakKeyDictionary[Any, GuardedTransport] = weakref.WeakKeyDictionary()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: bytes | str | None = None,
        timeout_s: float | None = None,
        max_bytes: int | None = None,
        max_redirects: int | None = None,
    ) -> OutboundResponse:
        """One request with its redirects. Any status is an answer, not an error.

        Raises ``CallerError`` NET_URL, NET_REQUEST, NET_ADDRESS_REFUSED (nothing was sent) and ``ProviderError`` NET_RESOLVE,
        NET_CONNECT, NET_TLS (nothing was sent), NET_TIMEOUT, NET_PROTOCOL, NET_TOO_LARGE, NET_REDIRECT.
        """
        seconds = self.limits.timeout_s if timeout_s is None else timeout_s
        exchange = _Exchange(self, max_bytes, max_redirects)
        request = exchange.first(method, url, headers or {}, query or {}, body)
        try:
            async with asyncio.timeout(seconds):
                return await exchange.run(request)
        except TimeoutError:
            details = None if exchange.sent else {"not_executed": True}
            raise ProviderError("NET_TIMEOUT", f"{exchange.place} took longer than {seconds} s", details=details) from None

    def transport(self) -> GuardedTransport:
        """The transport of the running loop."""
        loop = asyncio.get_running_loop()
        found = self._transports.get(loop)
        if found is None:
            found = self._transports[loop] = GuardedTransport(
                self.policy, limits=self.limits, resolver=self._resolver, ssl_context=self._ssl_context
            )
        return found

    @property
    def user_agent(self) -> str:
        """What the client calls itself where the caller does not say."""
        return self._user_agent

    async def aclose(self) -> None:
        """Closes the connections of the running loop; the client can be used again."""
        found = self._transports.pop(asyncio.get_running_loop(), None)
        if found is not None:
            await found.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class _Exchange:
    """One call of ``request``: remembers whether any of its requests may have arrived."""

    def __init__(self, client: OutboundClient, max_bytes: int | None, max_redirects: int | None) -> None:
        self._client = client
        self._most = client.limits.max_bytes if max_bytes is None else max_bytes
        self._hops = client.limits.max_redirects if max_redirects is None else max_redirects
        self.sent = False
        self.place = "the request"

    def first(
        self, method: str, url: str, headers: Mapping[str, str], query: Mapping[str, Any], body: bytes | str | None
    ) -> httpx.Request:
        method = method.upper()
        if METHODS.fullmatch(method) is None or method in {"CONNECT", "TRACE"}:
            raise refused("NET_REQUEST", f"{method!r} is no method that can be used")
        target = check_url(url, self._client.policy)
        wrong = [name for name in headers if name.lower() in NOT_THE_CALLERS or name.lower().startswith(("proxy-", ":"))]
        if wrong:
            raise refused("NET_REQUEST", f"header {wrong[0]!r} is not the caller's to set")
        pairs = _query_pairs(query)
        if pairs:
            target = target.copy_with(params=target.params.merge(_grouped(pairs)))
        return self._request(method, target, dict(headers), body.encode() if isinstance(body, str) else body)

    def _request(self, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes | None) -> httpx.Request:
        self.place = f"{method} {url.scheme}://{url.netloc.decode('ascii')}"
        try:
            ours = httpx.Headers(
                {"accept": "*/*", "user-agent": self._client.user_agent, **{k.lower(): v for k, v in headers.items()}}
            )
            for name, value in ours.raw:
                if not name or UNSENDABLE.search(value):  # the value may be a credential: it is not shown
                    raise refused(
                        "NET_REQUEST", f"the value of header {name.decode()!r} holds a control character, or a blank at an end"
                    )
            ours["accept-encoding"] = "gzip, deflate"
            return httpx.Request(method, url, headers=ours, content=body, extensions={"trace": self._watch})
        except (UnicodeError, TypeError, AttributeError) as error:
            raise refused("NET_REQUEST", f"a header cannot be sent: {error}") from None

    async def _watch(self, name: str, _: dict[str, Any]) -> None:
        self.sent = self.sent or name.endswith("send_request_headers.started")

    async def run(self, request: httpx.Request) -> OutboundResponse:
        for hop in range(self._hops + 1):
            arrived = self.sent  # an earlier request of this exchange
            try:
                response = await self._client.transport().handle_async_request(request)
                arrived = True
                async with contextlib.aclosing(cast("httpx.AsyncByteStream", response.stream)):
                    following = self._following(request, response) if self._hops else None
                    if following is None:
                        body = await self._read(request, response)
                        return OutboundResponse(response.status_code, _joined(response.headers), body, str(request.url), hop)
            except WorktrailError as error:
                if arrived and error.details is not None:
                    error.details.pop("not_executed", None)
                raise
            request = following
        raise ProviderError("NET_REDIRECT", f"{self.place}: more than {self._hops} redirects", details={"recoverable": False})

    async def _read(self, request: httpx.Request, response: httpx.Response) -> bytes:
        said = response.headers.get("content-length", "")
        if said.isdecimal() and int(said) > self._most and request.method != "HEAD":
            raise too_large(self._most)
        return await read_body(aiter(cast("httpx.AsyncByteStream", response.stream)), _encoding(request, response), self._most)

    def _following(self, request: httpx.Request, response: httpx.Response) -> httpx.Request | None:
        """The request a redirect asks for, checked, or None."""
        location = response.headers.get("location")
        if response.status_code not in REDIRECTS or location is None:
            return None
        try:
            joined = request.url.join(location)
        except httpx.InvalidURL as error:
            raise ProviderError("NET_REDIRECT", f"{self.place}: redirected to no URL: {error}") from None
        if request.url.scheme == "https" and joined.scheme == "http":
            raise ProviderError("NET_REDIRECT", f"{self.place}: redirected from https to http", details={"recoverable": False})
        target = joined.copy_with(fragment=None)  # the transport checks it, like every request
        method, body = request.method, request.content
        status = response.status_code
        if (status == 303 and method != "HEAD") or (status in {301, 302} and method == "POST"):
            method, body = "GET", b""
        headers = {k: v for k, v in request.headers.items() if k not in NOT_THE_CALLERS}
        if _origin(target) != _origin(request.url):
            headers = {k: v for k, v in headers.items() if k in KEPT_ACROSS_ORIGINS}
        if not body:
            headers.pop("content-type", None)
        return self._request(method, target, headers, body or None)


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _encoding(request: httpx.Request, response: httpx.Response) -> str:
    return "" if request.method == "HEAD" else str(response.headers.get("content-encoding", ""))


def _joined(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _query_pairs(query: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        items = value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else [value]
        texts = [str(item).lower() if isinstance(item, bool) else str(item) for item in items if item is not None]
        pairs += [(str(name), text) for text in texts]
    return pairs


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped
