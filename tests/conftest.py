"""What holds for every test: nothing dials out, and a failing random test says how to repeat it."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

from hypothesis import settings

# No deadline, because tests never wait on the clock; a failure prints the blob that repeats it.
settings.register_profile("worktrail", deadline=None, print_blob=True)
settings.load_profile("worktrail")


def _is_here(host: object) -> bool:
    """Whether a host is this machine."""
    text = host.decode() if isinstance(host, bytes) else str(host)
    if text in {"", "localhost", "None"}:
        return True
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse_to_dial_out(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: a connection or a name look-up that would leave this machine ends the test."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not _is_here(host):
        raise AssertionError(f"a test tried to reach {host!r}: tests stay on this machine")


sys.addaudithook(_refuse_to_dial_out)
