"""The vocabulary of what people set up: the streams ``segment:<id>`` (publishing) and ``tenant:<id>`` (keys), and its codec.

Rule: as in a run's trail, an event is a short array whose first element is the type's number; numbers are never reused,
fields are only ever added at the end, trailing nulls are cut. The body is that of every append: ``[1, at_us, origin,
[event, …]]``. An unknown version or type is refused (``JOURNAL_VERSION``), never guessed. Secrets never stand here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from worktrail.errors import OurError
from worktrail.events.append import Origin

__all__ = [
    "RESERVED_SETUP_TYPES",
    "SETUP_BODY_VERSION",
    "SETUP_TYPES",
    "KeyCreated",
    "KeyRevoked",
    "SegmentPublished",
    "SetupAppend",
    "SetupEvent",
    "decode_setup_body",
    "encode_setup_body",
]

SETUP_BODY_VERSION = 1


class SegmentPublished(msgspec.Struct, array_like=True, tag=1, frozen=True):
    """A version that never changes again, pinned by its hashes; the definitions are stored under them."""

    version: str
    segment_hash: str
    lock_hash: str
    name: str | None = None
    description: str | None = None
    workspace_id: str | None = None
    notes: str | None = None
    document: str | None = None  # digest of the definition with names and places


class KeyCreated(msgspec.Struct, array_like=True, tag=2, frozen=True):
    """A key was made; ``workspaces`` null means all."""

    key_id: str
    name: str
    permissions: list[str]
    workspaces: list[str] | None = None
    expires_us: int | None = None


class KeyRevoked(msgspec.Struct, array_like=True, tag=3, frozen=True):
    key_id: str
    name: str


SetupEvent = SegmentPublished | KeyCreated | KeyRevoked

SETUP_TYPES: dict[int, str] = {1: "segment.published", 2: "key.created", 3: "key.revoked"}

RESERVED_SETUP_TYPES: dict[int, str] = {
    10: "draft.saved",
    11: "draft.discarded",
    12: "segment.withdrawn",
    20: "member.added",
    21: "member.changed",
    22: "member.removed",
    30: "workspace.created",
    31: "workspace.changed",
}


class SetupAppend(msgspec.Struct, frozen=True):
    """One decoded append; ``first_seq`` counts the stream's events from 1."""

    at_us: int
    origin: Origin | None
    events: list[SetupEvent]
    first_seq: int = 1


_encode = msgspec.json.Encoder().encode
_body = msgspec.json.Decoder(tuple[int, int, Origin | None, list[SetupEvent]])

# body version → function that turns the decoded JSON of that version into the JSON of the next one.
UPCASTERS: dict[int, Callable[[list[Any]], list[Any]]] = {}


def _cut(fields: Sequence[Any]) -> list[Any]:
    """`fields` without trailing nulls."""
    end = len(fields)
    while end and fields[end - 1] is None:
        end -= 1
    return list(fields[:end])


def encode_setup_body(at_us: int, origin: Origin | None, events: Sequence[SetupEvent]) -> bytes:
    """The stored bytes of one append."""
    source = None if origin is None else _cut(msgspec.structs.astuple(origin))
    rows = [[type(event).__struct_config__.tag, *_cut(msgspec.structs.astuple(event))] for event in events]
    return _encode((SETUP_BODY_VERSION, at_us, source, rows))


def decode_setup_body(body: bytes, first_seq: int = 1) -> SetupAppend:
    """The append of stored bytes; OurError JOURNAL_CORRUPT for what is no JSON, JOURNAL_VERSION for what is not known here."""
    try:
        document = msgspec.json.decode(body)
        version = document[0]
    except (msgspec.DecodeError, TypeError, IndexError, KeyError) as error:
        raise OurError("JOURNAL_CORRUPT", f"an append of a set-up is not readable JSON: {error}") from error
    while version in UPCASTERS:
        document = UPCASTERS[version](document)
        version = document[0]
    if version != SETUP_BODY_VERSION:
        message = f"append body version {version!r} of a set-up; this release reads up to {SETUP_BODY_VERSION}"
        raise OurError("JOURNAL_VERSION", message)
    try:
        _, at_us, origin, events = _body.decode(_encode(document))
    except msgspec.ValidationError as error:
        raise OurError("JOURNAL_VERSION", f"a set-up has an event this release does not know: {error}") from error
    return SetupAppend(at_us, origin, events, first_seq)
