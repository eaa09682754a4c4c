"""What people set up."""

from __future__ import annotations

from worktrail.web.routes.setup.session import ROUTES as SESSION

__all__ = ["SETUP_ROUTES"]

SETUP_ROUTES = (*SESSION,)
