"""The journal's unit: the append, all events of one decision of one stream.

Stored body, JSON, version 1: ``[1, at_us, origin, [event, …]]``. ``at_us`` is the decision's time in microseconds since
1970 UTC, once for all its events; ``origin`` is null or ``[principal, command_id, correlation_id]`` with trailing nulls
cut; an event is ``[type, field, …]`` with trailing nulls cut. Event ids are not stored: ``<run_id>:<seq>``.
An unknown version or type is refused (``JOURNAL_VERSION``), never guessed; ``UPCASTERS`` turns older bodies into this one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from worktrail.errors import OurError
from worktrail.events.vocabulary import TYPES, Event

__all__ = ["BODY_VERSION", "Append", "Origin", "decode_body", "encode_body", "origin_of"]

BODY_VERSION = 1


class Origin(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Who and what caused an append."""

    principal: str | None = None
    command_id: str | None = None
    correlation_id: str | None = None


class Append(msgspec.Struct, frozen=True, gc=False):
    """One decoded append: its time, its origin, its events (``first_seq`` counts a stream's events from 1)."""

    at_us: int
    origin: Origin | None
    events: list[Event]
    first_seq: int = 1


_encode = msgspec.json.Encoder(decimal_format="number").encode
_KNOWN: set[type] = set()
_source = msgspec.json.Decoder(tuple[int, int, Origin | None, msgspec.Raw])  # the same in all versions of all streams so far
_body = msgspec.json.Decoder(tuple[int, int, Origin | None, list[Event]])

# body version → function that turns the decoded JSON of that version into the JSON of the next one.
UPCASTERS: dict[int, Callable[[list[Any]], list[Any]]] = {}


def _check_kind(kind: type) -> None:
    """Only what the vocabulary knows is written."""
    if kind.__struct_config__.tag not in TYPES:  # type: ignore[attr-defined]
        raise OurError("JOURNAL_VERSION", f"event class {kind.__name__} has no number in the vocabulary")
    _KNOWN.add(kind)


def encode_body(at_us: int, origin: Origin | None, events: Sequence[Event]) -> bytes:
    """The stored bytes of one append."""
    rows = []
    for event in events:
        if type(event) not in _KNOWN:
            _check_kind(type(event))
        row = _encode(event)
        rows.append(_cut(row) if row.endswith(b",null]") else row)
    source = b"null" if origin is None else _cut(_encode(origin))
    return b"[%d,%d,%b,[%b]]" % (BODY_VERSION, at_us, source, b",".join(rows))


def _cut(array: bytes) -> bytes:
    """An array without its trailing nulls: no other JSON value ends in one of these letters."""
    return array[:-1].rstrip(b",nul") + b"]"


def decode_body(body: bytes, first_seq: int = 1) -> Append:
    """The append of stored bytes; ``OurError JOURNAL_VERSION`` for what this release does not know."""
    try:
        _, at_us, origin, events = _body.decode(body)
        if body[1:3] != b"1,":
            raise msgspec.ValidationError("another body version")
        return Append(at_us, origin, events, first_seq)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        return _decode_older(body, first_seq, error)


def origin_of(body: bytes) -> Origin | None:
    """Who and what caused an append, whatever stream it is of; its events are not read. ``OurError JOURNAL_CORRUPT``."""
    try:
        return _source.decode(body)[2]
    except msgspec.MsgspecError as error:
        raise OurError("JOURNAL_CORRUPT", f"an append is not readable JSON: {error}") from error


def _decode_older(body: bytes, first_seq: int, cause: Exception) -> Append:
    try:
        document = msgspec.json.decode(body)
        version = document[0]
    except (msgspec.DecodeError, TypeError, IndexError, KeyError):
        raise OurError("JOURNAL_CORRUPT", f"an append at seq {first_seq} is not readable JSON: {cause}") from cause
    while version in UPCASTERS:
        document = UPCASTERS[version](document)
        version = document[0]
    if version != BODY_VERSION:
        raise OurError("JOURNAL_VERSION", f"append body version {version!r}; this release reads up to {BODY_VERSION}") from cause
    try:
        _, at_us, origin, events = msgspec.convert(document, tuple[int, int, Origin | None, list[Event]])
    except msgspec.ValidationError as error:
        message = f"an append at seq {first_seq} has an event this release does not know: {error}"
        raise OurError("JOURNAL_VERSION", message) from error
    return Append(at_us, origin, events, first_seq)
