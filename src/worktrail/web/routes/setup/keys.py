"""Keys of the tenant."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path

from worktrail.app import Who, create_key, list_keys, revoke_key
from worktrail.web.models.setup import Key, KeyList, KeyMade, KeyRequest
from worktrail.web.routing import Route

__all__ = ["ROUTES"]

KeyId = Annotated[str, Path(max_length=100, description="Id of a key.", examples=["3f9a0c12b4d5"])]


def get_keys(who: Who) -> Any:
    """All keys of the tenant, newest first, revoked ones too; never their secrets."""
    return list_keys(who.caller)


def post_key(who: Who, body: KeyRequest) -> Any:
    """Makes a key. Its secret is in this answer and nowhere else; it cannot do or see more than who makes it."""
    return create_key(who.caller, body.name, body.permissions, workspaces=body.workspaces, expires_in_s=body.expires_in_s)


def remove_key(who: Who, key_id: KeyId) -> Any:
    """Revokes a key, and every session that was opened with it; idempotent."""
    return revoke_key(who.caller, key_id)


ROUTES = (
    Route("GET", "/api/v1/keys", get_keys, "keys", "List keys", KeyList),
    Route("POST", "/api/v1/keys", post_key, "keys", "Make a key", KeyMade),
    Route("DELETE", "/api/v1/keys/{key_id}", remove_key, "keys", "Revoke a key", Key),
)
