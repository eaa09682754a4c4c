"""The stream of a tab: many topics on one connection, resumed by its last id."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from worktrail.app import Hub, Reader, Who, message, read_topics
from worktrail.web.access import secret_of
from worktrail.web.routes.live.streaming import LiveStream
from worktrail.web.routing import Route, in_thread, who_asks

__all__ = ["ROUTES", "last_id", "open_reader"]

_Topics = Annotated[str, Query(description="run:<id>,activity,inbox,counts", max_length=8_000, examples=["activity,counts"])]
_After = Annotated[int | None, Query(description="A journal position: go on after it.", ge=0)]


def last_id(request: Request) -> int | None:
    """What a browser that comes back had last; nonsense is nothing."""
    text = request.headers.get("last-event-id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


async def stream(request: Request, topics: _Topics, after: _After = None) -> Response:
    """Server-sent events: `hello` first, then `append`, `counts`, `gap`, `reconnect`, `closed`. The id of an event is its
    position in the journal: the header `Last-Event-ID`, or `after`, goes on after it. The right is looked at every second."""
    wanted = read_topics(topics)
    since = last_id(request)
    since = after if since is None else since

    def look() -> tuple[Who, int]:
        who = who_asks(request)
        who.caller.need("view")
        for topic in wanted:
            if topic.startswith("run:"):
                who.caller.run(topic[4:])
        return who, who.service.store.position()

    who, position = await in_thread(request, look)
    hub = who.host.live(who.service).hub

    def attach() -> Reader:
        # A number that the journal has not reached is of another database: everything is new to that reader.
        strange = since is not None and since > position
        reader = open_reader(hub, request, who, wanted, after=position if strange else since)
        hello = message("hello", {"position": reader.position, "server": hub.server, "topics": list(wanted)})
        lost = message("gap", {"from": 0, "to": position, "href": "/api/v1/activity"}, position) if strange else b""
        reader.greet(b"retry: 1000\n\n" + hello + lost)
        return reader

    return LiveStream(hub, attach)


def open_reader(hub: Hub, request: Request, who: Who, topics: tuple[str, ...], *, after: int | None, had: int = 0) -> Reader:
    """A reader of the hub, for whom it is and as long as it may. CallerError TOO_MANY."""
    principal = who.principal
    ticket = (secret_of(request), principal)
    return hub.attach(topics, workspaces=principal.workspaces, owner=principal.id, ticket=ticket, after=after, had=had)


ROUTES = (Route("GET", "/api/v1/stream", stream, "live", "What happens now", media_type="text/event-stream"),)
