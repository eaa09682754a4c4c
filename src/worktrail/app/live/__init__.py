"""Live: what happens in the journal, told to whoever reads it now. Pure asyncio and threads; never: HTTP, decisions."""

from __future__ import annotations

from worktrail.app.live.areas import AREAS, HEADLINES, after_seq, seq_of
from worktrail.app.live.bus import FEED_MAX, RealtimeBus
from worktrail.app.live.follower import Batch, Follower
from worktrail.app.live.frames import (
    ACTIVITY,
    COUNTS,
    FEED,
    INBOX,
    Entry,
    activity_of,
    encode_json,
    entry_of,
    feed_message,
    feed_of,
    message,
)
from worktrail.app.live.hub import HEARTBEAT_S, READ_AGAIN, STREAMS_EACH, Hub, Reader, read_topics
from worktrail.app.live.presence import Presence
from worktrail.app.live.ring import Ring, View

__all__ = [
    "ACTIVITY",
    "AREAS",
    "COUNTS",
    "FEED",
    "FEED_MAX",
    "HEADLINES",
    "HEARTBEAT_S",
    "INBOX",
    "READ_AGAIN",
    "STREAMS_EACH",
    "Batch",
    "Entry",
    "Follower",
    "Hub",
    "Presence",
    "Reader",
    "RealtimeBus",
    "Ring",
    "View",
    "activity_of",
    "after_seq",
    "encode_json",
    "entry_of",
    "feed_message",
    "feed_of",
    "message",
    "read_topics",
    "seq_of",
]
