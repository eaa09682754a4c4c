"""Who I am, logging in and out."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from worktrail.app import Host, Who, close_session, me
from worktrail.web.access import forget_cookie, set_cookie
from worktrail.web.answers import json_answer
from worktrail.web.models.common import Done
from worktrail.web.models.setup import Login, Me
from worktrail.web.routing import Route, who_asks

__all__ = ["ROUTES"]


def get_me(who: Who) -> Any:
    """Who the server takes you for, what you may do, and what it is."""
    return me(who)


def log_in(request: Request, body: Login) -> Response:
    """A browser's session for a key: sets the cookie `worktrail_session`, which no script can read."""
    host: Host = request.app.state.host
    secret, who = host.log_in(body.key)
    response = json_answer(me(who))
    set_cookie(request, response, secret)
    return response


def log_out(request: Request) -> Response:
    """Ends the session and forgets its cookie; a copy of the cookie opens nothing any more."""
    who = who_asks(request)
    if who.session is not None:
        close_session(who.caller, who.session.session_id)
    response = Response(status_code=200, content=b"{}", media_type="application/json")
    forget_cookie(request, response)
    return response


ROUTES = (
    Route("GET", "/api/v1/me", get_me, "session", "Who I am", Me),
    Route("POST", "/api/v1/session", log_in, "session", "Log in with a key", Me, open_to_all=True),
    Route("DELETE", "/api/v1/session", log_out, "session", "Log out", Done),
)
