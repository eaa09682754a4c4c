"""The guard: everything that may say no, with a reason. Pure: ``now``, salts and random bytes are arguments.

Never: I/O, keys at rest.
"""

from __future__ import annotations

from worktrail.guard.permissions import PERMISSIONS, Principal, refusal
from worktrail.guard.secrets import (
    SALT_BYTES,
    SECRET_BYTES,
    SecretKind,
    agrees,
    digest_of,
    make_secret,
    read_secret,
    standing,
)

__all__ = [
    "PERMISSIONS",
    "SALT_BYTES",
    "SECRET_BYTES",
    "Principal",
    "SecretKind",
    "agrees",
    "digest_of",
    "make_secret",
    "read_secret",
    "refusal",
    "standing",
]
