"""Health, and what programs ask of a server."""

from __future__ import annotations

from worktrail.web.routes.system.health import ROUTES as HEALTH

__all__ = ["SYSTEM_ROUTES"]

SYSTEM_ROUTES = (*HEALTH,)
