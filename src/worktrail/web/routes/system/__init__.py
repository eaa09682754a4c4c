"""Health, and what programs ask of a server."""

from __future__ import annotations

from worktrail.web.routes.system.health import ROUTES as HEALTH
from worktrail.web.routes.system.metrics import ROUTES as METRICS

__all__ = ["SYSTEM_ROUTES"]

SYSTEM_ROUTES = (*HEALTH, *METRICS)
