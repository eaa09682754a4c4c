"""What a server process holds: the host, and one service a tenant. Never: HTTP."""

from __future__ import annotations

from worktrail.app.service.driver_thread import DriverThread
from worktrail.app.service.host import Host, Mode, Who
from worktrail.app.service.live import Live
from worktrail.app.service.service import Service

__all__ = ["DriverThread", "Host", "Live", "Mode", "Service", "Who"]
