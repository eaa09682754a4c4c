"""Frames: an append of the journal as the bytes that readers get, made once for all of them.

Rule: a frame is built only for a topic that somebody reads, and by nobody but the follower; a reader picks bytes.

Topics: ``run:<id>`` (every event of the run), ``activity`` (headlines of all runs), ``inbox`` (what happens to tasks),
``feed`` (headlines, presence and what programs tell, in the words of ``areas``). An append that a reader follows by several
topics comes once: the first of run, activity, inbox, feed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from worktrail.app.live.areas import HEADLINES, area_of, feed_payload, seq_of, short
from worktrail.errors import WorktrailError
from worktrail.events import (
    NOTICE_TYPES,
    SETUP_TYPES,
    TYPES,
    Custom,
    Notice,
    SegmentPublished,
    decode_body,
    decode_notices,
    decode_setup_body,
    event_documents,
    moment,
)
from worktrail.human import TASK_TYPES, decode_task_body
from worktrail.store import Followed

__all__ = [
    "ACTIVITY",
    "COUNTS",
    "FEED",
    "INBOX",
    "Entry",
    "activity_of",
    "encode_json",
    "entry_of",
    "feed_message",
    "feed_of",
    "iso",
    "message",
]

ACTIVITY: Final = "activity"
INBOX: Final = "inbox"
FEED: Final = "feed"
COUNTS: Final = "counts"

encode_json = msgspec.json.Encoder(decimal_format="number").encode
_tags = msgspec.json.Decoder(tuple[int, int, msgspec.Raw, list[msgspec.Raw]]).decode
_HEADLINE_TAGS: Final = frozenset(number for number, name in TYPES.items() if name in HEADLINES)
_LIKE_A_HEADLINE: Final = re.compile(rb"\[(?:%s)[,\]]" % b"|".join(b"%d" % tag for tag in sorted(_HEADLINE_TAGS))).search


Built = tuple[str | None, dict[str, bytes]]  # workspace, topic → bytes


class Entry(msgspec.Struct, frozen=True):
    """An append, ready for readers. ``frames``: topic → bytes; ``workspace_id`` decides who may have them
    (null: of the whole tenant)."""

    position: int
    workspace_id: str | None
    frames: Mapping[str, bytes]
    size: int


def message(event: str, data: Any, position: int | None = None) -> bytes:
    """One message of a stream: ``id`` where there is a position, ``event``, one line of JSON."""
    head = b"" if position is None else b"id: %d\n" % position
    return b"%sevent: %s\ndata: %s\n\n" % (head, event.encode(), encode_json(data))


def feed_message(event: dict[str, Any]) -> bytes:
    """One message of the realtime feed: the event is the data, its ``seq`` the id."""
    return b"id: %d\ndata: %s\n\n" % (event["seq"], encode_json(event))


def entry_of(append: Followed, interest: frozenset[str]) -> Entry | None:
    """The entry of an append for the topics of `interest`; null where none of them is about it, or where this release cannot
    read it (whoever reads that trail learns why)."""
    build = _BUILD.get(append.stream.partition(":")[0])
    if build is None:
        return None
    try:
        made = build(append, interest)
    except WorktrailError:
        return None
    workspace_id, frames = made
    return Entry(append.position, workspace_id, frames, sum(map(len, frames.values()))) if frames else None


def _of_run(append: Followed, interest: frozenset[str]) -> Built:
    whole = append.stream in interest
    headline = (whole or ACTIVITY in interest or FEED in interest) and _has_headline(append.body)
    if not whole and not headline:
        return None, {}
    documents = event_documents(decode_body(append.body, append.first_seq), append.stream[4:])
    frames = {}
    if whole:
        topics = [append.stream, ACTIVITY] if headline else [append.stream]
        frames[append.stream] = _append_message(append, topics, documents)
    if headline and ACTIVITY in interest:
        frames[ACTIVITY] = _append_message(append, [ACTIVITY], _headlines(documents))
    if headline and FEED in interest:
        frames[FEED] = _joined(_feed(append, append.workspace_id, documents))
    return append.workspace_id, frames


def _of_task(append: Followed, interest: frozenset[str]) -> Built:
    if INBOX not in interest:
        return None, {}
    task_id = append.stream[5:]
    decoded = decode_task_body(append.body)
    at = iso(decoded.at_us)
    principal = decoded.origin.principal if decoded.origin is not None else None
    known = {"timestamp": at} if principal is None else {"timestamp": at, "principal": principal}
    events = []
    for seq, event in enumerate(decoded.events, start=append.first_seq):
        outcome = getattr(event, "outcome", None)
        events.append(
            {
                "event_id": f"{append.stream}:{seq}",
                "seq": seq,
                "event_type": TASK_TYPES[type(event).__struct_config__.tag],  # type: ignore[index]
                **known,
                "payload": {"task_id": task_id} if outcome is None else {"task_id": task_id, "outcome": outcome},
            }
        )
    return append.workspace_id, {INBOX: _append_message(append, [INBOX], events)}


def _of_setup(append: Followed, interest: frozenset[str]) -> Built:
    if ACTIVITY not in interest and FEED not in interest:
        return None, {}
    workspace_id, documents = _setup_documents(append)
    frames = {}
    if ACTIVITY in interest:
        frames[ACTIVITY] = _append_message(append, [ACTIVITY], _headlines(documents), workspace_id)
    if FEED in interest:
        frames[FEED] = _joined(_feed(append, workspace_id, documents))
    return workspace_id, frames


def _of_notices(append: Followed, interest: frozenset[str]) -> Built:
    if FEED not in interest:
        return None, {}
    events = notice_feed(append)
    return events[0]["workspace_id"], {FEED: _joined(events)}


def _joined(events: list[dict[str, Any]]) -> bytes:
    return b"".join(map(feed_message, events))


_BUILD: Final[dict[str, Callable[[Followed, frozenset[str]], Built]]] = {
    "run": _of_run,
    "task": _of_task,
    "segment": _of_setup,
    "tenant": _of_setup,
    "observed": _of_notices,
    "workspace": _of_notices,
}


def iso(at_us: int) -> str:
    return moment(at_us).isoformat().replace("+00:00", "Z")


def _has_headline(body: bytes) -> bool:
    """Whether one of the append's events is a headline, by the numbers of their types alone. Most have none, which a look at
    the bytes says: an event is written as ``[number,…]`` or ``[number]``, but a value may look like one."""
    if _LIKE_A_HEADLINE(body, 1) is None:  # the body's own bracket is before its version
        return False
    try:
        events = _tags(body)[3]
    except msgspec.DecodeError:
        return False
    for raw in events:
        text = bytes(raw)
        if int(text[1 : text.find(b",")]) in _HEADLINE_TAGS:
            return True
    return False


def _append_message(append: Followed, topics: list[str], events: list[dict[str, Any]], workspace_id: str | None = None) -> bytes:
    data = {
        "position": append.position,
        "stream": append.stream,
        "run_id": append.run_id,
        "segment_id": append.segment_id,
        "business_key": append.business_key,
        "workspace_id": append.workspace_id or workspace_id,
        "topics": topics,
        "events": events,
    }
    return message("append", data, append.position)


def _setup_documents(append: Followed) -> tuple[str | None, list[dict[str, Any]]]:
    """The workspace (null: the whole tenant's) and the events of ``segment:<id>`` and ``tenant:<id>``, shaped as a run's."""
    decoded = decode_setup_body(append.body, append.first_seq)
    principal = decoded.origin.principal if decoded.origin is not None else None
    known = {"timestamp": iso(decoded.at_us), "severity": "info"}
    documents = [
        {
            "event_id": f"{append.stream}:{seq}",
            "seq": seq,
            "event_type": SETUP_TYPES[type(event).__struct_config__.tag],  # type: ignore[index]
            **known,
            "payload": msgspec.structs.asdict(event),
            **({} if principal is None else {"principal": principal}),
        }
        for seq, event in enumerate(decoded.events, start=append.first_seq)
    ]
    first = decoded.events[0]
    return (first.workspace_id or "default") if isinstance(first, SegmentPublished) else None, documents


def _documents(append: Followed) -> tuple[str | None, list[dict[str, Any]]]:
    """The workspace and the events of an append that may hold headlines; none where it certainly does not."""
    kind = append.stream.partition(":")[0]
    if kind == "run" and _has_headline(append.body):
        return append.workspace_id, event_documents(decode_body(append.body, append.first_seq), append.stream[4:])
    return _setup_documents(append) if kind in {"segment", "tenant"} else (None, [])


def _headlines(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The headlines among events, without their values."""
    return [{**each, "payload": short(each["payload"])} for each in documents if each["event_type"] in HEADLINES]


def activity_of(append: Followed) -> list[dict[str, Any]]:
    """The lines of activity of an append, oldest first (``ActivityLine`` of the API)."""
    lines = []
    workspace_id, documents = _documents(append)
    for document in documents:
        if document["event_type"] not in HEADLINES:
            continue
        area, name = area_of(document["event_type"])
        payload = short(document["payload"])
        lines.append(
            {
                "position": append.position,
                "seq": document["seq"],
                "event_id": document["event_id"],
                "area": area,
                "event": name,
                "event_type": document["event_type"],
                "at": document["timestamp"],
                "workspace_id": workspace_id,
                "principal": document.get("principal"),
                "run_id": append.run_id,
                "segment_id": append.segment_id,
                "business_key": append.business_key,
                "task_id": payload.get("task_id"),
                "visit": document.get("visit"),
                "severity": document["severity"],
                "payload": payload,
            }
        )
    return lines


def feed_of(append: Followed) -> list[dict[str, Any]]:
    """The feed's events of an append, oldest first."""
    kind = append.stream.partition(":")[0]
    return notice_feed(append) if kind in {"observed", "workspace"} else _feed(append, *_documents(append))


def _feed(append: Followed, workspace_id: str | None, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    told = []
    for number, document in enumerate(documents):
        event_type = document["event_type"]
        if event_type not in HEADLINES:
            continue
        area, name = area_of(event_type)
        about = {"run_id": append.run_id, "segment_id": append.segment_id, "visit": document.get("visit")}
        shape = feed_event(
            seq_of(append.position, number),
            document["timestamp"],
            area=area,
            name=name,
            workspace_id=workspace_id,
            payload=feed_payload(event_type, document["payload"], about),
            more={"id": document["event_id"]},
        )
        told.append(shape)
    return told


def notice_feed(append: Followed) -> list[dict[str, Any]]:
    """The feed's events of an append to ``observed`` or ``workspace:<id>``."""
    decoded = decode_notices(append.body, append.first_seq)
    return [
        notice_event(seq_of(append.position, number), decoded.at_us, f"{append.stream}:{append.first_seq + number}", event)
        for number, event in enumerate(decoded.events)
    ]


def notice_event(seq: int, at_us: int, event_id: str, event: Notice) -> dict[str, Any]:
    """A notice as the feed tells it."""
    more: dict[str, Any] = {"id": event_id}
    if isinstance(event, Custom):
        area, name, payload = event.area, event.name, event.payload
        more |= event.more or {}
    else:
        event_type = NOTICE_TYPES[type(event).__struct_config__.tag]  # type: ignore[index]
        area, name = area_of(event_type)
        payload = feed_payload(event_type, msgspec.structs.asdict(event), {})
    return feed_event(seq, iso(at_us), area=area, name=name, workspace_id=event.workspace_id, payload=payload, more=more)


def feed_event(
    seq: int, at: str, *, area: str, name: str, workspace_id: str | None, payload: Any, more: Mapping[str, Any]
) -> dict[str, Any]:
    """The shape of the feed: what the source brought along never overwrites what is always there."""
    return {
        "timestamp": at,
        **more,
        "seq": seq,
        "received_at": at,
        "area": area,
        "event_type": name,
        "workspace_id": workspace_id,
        "payload": {} if payload is None else payload,
    }
