"""The web: HTTP over the use cases of ``app``, and the built web application. Never: logic."""

from __future__ import annotations

from worktrail.web.app import bare_app, create_app
from worktrail.web.document import openapi_text
from worktrail.web.serving import serve

__all__ = ["bare_app", "create_app", "openapi_text", "serve"]
