"""Notices: facts that belong to no run and no task, and are shown, never folded into either.

``observed`` holds what programs tell by hand; ``workspace:<id>`` holds who came and who went. Rule: as in a trail, the first
element of an event is its type's number, numbers are never reused, fields are only ever added at the end, trailing nulls are
cut. The body of an append is that of a run's: ``[1, at_us, origin, [event, …]]``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from worktrail.errors import OurError
from worktrail.events.append import BODY_VERSION, Origin

__all__ = [
    "NOTICE_TYPES",
    "Custom",
    "Notice",
    "NoticeAppend",
    "PresenceJoined",
    "PresenceLeft",
    "decode_notices",
    "encode_notices",
]


class Custom(msgspec.Struct, array_like=True, tag=61, frozen=True):
    """What a program told. ``area`` and ``name`` are its own words; ``more`` are the keys it brought along besides."""

    area: str
    name: str
    workspace_id: str
    payload: Any = None
    more: dict[str, Any] | None = None


class PresenceJoined(msgspec.Struct, array_like=True, tag=90, frozen=True):
    """Somebody opened a page. ``user`` is the principal."""

    client_id: str
    user: str
    workspace_id: str


class PresenceLeft(msgspec.Struct, array_like=True, tag=91, frozen=True):
    """Somebody left it; ``reason`` is ``expired`` where nothing was heard any more."""

    client_id: str
    user: str
    workspace_id: str
    reason: str | None = None


Notice = Custom | PresenceJoined | PresenceLeft

NOTICE_TYPES: dict[int, str] = {61: "custom", 90: "presence.joined", 91: "presence.left"}


class NoticeAppend(msgspec.Struct, frozen=True):
    """One decoded append of notices."""

    at_us: int
    origin: Origin | None
    events: list[Notice]
    first_seq: int = 1


_encode = msgspec.json.Encoder(decimal_format="number").encode
_body = msgspec.json.Decoder(tuple[int, int, Origin | None, list[Notice]])


def _cut(fields: Sequence[Any]) -> list[Any]:
    end = len(fields)
    while end and fields[end - 1] is None:
        end -= 1
    return list(fields[:end])


def encode_notices(at_us: int, origin: Origin | None, events: Sequence[Notice]) -> bytes:
    """The stored bytes of one append."""
    source = None if origin is None else _cut(msgspec.structs.astuple(origin))
    rows = [[event.__struct_config__.tag, *_cut(msgspec.structs.astuple(event))] for event in events]
    return _encode((BODY_VERSION, at_us, source, rows))


def decode_notices(body: bytes, first_seq: int = 1) -> NoticeAppend:
    """The append of stored bytes; OurError JOURNAL_VERSION for what this release does not know."""
    try:
        version, at_us, origin, events = _body.decode(body)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise OurError("JOURNAL_VERSION", f"a notice at seq {first_seq} is not known to this release: {error}") from error
    if version != BODY_VERSION:
        raise OurError("JOURNAL_VERSION", f"append body version {version!r}; this release reads up to {BODY_VERSION}")
    return NoticeAppend(at_us, origin, events, first_seq)
