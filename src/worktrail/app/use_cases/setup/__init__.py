"""What people set up: keys and sessions."""

from __future__ import annotations

from worktrail.app.use_cases.setup.keys import create_key, list_keys, principal_of, revoke_key
from worktrail.app.use_cases.setup.me import me
from worktrail.app.use_cases.setup.sessions import SESSION_S, close_session, open_session, recognise

__all__ = [
    "SESSION_S",
    "close_session",
    "create_key",
    "list_keys",
    "me",
    "open_session",
    "principal_of",
    "recognise",
    "revoke_key",
]
