"""The one way out over HTTP: a client and a transport inside the guard. Never: a request that the guard has not seen."""

from __future__ import annotations

from worktrail.net.addresses import REFUSED, Refused, refusal
from worktrail.net.client import OutboundClient, OutboundResponse
from worktrail.net.policy import NetLimits, NetPolicy
from worktrail.net.service import ServiceClient, safe_path
from worktrail.net.transport import GuardedTransport, Resolver

__all__ = [
    "REFUSED",
    "GuardedTransport",
    "NetLimits",
    "NetPolicy",
    "OutboundClient",
    "OutboundResponse",
    "Refused",
    "Resolver",
    "ServiceClient",
    "refusal",
    "safe_path",
]
