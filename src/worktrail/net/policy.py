"""Where requests may go: the policy, and what is checked in a URL before any name is looked up.

Rule: what is not plainly allowed is refused, with a message that names the setting. The URL that is checked is the parsed
one that is used: nothing is parsed twice by two parsers.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Any

import httpx
import msgspec

from worktrail.errors import CallerError
from worktrail.net.addresses import NAMEABLE, PRIVATE, Refused, refusal

__all__ = ["METADATA_HOSTS", "NetLimits", "NetPolicy", "check_url", "refused"]

METADATA_HOSTS = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"}
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_])?")


def refused(code: str, message: str, *, hint: str = "") -> CallerError:
    """A refusal before anything was sent."""
    return CallerError(code, message, hint=hint, details={"not_executed": True, "recoverable": False})


class _Pattern(msgspec.Struct, frozen=True):
    """One entry of a host list: a host or ``*.suffix``; a port, None (the policy's ports) or 0 (any)."""

    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> _Pattern:
        found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]/@\s]+)(?::(\d{1,5}|\*))?", text)
        if found is None:
            raise CallerError(
                "NET_POLICY", f"{text!r} is no entry of a host list", hint="Write host, host:port, *.suffix or host:*."
            )
        port = found[2]
        host = found[1].strip("[]").rstrip(".").lower()
        if ":" in host:
            host = str(ipaddress.IPv6Address(host))
        return cls(host, None if port is None else 0 if port == "*" else int(port))

    def names(self, host: str) -> bool:
        if self.host.startswith("*."):
            return host.endswith(self.host[1:]) and host != self.host[1:]
        return host == self.host

    def fits(self, host: str, port: int, ports: frozenset[int] | None) -> bool:
        if not self.names(host):
            return False
        if self.port is None:
            return ports is None or port in ports
        return self.port in (0, port)


class NetPolicy:
    """Where requests may go.

    - ``allow_hosts``: hosts that may be at a private, loopback, shared or link-local address, and on the port they name:
      ``127.0.0.1:8080``, ``*.internal``, ``db.internal:*``. Metadata services stay refused.
    - ``allow_private``: every host may be at a private, loopback or shared address (not link-local).
    - ``only_hosts``: where given, no other host is reached at all.
    - ``ports``: ports for hosts that no entry names with a port; None = any.
    - ``schemes``: ``("https",)`` refuses plain HTTP.
    """

    __slots__ = ("_allow", "_only", "allow_private", "ports", "schemes")

    def __init__(
        self,
        *,
        allow_hosts: Iterable[str] = (),
        allow_private: bool = False,
        only_hosts: Iterable[str] | None = None,
        ports: Iterable[int] | None = (80, 443),
        schemes: Iterable[str] = ("http", "https"),
    ) -> None:
        self._allow = tuple(_Pattern.parse(text) for text in _several(allow_hosts, "allow_hosts"))
        self._only = None if only_hosts is None else tuple(_Pattern.parse(text) for text in _several(only_hosts, "only_hosts"))
        self.allow_private = allow_private
        self.ports = None if ports is None else frozenset(ports)
        self.schemes = frozenset(_several(schemes, "schemes"))
        if not self.schemes <= set(_DEFAULT_PORTS):
            raise CallerError("NET_POLICY", "schemes can be http and https only")

    def check_host(self, host: str, port: int) -> None:
        """Raises ``CallerError NET_ADDRESS_REFUSED`` where host or port are not allowed, before any look-up."""
        if host in METADATA_HOSTS:
            raise refused("NET_ADDRESS_REFUSED", f"{host} is a metadata service")
        entries = (*self._allow, *(self._only or ()))
        named = any(entry.fits(host, port, self.ports) for entry in entries)
        if self._only is not None and not any(entry.fits(host, port, self.ports) for entry in self._only):
            raise refused(
                "NET_ADDRESS_REFUSED", f"{host}:{port} is not in only_hosts", hint="Add it to only_hosts, or use another host."
            )
        if not named and self.ports is not None and port not in self.ports:
            raise refused(
                "NET_ADDRESS_REFUSED", f"port {port} of {host} is not allowed", hint=f'Allow "{host}:{port}", or the port.'
            )

    def check_address(self, host: str, port: int, address: str) -> None:
        """Raises ``CallerError NET_ADDRESS_REFUSED`` where the address that ``host`` resolved to is refused."""
        found = refusal(address)
        if found is None or self._lifts(found, host, port):
            return
        entry = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        named = f'Name it in allow_hosts: "{entry}", if it is meant.'
        hint = named if found.kind in NAMEABLE else "No setting allows this one."
        raise refused("NET_ADDRESS_REFUSED", f"{host} is at {address}: {found.kind} ({found.about})", hint=hint)

    def _lifts(self, found: Refused, host: str, port: int) -> bool:
        if self.allow_private and found.kind in PRIVATE:
            return True
        return found.kind in NAMEABLE and any(entry.fits(host, port, self.ports) for entry in self._allow)

    def __repr__(self) -> str:
        return f"<NetPolicy allow={[entry.host for entry in self._allow]} private={self.allow_private}>"


def _several(value: Iterable[str], name: str) -> tuple[str, ...]:
    """A lone text where a list is meant would be read letter by letter."""
    if isinstance(value, str):
        raise CallerError("NET_POLICY", f"{name} must be a list of texts, not one text", hint=f"Write {name}=({value!r},).")
    return tuple(value)


class NetLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How long and how much. Times in seconds over the whole exchange with all redirects; sizes after decompression too."""

    connect_timeout_s: float = 10.0
    timeout_s: float = 30.0
    max_bytes: int = 10 * 1024 * 1024
    max_header_bytes: int = 64 * 1024
    max_redirects: int = 5
    max_connections: int = 100


def check_url(url: str | httpx.URL, policy: NetPolicy) -> httpx.URL:
    """The parsed URL without its fragment, after everything that can be checked without a look-up."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise refused("NET_URL", f"not a URL: {error}") from None
    if parsed.scheme not in policy.schemes:
        shown = parsed.scheme or "no scheme"
        raise refused("NET_URL", f"{shown} is not allowed, only {' and '.join(sorted(policy.schemes))}")
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise refused("NET_URL", f"{parsed.port} is no port")
    if parsed.userinfo:
        raise refused("NET_URL", "the URL holds credentials", hint="Send them in a header, from a secret.")
    host = host_of(parsed)
    policy.check_host(host, port_of(parsed))
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return parsed.copy_with(fragment=None)
    policy.check_address(host, port_of(parsed), str(address))
    return parsed.copy_with(fragment=None)


def host_of(url: httpx.URL) -> str:
    """The host as it is compared: lower case, IDNA, without the closing dot; a zone or odd signs are refused."""
    raw: Any = url.raw_host
    host: str = raw.decode("ascii").lower().rstrip(".")
    if ":" in host:
        if "%" in host:
            raise refused("NET_ADDRESS_REFUSED", f"{host} has a zone")
        try:
            host = str(ipaddress.IPv6Address(host))
        except ValueError:
            raise refused("NET_URL", f"{host!r} is no host") from None
    elif _NAME.fullmatch(host) is None:
        raise refused("NET_URL", f"{host!r} is no host")
    return host


def port_of(url: httpx.URL) -> int:
    """The port, written or implied."""
    return url.port if url.port is not None else _DEFAULT_PORTS[url.scheme]
