"""Which addresses nobody may be sent to, and why.

Rule: the list is ours, not ``ipaddress.is_private``: that lets through shared address space, addresses of other networks
packed into IPv6, old site-local space and multicast, and it changes between patch releases of Python. An address packed into
IPv6 is unwrapped and judged too. Outside 2000::/3 no IPv6 address is global, so everything else there is refused.
``allow_private`` lifts the kinds in ``PRIVATE``, naming the host those in ``NAMEABLE``; nothing lifts the rest.
"""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import NamedTuple

__all__ = ["NAMEABLE", "PRIVATE", "REFUSED", "Refused", "refusal"]


class Refused(NamedTuple):
    """One range: ``kind`` says what may lift it, ``about`` what it is."""

    network: IPv4Network | IPv6Network
    kind: str
    about: str


PRIVATE = frozenset({"loopback", "private", "shared"})
NAMEABLE = PRIVATE | {"link-local"}

_ROWS: tuple[tuple[str, str, str], ...] = (
    # the first row that fits decides: single addresses before the ranges around them
    ("169.254.169.254/32", "metadata", "instance metadata of most clouds"),
    ("169.254.170.2/32", "metadata", "credentials of containers"),
    ("169.254.170.23/32", "metadata", "credentials of pods"),
    ("100.100.100.200/32", "metadata", "instance metadata"),
    ("192.0.0.192/32", "metadata", "instance metadata"),
    ("168.63.129.16/32", "metadata", "host agent of a cloud, on a public address"),
    ("0.0.0.0/8", "unspecified", "this network"),
    ("10.0.0.0/8", "private", "private"),
    ("100.64.0.0/10", "shared", "shared address space behind carrier NAT"),
    ("127.0.0.0/8", "loopback", "this machine"),
    ("169.254.0.0/16", "link-local", "link-local"),
    ("172.16.0.0/12", "private", "private"),
    ("192.0.0.0/24", "reserved", "protocol assignments"),
    ("192.0.2.0/24", "reserved", "documentation"),
    ("192.88.99.0/24", "reserved", "former 6to4 relays"),
    ("192.168.0.0/16", "private", "private"),
    ("198.18.0.0/15", "reserved", "benchmarking"),
    ("198.51.100.0/24", "reserved", "documentation"),
    ("203.0.113.0/24", "reserved", "documentation"),
    ("224.0.0.0/4", "multicast", "multicast"),
    ("240.0.0.0/4", "reserved", "reserved, and broadcast"),
    ("fd00:ec2::254/128", "metadata", "instance metadata"),
    ("fd20:ce::254/128", "metadata", "instance metadata"),
    ("::/128", "unspecified", "unspecified"),
    ("::1/128", "loopback", "this machine"),
    ("::/96", "reserved", "IPv4-compatible, deprecated"),
    ("::ffff:0:0:0/96", "reserved", "IPv4-translated"),
    ("64:ff9b:1::/48", "reserved", "local NAT64"),
    ("fc00::/7", "private", "unique local"),
    ("fe80::/10", "link-local", "link-local"),
    ("fec0::/10", "private", "site-local, deprecated"),
    ("ff00::/8", "multicast", "multicast"),
    ("2001::/23", "reserved", "protocol assignments, with Teredo and benchmarking"),
    ("2001:db8::/32", "reserved", "documentation"),
    ("2002::/16", "reserved", "6to4: wraps an IPv4 address"),
    ("3ffe::/16", "reserved", "former test network"),
    ("3fff::/20", "reserved", "documentation"),
)

REFUSED: tuple[Refused, ...] = tuple(Refused(ipaddress.ip_network(network), kind, about) for network, kind, about in _ROWS)

_GLOBAL6 = IPv6Network("2000::/3")
_ELSEWHERE = Refused(IPv6Network("::/0"), "reserved", "outside 2000::/3, where no IPv6 address is global")
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_ZONED = Refused(IPv6Network("fe80::/10"), "zone", "an address with a zone")


def refusal(address: str | IPv4Address | IPv6Address) -> Refused | None:
    """The range for which an address is refused, or None where it is a public one. ValueError for what is no address."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, IPv4Address):
        return _listed(parsed)
    if parsed.scope_id is not None:
        return _ZONED
    if parsed in _MAPPED or parsed in _NAT64:
        inner = _listed(IPv4Address(int(parsed) & 0xFFFF_FFFF))
        if inner is not None and parsed in _NAT64:
            return inner._replace(kind="reserved", about=f"{inner.about}, behind NAT64")
        return inner
    return _listed(parsed) or (None if parsed in _GLOBAL6 else _ELSEWHERE)


def _listed(address: IPv4Address | IPv6Address) -> Refused | None:
    for row in REFUSED:
        if address.version == row.network.version and address in row.network:
            return row
    return None
