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


class Origin(msgspec.Struct, array_like=True, frozen=True):
    """Who and what caused an append."""

    principal: str | None = None
    command_id: str | None = None
    correlation_id: str | None = None


class Append(msgspec.Struct, frozen=True):
    """One decoded append: its time, its origin, its events (``first_seq`` counts a stream's events from 1)."""

    at_us: int
    origin: Origin | None
    events: list[Event]
    first_seq: int = 1


_encode = msgspec.json.Encoder(decimal_format="number").encode
_TAGS: dict[type, int] = {}
_source = msgspec.json.Decoder(tuple[int, int, Origin | None, msgspec.Raw])  # the same in all versions of all streams so far
_body = msgspec.json.Decoder(tuple[int, int, Origin | None, list[Event]])
_astuple = msgspec.structs.astuple

# body version → function that turns the decoded JSON of that version into the JSON of the next one.
UPCASTERS: dict[int, Callable[[list[Any]], list[Any]]] = {}


def _row(value: Any) -> tuple[Any, ...]:
    """The struct's fields without trailing nulls, its type number first."""
    kind = type(value)
    tag = _TAGS.get(kind)
    if tag is None:
        tag = _TAGS[kind] = kind.__struct_config__.tag
        if tag not in TYPES:
            raise OurError("JOURNAL_VERSION", f"event class {kind.__name__} has no number in the vocabulary")
    fields = _astuple(value)
    end = len(fields)
    while end and fields[end - 1] is None:
        end -= 1
    return (tag, *fields[:end])


def encode_body(at_us: int, origin: Origin | None, events: Sequence[Event]) -> bytes:
    """The stored bytes of one append."""
    source = None
    if origin is not None:
        source = [origin.principal, origin.command_id, origin.correlation_id]
        while source and source[-1] is None:
            source.pop()
    return _encode((BODY_VERSION, at_us, source, [_row(event) for event in events]))


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
