"""The client: a server's API from Python, with the errors that the same call would raise here. Never: logic.

``Client`` blocks, ``AsyncClient`` is awaited; both have the same parts and methods. See docs/api.md.
"""

from __future__ import annotations

from worktrail.client.calls import Call
from worktrail.client.clients import AsyncClient, Client
from worktrail.client.streams import StreamEvent

__all__ = ["AsyncClient", "Call", "Client", "StreamEvent"]
