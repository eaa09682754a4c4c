"""The stored form of a task's events: the same body as a run's append, with the task's own vocabulary.

``[1, at_us, origin, [[type, field, …], …]]``, trailing nulls cut. Numbers are kept digit by digit. An unknown version or
type is refused (``JOURNAL_VERSION``), never guessed; ``UPCASTERS`` turns older bodies into this one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from worktrail.errors import OurError
from worktrail.events import Origin
from worktrail.human.vocabulary import TASK_TYPES, TaskEvent

__all__ = ["TASK_BODY_VERSION", "TaskAppend", "decode_json", "decode_task_body", "encode_task_body"]

TASK_BODY_VERSION = 1


class TaskAppend(msgspec.Struct, frozen=True):
    """One decoded append of a task's stream."""

    at_us: int
    origin: Origin | None
    events: list[TaskEvent]


_encode = msgspec.json.Encoder(decimal_format="number").encode
_body = msgspec.json.Decoder(tuple[int, int, Origin | None, list[TaskEvent]], float_hook=Decimal)
decode_json: Callable[[bytes | msgspec.Raw], Any] = msgspec.json.Decoder(float_hook=Decimal).decode

# body version → function that turns the decoded JSON of that version into the JSON of the next one.
UPCASTERS: dict[int, Callable[[list[Any]], list[Any]]] = {}


def _cut(fields: Sequence[Any]) -> list[Any]:
    """`fields` without trailing nulls."""
    end = len(fields)
    while end and fields[end - 1] is None:
        end -= 1
    return list(fields[:end])


def _row(event: TaskEvent) -> list[Any]:
    tag = event.__struct_config__.tag
    if tag not in TASK_TYPES:
        raise OurError("JOURNAL_VERSION", f"event class {type(event).__name__} has no number in the vocabulary")
    return [tag, *_cut(msgspec.structs.astuple(event))]


def encode_task_body(at_us: int, origin: Origin | None, events: Sequence[TaskEvent]) -> bytes:
    """The stored bytes of one append."""
    source = None if origin is None else _cut(msgspec.structs.astuple(origin))
    return _encode((TASK_BODY_VERSION, at_us, source, [_row(event) for event in events]))


def decode_task_body(body: bytes) -> TaskAppend:
    """The append of stored bytes; OurError JOURNAL_CORRUPT for what is no JSON, JOURNAL_VERSION for what is not known here."""
    try:
        version, at_us, origin, events = _body.decode(body)
        if version != TASK_BODY_VERSION:
            raise msgspec.ValidationError("another body version")
        return TaskAppend(at_us, origin, events)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        return _decode_older(body, error)


def _decode_older(body: bytes, cause: Exception) -> TaskAppend:
    try:
        document = decode_json(body)
        version = document[0]
    except (msgspec.DecodeError, TypeError, IndexError, KeyError):
        raise OurError("JOURNAL_CORRUPT", f"an append of a task is not readable JSON: {cause}") from cause
    while version in UPCASTERS:
        document = UPCASTERS[version](document)
        version = document[0]
    if version != TASK_BODY_VERSION:
        message = f"append body version {version!r} of a task; this release reads up to {TASK_BODY_VERSION}"
        raise OurError("JOURNAL_VERSION", message) from cause
    try:
        _, at_us, origin, events = _body.decode(_encode(document))
    except msgspec.ValidationError as error:
        raise OurError("JOURNAL_VERSION", f"a task has an event this release does not know: {error}") from error
    return TaskAppend(at_us, origin, events)
