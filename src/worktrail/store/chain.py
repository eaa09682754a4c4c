"""The chain of heads: what makes a stream's past provable.

Rule: ``commitment = HMAC-SHA-256(tenant key, salt of the stream + body)`` and
``head = SHA-256(previous head + first_seq (8 bytes) + count (4 bytes) + commitment + stream name)``, numbers big-endian,
the first previous head 32 zero bytes. Why a commitment between: a body can be erased and its commitment kept, and the
chain still proves. Why a salt: when all bodies of a stream are erased the salt goes too, and nobody, not even who holds the
tenant's key, can test a guess against a commitment.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Callable, Iterable
from typing import Final

from worktrail.store.protocols import StoredAppend

__all__ = ["GENESIS", "KEY_BYTES", "SALT_BYTES", "Link", "address_of", "linker", "problems"]

GENESIS: Final = bytes(32)
KEY_BYTES: Final = 32
SALT_BYTES: Final = 16
_BLOB: Final = b"worktrail blob 1\n"
_pack = struct.Struct(">QI").pack

# (previous head, salt, stream name in UTF-8, first_seq, count, body) → head
Link = Callable[[bytes, bytes, bytes, int, int, bytes], bytes]


def linker(key: bytes) -> Link:
    """The function that makes the next head under a tenant's key.

    HMAC is written out over two prepared SHA-256 states: half the time of ``hmac.digest`` for a short body.
    """
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key.ljust(64, b"\0")))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key.ljust(64, b"\0")))
    sha256 = hashlib.sha256

    def link(previous: bytes, salt: bytes, name: bytes, first_seq: int, count: int, body: bytes) -> bytes:
        inside = inner.copy()
        inside.update(salt + body)
        outside = outer.copy()
        outside.update(inside.digest())
        return sha256(previous + _pack(first_seq, count) + outside.digest() + name).digest()

    return link


def link_commitment(previous: bytes, name: bytes, first_seq: int, count: int, commitment: bytes) -> bytes:
    """The next head where only the commitment of the body is left."""
    return hashlib.sha256(previous + _pack(first_seq, count) + commitment + name).digest()


def address_of(key: bytes, body: bytes) -> str:
    """A blob's address under a tenant's key, 64 hex digits."""
    return hmac.digest(key, _BLOB + body, "sha256").hex()


def problems(stream: str, salt: bytes, link: Link, appends: Iterable[tuple[StoredAppend, bytes | None]]) -> list[str]:
    """What is wrong with a stream's appends, each with the commitment kept when its body was erased, in order."""
    found: list[str] = []
    head, seq, name = GENESIS, 1, stream.encode()
    for append, commitment in appends:
        place = f"stream {stream}, position {append.position}"
        if append.first_seq != seq:
            found.append(f"{place}: begins at seq {append.first_seq}, expected {seq}")
        if commitment is None:
            head = link(head, salt, name, append.first_seq, append.count, append.body)
        else:
            head = link_commitment(head, name, append.first_seq, append.count, commitment)
        if head != append.head:
            found.append(f"{place}: the chain breaks at seq {append.first_seq}")
            head = append.head
        seq = append.first_seq + append.count
    return found
