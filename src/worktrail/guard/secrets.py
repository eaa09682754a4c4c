"""Secrets of keys and sessions: how they look, how they are kept, when they stand.

Rule: a secret is ``wtk_<id>_<random>`` (a key) or ``wts_<id>_<random>`` (a session) and is kept only as an HMAC-SHA-256 under
a salt of its own. Why no slow hash: the random part has 256 bits, so that nobody can try them; a slow one would only make
every request dear. The id is no secret: it finds the row, and names the key in logs.
"""

from __future__ import annotations

import base64
import hmac
import re
from typing import Final, Literal

__all__ = ["SALT_BYTES", "SECRET_BYTES", "SecretKind", "agrees", "digest_of", "make_secret", "read_secret", "standing"]

SALT_BYTES: Final = 16
SECRET_BYTES: Final = 32
SecretKind = Literal["key", "session"]

_PREFIX: Final[dict[SecretKind, str]] = {"key": "wtk", "session": "wts"}
_KINDS: Final[dict[str, SecretKind]] = {prefix: kind for kind, prefix in _PREFIX.items()}
_SHAPE: Final = re.compile(r"(wtk|wts)_([a-z0-9]{8,32})_([A-Za-z0-9_-]{43})")


def make_secret(kind: SecretKind, secret_id: str, random: bytes) -> str:
    """The text of a secret; ``random`` are ``SECRET_BYTES`` bytes that nobody can guess."""
    return f"{_PREFIX[kind]}_{secret_id}_{base64.urlsafe_b64encode(random).rstrip(b'=').decode()}"


def read_secret(text: str) -> tuple[SecretKind, str] | None:
    """Kind and id of what looks like a secret; null for anything else."""
    found = _SHAPE.fullmatch(text)
    return None if found is None else (_KINDS[found[1]], found[2])


def digest_of(secret: str, salt: bytes) -> bytes:
    """What is kept of a secret, 32 bytes."""
    return hmac.digest(salt, secret.encode(), "sha256")


def agrees(secret: str, salt: bytes, digest: bytes) -> bool:
    """Whether it is the secret of this digest; takes the same time wherever they differ."""
    return hmac.compare_digest(digest_of(secret, salt), digest)


def standing(now_us: int, *, expires_us: int | None, ended_us: int | None) -> str | None:
    """Why a key or session does not stand at a time: ``revoked`` or ``expired``; null where it stands."""
    if ended_us is not None:
        return "revoked"
    return "expired" if expires_us is not None and expires_us <= now_us else None
