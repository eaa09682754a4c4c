"""The realtime endpoints: feed, its stream, and who is here.

Rule: the feed is the journal in the words of the areas' table, so it is the same in every process and after a restart; its stream
resumes by ``Last-Event-ID``, and begins with the newest ten where there is none. A client id is its principal's. Bodies are read
whatever a browser calls them: a beacon of a page that is being left says text, not JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final, TypeVar

import msgspec
from fastapi import Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from worktrail.app import FEED, FEED_MAX, Live, Reader, Who, after_seq, feed_message
from worktrail.errors import CallerError
from worktrail.web.answers import json_answer
from worktrail.web.models.common import Model
from worktrail.web.models.live import FeedAnswer, JoinRequest, LeaveRequest, Left, PresenceAnswer, PresenceMade
from worktrail.web.routes.live.streaming import LiveStream
from worktrail.web.routes.live.streams import last_id, open_reader
from worktrail.web.routing import Route, in_thread, who_asks

__all__ = ["ROUTES"]

TAIL: Final = 10
M = TypeVar("M", bound=Model)
_Limit = Annotated[int, Query(description="At most 200; less than 1 is 1.")]


async def realtime_stream(request: Request) -> Response:
    """The feed as server-sent events: `data` is the event, `id` its `seq`. Without `Last-Event-ID` it begins with the newest ten,
    oldest first. A named event `gap`, `reconnect` or `closed` says what `onmessage` need not know."""
    since = last_id(request)
    who = await in_thread(request, partial(_who_sees, request))
    hub = who.host.live(who.service).hub
    workspaces = who.principal.workspaces
    position = hub.ring.position
    after = position if since is None else after_seq(since)
    tail = []
    if since is None or after > position:
        after, since = position, None
        bus = who.host.live(who.service).bus
        tail = await in_thread(request, partial(bus.recent, TAIL, workspaces, before=position + 1))

    def attach() -> Reader:
        reader = open_reader(hub, request, who, (FEED,), after=after, had=since or 0)
        reader.greet(b": worktrail\n\n" + b"".join(map(feed_message, reversed(tail))))
        return reader

    return LiveStream(hub, attach)


async def realtime_feed(request: Request, limit: _Limit = 50) -> Response:
    """The newest events, newest first, as far as the caller sees their workspaces."""
    who = await in_thread(request, partial(_who_sees, request))
    live, workspaces = who.host.live(who.service), who.principal.workspaces

    def read() -> dict[str, Any]:
        events = live.bus.recent(FEED_MAX, workspaces)
        return {
            "events": events[: max(1, min(limit, FEED_MAX))],
            "stats": live.bus.stats(workspaces, feed_size=len(events)),
        }

    return json_answer(await in_thread(request, read))


async def presence(request: Request) -> Response:
    """Who is here, as far as the caller sees their workspaces."""
    who = await in_thread(request, partial(_who_sees, request))
    live, workspaces = who.host.live(who.service), who.principal.workspaces

    def read() -> dict[str, Any]:
        return {"presence": live.bus.presence.here(workspaces), "stats": live.bus.stats(workspaces)}

    return json_answer(await in_thread(request, read))


async def presence_join(request: Request) -> Response:
    """I have a page open. The answer has the client id to send heartbeats with, at least every 30 seconds."""

    def join(who: Who, live: Live, asked: JoinRequest) -> dict[str, Any]:
        place = asked.workspace_id or _workspace_of(who)
        if not who.principal.sees(place):
            raise CallerError("NOT_FOUND", f"there is no workspace {place[:60]!r}")
        user, here = who.principal.id, live.bus.presence
        return {"presence": here.join(user, place, asked.client_id, page=asked.page, doing=asked.doing)}

    return await _changed(request, JoinRequest, join)


async def presence_heartbeat(request: Request) -> Response:
    """I still have it open. 404 where nothing was heard for 45 seconds: join again."""

    def beat(who: Who, live: Live, asked: JoinRequest) -> dict[str, Any]:
        user, here = who.principal.id, live.bus.presence
        return {"presence": here.heartbeat(user, asked.client_id or "", page=asked.page, doing=asked.doing)}

    return await _changed(request, JoinRequest, beat)


async def presence_leave(request: Request) -> Response:
    """I have left. A beacon may say so; a client that is not here is no error."""

    def leave(who: Who, live: Live, asked: LeaveRequest) -> dict[str, Any]:
        live.bus.presence.leave(who.principal.id, asked.client_id)
        return {"status": "ok"}

    return await _changed(request, LeaveRequest, leave)


def _who_sees(request: Request) -> Who:
    who = who_asks(request)
    who.caller.need("view")
    return who


def _workspace_of(who: Who) -> str:
    """Where somebody is who does not say: in the workspace `default`, or else the first that is seen."""
    seen = who.principal.workspaces
    return "default" if seen is None or "default" in seen or not seen else min(seen)


async def _changed(request: Request, shape: type[M], change: Callable[[Who, Live, M], dict[str, Any]]) -> Response:
    asked = _read(await request.body(), shape)
    who = await in_thread(request, partial(_who_sees, request))
    live = who.host.live(who.service)
    return json_answer(await in_thread(request, partial(change, who, live, asked)))


def _read(body: bytes, shape: type[M]) -> M:
    """A body by its content alone; keys that are not known are left out of account, as the sheet's clients expect."""
    try:
        found = msgspec.json.decode(body) if body.strip() else {}
        if not isinstance(found, dict):
            raise CallerError("ARGUMENT_INVALID", "the body is no JSON object")
        return shape.model_validate({name: value for name, value in found.items() if name in shape.model_fields})
    except (msgspec.DecodeError, RecursionError):
        raise CallerError("ARGUMENT_INVALID", "the body is not JSON") from None
    except ValidationError as error:
        first = error.errors()[0]
        pointer = "".join(f"/{part}" for part in first["loc"])
        raise CallerError("ARGUMENT_INVALID", f"{pointer[1:]}: {first['msg']}", pointer=pointer) from None


ROUTES = (
    Route("GET", "/realtime/stream", realtime_stream, "live", "The feed as it comes", media_type="text/event-stream"),
    Route("GET", "/realtime/feed", realtime_feed, "live", "The feed, newest first", FeedAnswer),
    Route("GET", "/realtime/presence", presence, "live", "Who is here", PresenceAnswer),
    Route("POST", "/realtime/presence/join", presence_join, "live", "Be here", PresenceMade, body=JoinRequest),
    Route("POST", "/realtime/presence/heartbeat", presence_heartbeat, "live", "Stay here", PresenceMade, body=JoinRequest),
    Route("POST", "/realtime/presence/leave", presence_leave, "live", "Be gone", Left, body=LeaveRequest),
)
