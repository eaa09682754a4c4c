"""Server-sent events, read line by line, and what a reader remembers between two connections.

Rule: the id of the last event that was given out goes with the next connection, so nothing comes twice and nothing is missed;
what the server could not keep is told as an event ``gap`` and handed on. ``closed`` ends a stream with the error that it tells.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from worktrail.client.calls import decode
from worktrail.errors import CallerError

__all__ = ["AGAIN_S", "LONGEST_S", "Parser", "Resume", "StreamEvent"]

AGAIN_S: Final = 0.25
LONGEST_S: Final = 10.0


class StreamEvent(msgspec.Struct, frozen=True):
    """``event``: hello, append, counts, gap, reconnect …; ``position`` of the journal, null where an event has none."""

    event: str
    data: Any
    position: int | None = None


class Parser:
    """Feeds on lines, gives events."""

    def __init__(self) -> None:
        self._event, self._id = "message", ""
        self._data: list[str] = []

    def line(self, text: str) -> StreamEvent | None:
        """The event that ends with this line, if one does."""
        if not text:
            event, data, last = self._event, "\n".join(self._data), self._id
            self._event, self._id, self._data = "message", "", []
            if not data:
                return None
            return StreamEvent(event, decode(data), int(last) if last.isdigit() else None)
        name, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._event = value
        elif name == "id":
            self._id = value
        elif name == "data":
            self._data.append(value)
        return None


class Resume:
    """Where a stream goes on, and how long to wait before."""

    def __init__(self, after: int | None) -> None:
        self.after = after
        self._wait_s = AGAIN_S

    def headers(self) -> dict[str, str]:
        return {} if self.after is None else {"Last-Event-ID": str(self.after)}

    def seen(self, event: StreamEvent) -> None:
        """An event was given out. CallerError for what ended the stream for good."""
        self._wait_s = AGAIN_S
        if event.position is not None:
            self.after = event.position
        elif event.event == "hello" and self.after is None:
            self.after = int(event.data["position"])
        if event.event == "closed":
            code = str(event.data.get("code", "FORBIDDEN"))
            raise CallerError(code, str(event.data.get("message") or "the server closed the stream"))

    def wait_s(self) -> float:
        """Longer each time in a row."""
        told, self._wait_s = self._wait_s, min(self._wait_s * 2, LONGEST_S)
        return told
