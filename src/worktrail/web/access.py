"""Where a request's secret stands: ``Authorization: Bearer wtk_…``, else the cookie of a session."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from worktrail.app import SESSION_S
from worktrail.errors import CallerError

__all__ = ["COOKIE", "forget_cookie", "secret_of", "set_cookie"]

COOKIE: Final = "worktrail_session"


def secret_of(request: Request) -> str | None:
    """The secret that a request brings, null for none. CallerError UNAUTHENTICATED for a header that is no bearer's."""
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer" or not secret.startswith("wtk_"):
            raise CallerError("UNAUTHENTICATED", "`Authorization` brings no key")
        return secret.strip()
    return request.cookies.get(COOKIE) or None


def set_cookie(request: Request, response: Response, secret: str) -> None:
    """The session's cookie: for us alone, never for scripts, never sent from other sites."""
    response.set_cookie(
        COOKIE, secret, max_age=SESSION_S, path="/", secure=request.url.scheme == "https", httponly=True, samesite="strict"
    )


def forget_cookie(request: Request, response: Response) -> None:
    response.delete_cookie(COOKIE, path="/", secure=request.url.scheme == "https", httponly=True, samesite="strict")
