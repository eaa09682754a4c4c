"""The way out: a transport that looks a name up once, checks every address, and connects to the one it checked.

Rule: between the check and the connection nothing is resolved again, so a name that changes its answer (rebinding) gains
nothing. If one of several addresses is refused, the host is. Host header and TLS name stay those of the URL. The transport
suits any ``httpx.AsyncClient``, which is how libraries that bring their own client stay inside the guard; it reads no proxy
and no credentials from the environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import httpcore
import httpx

from worktrail.errors import ProviderError
from worktrail.net.policy import NetLimits, NetPolicy, check_url, host_of, port_of, refused

__all__ = ["GuardedTransport", "Resolver", "resolve"]

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
MOST_ADDRESSES = 6  # tried one after the other


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host from the system's resolver, in its order, without doubles."""
    loop = asyncio.get_running_loop()
    rows = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found = [str(row[4][0]) + (f"%{row[4][3]}" if len(row[4]) == 4 and row[4][3] else "") for row in rows]
    return list(dict.fromkeys(found))


def unsent(code: str, message: str, *, recoverable: bool = True) -> ProviderError:
    """A failure outside, before a byte of the request left."""
    return ProviderError(code, message, details={"not_executed": True, "recoverable": recoverable})


class _Backend(httpcore.AsyncNetworkBackend):
    """Opens the connections of the pool."""

    def __init__(self, policy: NetPolicy, resolver: Resolver) -> None:
        self._policy = policy
        self._resolver = resolver
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._addresses(host, port)
                return await self._first(host, port, addresses, local_address, socket_options)
        except TimeoutError:
            raise unsent("NET_TIMEOUT", f"no connection to {host}:{port} in {timeout} s") from None

    async def _addresses(self, host: str, port: int) -> list[str]:
        name = host.lower().rstrip(".")
        try:
            name = str(ipaddress.ip_address(name))
            addresses = [name]
        except ValueError:
            try:
                addresses = list(await self._resolver(name, port))
            except (OSError, UnicodeError) as error:
                raise unsent("NET_RESOLVE", f"{name} has no address: {error}") from None
        if not addresses:
            raise unsent("NET_RESOLVE", f"{name} has no address")
        for address in addresses:
            self._policy.check_address(name, port, address)
        return addresses[:MOST_ADDRESSES]

    async def _first(
        self, host: str, port: int, addresses: list[str], local_address: str | None, options: Iterable[Any] | None
    ) -> httpcore.AsyncNetworkStream:
        reasons = []
        for address in addresses:
            try:
                stream = await self._sockets.connect_tcp(address, port, local_address=local_address, socket_options=options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout, OSError) as error:
                reasons.append(f"{address}: {str(error) or type(error).__name__}")
                continue
            peer = stream.get_extra_info("server_addr")
            if not peer or ipaddress.ip_address(peer[0]) != ipaddress.ip_address(address):
                await stream.aclose()
                raise refused("NET_ADDRESS_REFUSED", f"{host} was connected to {peer}, not to the address that was checked")
            return stream
        raise unsent("NET_CONNECT", f"cannot connect to {host}:{port} ({'; '.join(reasons)})")

    async def connect_unix_socket(self, path: str, timeout: Any = None, socket_options: Any = None) -> Any:  # noqa: ASYNC109
        raise refused("NET_ADDRESS_REFUSED", f"the local socket {path} is not reachable from here")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Body(httpx.AsyncByteStream):
    """The raw bytes of a response, with the pool's exceptions as ours."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with told("the response"):
            async for part in self._stream:
                yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


@contextlib.contextmanager
def told(what: str, sent: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Turns the exceptions of the HTTP library into errors that say whether the request may have been carried out."""
    try:
        yield
    except httpcore.LocalProtocolError as error:
        shown = re.split(r" b['\"]", str(error))[0]  # what follows is the value of a header, which may be a credential
        raise refused("NET_REQUEST", f"{what} cannot be sent: {shown}") from None
    except httpcore.ConnectError as error:
        broken = _handshake(error)
        if broken is not None:
            raise unsent("NET_TLS", f"{what}: {broken}", recoverable=False) from None
        raise unsent("NET_CONNECT", f"{what}: {str(error) or 'the connection broke'}") from None
    except httpcore.TimeoutException as error:
        details = {"not_executed": True} if not sent() else None
        raise ProviderError("NET_TIMEOUT", f"{what}: {type(error).__name__}", details=details) from None
    except httpcore.RemoteProtocolError as error:
        if "Receive buffer too long" in str(error):
            raise ProviderError("NET_TOO_LARGE", f"{what}: its headers are too large", details={"recoverable": False}) from None
        raise ProviderError("NET_PROTOCOL", f"{what}: {error}") from None
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        details = {"not_executed": True} if not sent() else None
        raise ProviderError("NET_PROTOCOL", f"{what}: {str(error) or type(error).__name__}", details=details) from None


def _handshake(error: BaseException | None) -> ssl.SSLError | None:
    """What went wrong with TLS, if that is what it was; a connection that merely broke meanwhile is not."""
    while error is not None:
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return error
        error = error.__cause__ or error.__context__
    return None


@cache
def _trust() -> ssl.SSLContext:
    """The usual roots; made once, because reading them takes longer than a request."""
    return httpx.create_ssl_context(trust_env=False)


class GuardedTransport(httpx.AsyncBaseTransport):
    """An ``httpx`` transport inside the guard. Belongs to one event loop, as its connections do."""

    def __init__(
        self,
        policy: NetPolicy | None = None,
        *,
        limits: NetLimits | None = None,
        resolver: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self.policy = policy or NetPolicy()
        self.limits = limits or NetLimits()
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context or _trust(),
            max_connections=self.limits.max_connections,
            keepalive_expiry=5.0,
            network_backend=_Backend(self.policy, resolver or resolve),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange without redirects; raises our errors."""
        url = check_url(request.url, self.policy)
        sent = False

        async def watch(name: str, _: dict[str, Any]) -> None:
            nonlocal sent
            sent = sent or name.endswith("send_request_headers.started")

        timeouts = dict(request.extensions.get("timeout") or {})
        wanted = timeouts.get("connect")
        most = self.limits.connect_timeout_s
        timeouts["connect"] = most if wanted is None else min(wanted, most)
        timeouts.setdefault("pool", most)
        outer = request.extensions.get("trace")
        exchange = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions={"timeout": timeouts, "trace": _both(watch, outer)},
        )
        with told(f"{request.method} {url.scheme}://{host_of(url)}:{port_of(url)}", lambda: sent):
            answer = await self._pool.handle_async_request(exchange)
        size = sum(len(name) + len(value) + 4 for name, value in answer.headers)
        if size > self.limits.max_header_bytes:
            await answer.aclose()
            raise ProviderError("NET_TOO_LARGE", f"the headers have {size} bytes", details={"recoverable": False})
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions)

    async def aclose(self) -> None:
        await self._pool.aclose()


def _both(watch: Any, outer: Any) -> Any:
    if outer is None:
        return watch

    async def trace(name: str, info: dict[str, Any]) -> None:
        await watch(name, info)
        await outer(name, info)

    return trace
