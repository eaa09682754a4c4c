"""Keys: made, listed, revoked. The secret is told once, by ``create_key``, and never again.

Rule: a key's principal is ``key:<name>``: a key that is made anew under the same name is the same principal, so views and
decisions stay theirs. The trail of the tenant (stream ``tenant:<id>``) says who made and revoked which.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.runs.rows import iso
from worktrail.errors import CallerError
from worktrail.events import KeyCreated, KeyRevoked, Origin, SetupEvent, encode_setup_body
from worktrail.guard import PERMISSIONS, SALT_BYTES, SECRET_BYTES, Principal, digest_of, make_secret
from worktrail.store import AccessKey, Commit, StreamAppend

__all__ = ["create_key", "key_shape", "list_keys", "principal_of", "revoke_key"]

NAME_MAX: Final = 80
LONGEST_S: Final = 10 * 366 * 86_400


def principal_of(key: AccessKey, tenant_id: str) -> Principal:
    """Who acts with a key."""
    seen = None if key.workspaces is None else frozenset(key.workspaces)
    return Principal(f"key:{key.name}", tenant_id, key.name, frozenset(key.permissions), seen)


def key_shape(key: AccessKey) -> dict[str, Any]:
    """A key for readers; never its secret."""
    return {
        "key_id": key.key_id,
        "name": key.name,
        "permissions": list(key.permissions),
        "workspaces": None if key.workspaces is None else list(key.workspaces),
        "created_at": iso(key.created_us),
        "created_by": key.created_by,
        "expires_at": iso(key.expires_us),
        "revoked_at": iso(key.revoked_us),
        "last_used_at": iso(key.last_used_us),
    }


@allowed
def list_keys(caller: Caller) -> dict[str, Any]:
    """``{"keys": […]}``, newest first, revoked ones too."""
    return {"keys": [key_shape(key) for key in caller.store.list_keys()]}


@allowed
def create_key(
    caller: Caller,
    name: str,
    permissions: Sequence[str],
    *,
    workspaces: Sequence[str] | None = None,
    expires_in_s: int | None = None,
) -> dict[str, Any]:
    """The key with its ``secret``, which is shown here and never again.

    CallerError KEY_INVALID; FORBIDDEN for a right or workspace that the caller does not have itself.
    """
    _check(caller, name, permissions, workspaces, expires_in_s)
    now_us = caller.now_us()
    key_id, salt = secrets.token_hex(6), secrets.token_bytes(SALT_BYTES)
    secret = make_secret("key", key_id, secrets.token_bytes(SECRET_BYTES))
    expires_us = None if expires_in_s is None else now_us + expires_in_s * 1_000_000
    rights = [each for each in PERMISSIONS if each in permissions]
    key = AccessKey(
        key_id=key_id,
        name=name,
        permissions=tuple(rights),
        workspaces=None if workspaces is None else tuple(dict.fromkeys(workspaces)),
        salt=salt,
        digest=digest_of(secret, salt),
        created_us=now_us,
        created_by=caller.principal.id,
        expires_us=expires_us,
    )
    seen = None if key.workspaces is None else list(key.workspaces)
    _tell(caller, key, KeyCreated(key_id, name, rights, seen, expires_us), now_us)
    return {**key_shape(key), "secret": secret}


def _check(
    caller: Caller, name: str, permissions: Sequence[str], workspaces: Sequence[str] | None, expires_in_s: int | None
) -> None:
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable() or name != name.strip():
        raise CallerError("KEY_INVALID", f"a key's name has 1 to {NAME_MAX} signs that can be shown", pointer="/name")
    unknown = [each for each in permissions if each not in PERMISSIONS]
    if unknown or not permissions:
        said = f"{unknown[0]!r} is no right" if unknown else "a key needs a right"
        raise CallerError("KEY_INVALID", f"{said}; there are: {', '.join(PERMISSIONS)}", pointer="/permissions")
    if expires_in_s is not None and not 0 < expires_in_s <= LONGEST_S:
        raise CallerError("KEY_INVALID", f"a key lasts from 1 to {LONGEST_S:,} seconds", pointer="/expires_in_s")
    for each in permissions:
        caller.need(each)
    seen = caller.principal.workspaces
    if seen is not None and (workspaces is None or not seen.issuperset(workspaces)):
        raise CallerError("FORBIDDEN", "a key cannot see more workspaces than who makes it", pointer="/workspaces")


@allowed
def revoke_key(caller: Caller, key_id: str) -> dict[str, Any]:
    """The key, which holds no more, nor do its sessions; idempotent. CallerError NOT_FOUND."""
    key = caller.store.get_key(key_id)
    if key is None:
        raise CallerError("NOT_FOUND", f"there is no key {key_id!r}", hint="List them: `worktrail keys list`.")
    if key.revoked_us is None:
        now_us = caller.now_us()
        key = msgspec.structs.replace(key, revoked_us=now_us)
        _tell(caller, key, KeyRevoked(key.key_id, key.name), now_us)
    return key_shape(key)


def _tell(caller: Caller, key: AccessKey, event: SetupEvent, now_us: int) -> None:
    """The fact and the row, in one commit; again where another process told something of the tenant meanwhile."""
    stream = f"tenant:{caller.store.tenant_id}"
    body = encode_setup_body(now_us, Origin(caller.principal.id), [event])
    caller.record(lambda seq: Commit(appends=[StreamAppend(stream, seq, 1, body)], keys=[key], now_us=now_us))
