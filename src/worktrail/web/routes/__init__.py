"""The routes, as tables: one module a subject."""

from __future__ import annotations

from worktrail.web.routes.live import LIVE_ROUTES
from worktrail.web.routes.setup import SETUP_ROUTES
from worktrail.web.routes.system import SYSTEM_ROUTES
from worktrail.web.routes.work import WORK_ROUTES

__all__ = ["ROUTES"]

ROUTES = (*WORK_ROUTES, *LIVE_ROUTES, *SETUP_ROUTES, *SYSTEM_ROUTES)
