"""What people set up."""

from __future__ import annotations

from worktrail.web.routes.setup.keys import ROUTES as KEYS
from worktrail.web.routes.setup.segments import ROUTES as SEGMENTS
from worktrail.web.routes.setup.session import ROUTES as SESSION
from worktrail.web.routes.setup.views import ROUTES as VIEWS

__all__ = ["SETUP_ROUTES"]

SETUP_ROUTES = (*SEGMENTS, *VIEWS, *KEYS, *SESSION)
