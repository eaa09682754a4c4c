"""Value references: how a value is named without being read.

Rule (RULES §3): the engine never looks inside a reference. A reference is one small JSON array whose first element says
its kind. Two families:
- *value kinds* hold or address bytes: inline (at most ``INLINE_MAX_BYTES`` of canonical JSON), blob, sealed, secret, erased;
- *composed and symbolic* ones point at other values, so that no value is written twice: path, list, object, and the
  symbols port / input / constant / gather / failure / parameter, which a fold resolves from the trail itself.
Why arrays: msgspec reads and writes them natively, and an inline value stays the bytes it arrived as.
"""

from __future__ import annotations

import msgspec

__all__ = [
    "INLINE_MAX_BYTES",
    "NULL",
    "Blob",
    "Constant",
    "Erased",
    "Failure",
    "Gather",
    "Inline",
    "ListOf",
    "ObjectOf",
    "Path",
    "Port",
    "Ref",
    "RunInput",
    "Sealed",
    "Secret",
]

INLINE_MAX_BYTES = 8 * 1024


class Inline(msgspec.Struct, array_like=True, tag=0, frozen=True, gc=False):
    """``[0, <json>]`` the canonical JSON of the value itself, opaque to the engine."""

    raw: msgspec.Raw


class Blob(msgspec.Struct, array_like=True, tag=1, frozen=True, gc=False):
    """``[1, "<hmac>", size_bytes]`` bytes in the blob store, durable before the event that names them."""

    address: str
    size_bytes: int


class Path(msgspec.Struct, array_like=True, tag=2, frozen=True, gc=False):
    """``[2, <ref>, "/3/name"]`` the part of another value at a JSON pointer (``ref#/3``)."""

    of: Ref
    pointer: str


class ListOf(msgspec.Struct, array_like=True, tag=3, frozen=True, gc=False):
    """``[3, [<ref>, …]]`` a list composed of references."""

    items: list[Ref]


class ObjectOf(msgspec.Struct, array_like=True, tag=4, frozen=True, gc=False):
    """``[4, {"name": <ref>}]`` an object composed of references, in this order."""

    fields: dict[str, Ref]


class Sealed(msgspec.Struct, array_like=True, tag=5, frozen=True, gc=False):
    """``[5, "<envelope id>"]`` encrypted for an owner; never opened by engine or driver."""

    envelope: str


class Secret(msgspec.Struct, array_like=True, tag=6, frozen=True, gc=False):
    """``[6, "<secret id>"]`` resolved by the runtime right before an attempt; its value never stands in an event."""

    secret_id: str


class Erased(msgspec.Struct, array_like=True, tag=7, frozen=True, gc=False):
    """``[7, "<reason>"]`` the value was here and was erased on purpose."""

    reason: str


class Port(msgspec.Struct, array_like=True, tag=8, frozen=True, gc=False):
    """``[8, "<visit>", "<port>"]`` what a visit delivered on a port."""

    visit: str
    port: str


class RunInput(msgspec.Struct, array_like=True, tag=9, frozen=True, gc=False):
    """``[9, "<scope>"]`` the input of a scope: ``""`` the run, ``"map#3"`` an item, ``"loop#2"`` a round."""

    scope: str


class Constant(msgspec.Struct, array_like=True, tag=10, frozen=True, gc=False):
    """``[10, "<json pointer>"]`` a literal standing in the lock (a port's default, ``continue_with``)."""

    pointer: str


class Gather(msgspec.Struct, array_like=True, tag=11, frozen=True, gc=False):
    """``[11, "<visit>", "results"|"errors"]`` what a map collected, in item order."""

    visit: str
    what: str


class Failure(msgspec.Struct, array_like=True, tag=12, frozen=True, gc=False):
    """``[12, "<visit>"]`` what a failed visit's ``error`` port carries: its ErrorInfo and its inputs."""

    visit: str


Ref = Inline | Blob | Path | ListOf | ObjectOf | Sealed | Secret | Erased | Port | RunInput | Constant | Gather | Failure

NULL = Inline(msgspec.Raw(b"null"))
