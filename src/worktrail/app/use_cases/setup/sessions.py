"""Who is it: a key or a browser's session, recognised by its secret.

Rule: nothing is kept between two requests, so a revoked key or a closed session does not hold from the next request on. Every
failure says the same, so that nobody learns which half was right. A session dies with its key.
"""

from __future__ import annotations

import secrets
from typing import Any, Final, NoReturn

from worktrail.app.caller import Caller
from worktrail.app.use_cases.setup.keys import principal_of
from worktrail.errors import CallerError
from worktrail.guard import SALT_BYTES, SECRET_BYTES, Principal, agrees, digest_of, make_secret, read_secret, standing
from worktrail.store import AccessKey, Session, Store

__all__ = ["SESSION_S", "Known", "close_session", "open_session", "recognise"]

SESSION_S: Final = 12 * 3600
TOUCH_US: Final = 60_000_000  # a key's last use is written at most so often


class Known:
    """Who was recognised, by which key, and (for browsers) in which session."""

    def __init__(self, principal: Principal, key: AccessKey, session: Session | None = None) -> None:
        self.principal = principal
        self.key = key
        self.session = session


def recognise(store: Store, secret: str, now_us: int) -> Known:
    """Who this secret is of. CallerError UNAUTHENTICATED."""
    read = read_secret(secret)
    if read is None:
        _refuse()
    kind, secret_id = read
    if kind == "key":
        return Known(*_of_key(store, _key(store, secret_id, secret, now_us), now_us))
    session = store.get_session(secret_id)
    if session is None or not agrees(secret, session.salt, session.digest):
        _refuse()
    if standing(now_us, expires_us=session.expires_us, ended_us=session.closed_us) is not None:
        _refuse()
    key = store.get_key(session.key_id)
    if key is None or standing(now_us, expires_us=key.expires_us, ended_us=key.revoked_us) is not None:
        _refuse()
    return Known(*_of_key(store, key, now_us), session)


def _key(store: Store, key_id: str, secret: str, now_us: int) -> AccessKey:
    key = store.get_key(key_id)
    if key is None or not agrees(secret, key.salt, key.digest):
        _refuse()
    if standing(now_us, expires_us=key.expires_us, ended_us=key.revoked_us) is not None:
        _refuse()
    return key


def _of_key(store: Store, key: AccessKey, now_us: int) -> tuple[Principal, AccessKey]:
    if now_us - (key.last_used_us or 0) > TOUCH_US:
        store.touch_key(key.key_id, now_us)
    return principal_of(key, store.tenant_id), key


def _refuse() -> NoReturn:
    raise CallerError("UNAUTHENTICATED", "the key or session does not hold")


def open_session(store: Store, secret: str, now_us: int) -> dict[str, Any]:
    """A browser logs in with a key: ``{"secret", "known"}``, the secret for its cookie. CallerError UNAUTHENTICATED."""
    read = read_secret(secret)
    if read is None or read[0] != "key":
        _refuse()
    known = recognise(store, secret, now_us)
    session_id, salt = secrets.token_hex(8), secrets.token_bytes(SALT_BYTES)
    token = make_secret("session", session_id, secrets.token_bytes(SECRET_BYTES))
    ends = now_us + SESSION_S * 1_000_000
    expires_us = ends if known.key.expires_us is None else min(ends, known.key.expires_us)
    session = Session(session_id, known.key.key_id, salt, digest_of(token, salt), now_us, expires_us)
    store.open_session(session)
    return {"secret": token, "known": Known(known.principal, known.key, session)}


def close_session(caller: Caller, session_id: str) -> None:
    """Log out: the session holds no more; idempotent. Nobody needs a right to leave."""
    caller.store.close_session(session_id, caller.now_us())
