"""What people set up: keys and sessions."""

from __future__ import annotations

from worktrail.app.use_cases.setup.keys import create_key, list_keys, principal_of, revoke_key
from worktrail.app.use_cases.setup.me import me
from worktrail.app.use_cases.setup.segments import list_segments, list_step_types, publish_segment, show_segment, validate_segment
from worktrail.app.use_cases.setup.sessions import SESSION_S, close_session, open_session, recognise
from worktrail.app.use_cases.setup.views import create_view, delete_view, list_views, replace_view

__all__ = [
    "SESSION_S",
    "close_session",
    "create_key",
    "create_view",
    "delete_view",
    "list_keys",
    "list_segments",
    "list_step_types",
    "list_views",
    "me",
    "open_session",
    "principal_of",
    "publish_segment",
    "recognise",
    "replace_view",
    "revoke_key",
    "show_segment",
    "validate_segment",
]
