"""Serving: an address, a socket, uvicorn; and what is refused before anything listens."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Final

import uvicorn

from worktrail.app import Host
from worktrail.errors import CallerError
from worktrail.web.app import LOOPBACK, create_app

__all__ = ["GRACE_S", "serve"]

GRACE_S: Final = 3  # for open requests
PARK_S: Final = 5.0  # for attempts in flight


def _is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _socket(address: str, port: int) -> socket.socket:
    """A listening socket. CallerError SERVE_ADDRESS."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(place)
        made.listen(2048)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CallerError("SERVE_ADDRESS", f"cannot listen at {address}:{port}: {reason}") from None
    return made


class _Server(uvicorn.Server):
    """Before it waits for open requests, streams are told to come back later: they would not end by themselves. The driver's
    attempts use their grace period meanwhile."""

    def __init__(self, config: uvicorn.Config, host: Host, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._host = host
        self._told = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Whoever is told the address may ask at once, and may stop the server as it wants to be stopped."""
        await super().startup(sockets)
        if not self.should_exit:
            await asyncio.to_thread(self._told)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        parking = asyncio.create_task(asyncio.to_thread(self._host.stop_driver, PARK_S))
        await self._host.end_live()
        await super().shutdown(sockets)
        await parking
        self._captured_signals.clear()  # stopped as it was told to: the process ends by itself, not by the signal again


def serve(
    host: Host,
    *,
    address: str = "127.0.0.1",
    port: int = 8700,
    names: Iterable[str] = (),
    started: Callable[[str], None] = lambda url: None,
) -> None:
    """Serves until SIGINT or SIGTERM; ``started(url)`` is called once it listens. Port 0 takes a free one.

    CallerError SERVE_ADDRESS: the address is not there, or is not loopback in mode ``local``.
    """
    if host.mode == "local" and not _is_loopback(address):
        message = f"without keys the server listens on this machine alone, not on {address}"
        raise CallerError("SERVE_ADDRESS", message, hint="Use `--auth keys` (and `worktrail keys create`) to listen elsewhere.")
    listening = _socket(address, port)
    port = listening.getsockname()[1]
    shown = f"[{address}]" if ":" in address else address
    app = create_app(host, names=(*LOOPBACK, shown, *names), any_address=address in {"0.0.0.0", "::"})  # noqa: S104
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        loop="asyncio",  # which lets other threads work while it sends; uvloop does not, and the driver is one of them
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=64 * 1024,
    )
    server = _Server(config, host, lambda: started(f"http://{shown}:{port}"))
    with listening:
        server.run(sockets=[listening])
