"""What becomes of everything that goes wrong: the one shape, whoever raised it.

Rule: a traceback never leaves the server; it goes to its log with the same message that the client got.
"""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from worktrail.errors import CODES, CallerError, OurError, WorktrailError
from worktrail.web.answers import failure, problem

__all__ = ["install_failures"]

log = logging.getLogger("worktrail.web")
_WORDS = {"missing": "is required", "extra_forbidden": "there is no such field", "model_attributes_type": "an object is wanted"}
_BY_STATUS = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "TOO_LARGE"}


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, WorktrailError)
    if error.blame == "ours":
        log.error("%s %s: %s", request.method, request.url.path, error)
    return failure(error)


def _unreadable(request: Request, error: Exception) -> Response:
    """FastAPI could not read the request: the first thing wrong, with its place; all of them in the details."""
    assert isinstance(error, RequestValidationError)
    if _is_untyped(request, error):
        hint = "Send JSON, with the header `Content-Type: application/json`."
        return failure(CallerError("REQUEST_INVALID", "the body is not said to be JSON", hint=hint))
    found = [_place(one) for one in error.errors()[:20]]
    where, said = found[0]["in"], found[0]
    told = f"{where} {said['pointer'] or '/'}: {said['message']}"
    return failure(CallerError("REQUEST_INVALID", told, pointer=said["pointer"], details={"problems": found}))


def _is_untyped(request: Request, error: RequestValidationError) -> bool:
    """A body that was taken for a text, because nobody said that it is JSON."""
    said = "json" in request.headers.get("content-type", "")
    return not said and any(one["loc"] == ("body",) and one.get("input") for one in error.errors())


def _place(one: Any) -> dict[str, Any]:
    not_json = one["type"] == "json_invalid"
    place = [str(part).replace("~", "~0").replace("/", "~1") for part in one["loc"][: 1 if not_json else None]]
    pointer = "".join(f"/{part}" for part in place[1:])
    told = _WORDS.get(one["type"], str(one["msg"]))
    if not_json:
        told = f"not JSON: {one['ctx']['error']}"
    return {"in": place[0] if place else "request", "pointer": pointer, "message": told[:300]}


def _of_framework(request: Request, error: Exception) -> Response:
    """404, 405 and the like of the framework itself."""
    assert isinstance(error, HTTPException)
    if request.scope.get("worktrail.too_large"):
        return failure(CallerError("TOO_LARGE", f"the body is larger than {request.scope['worktrail.too_large']:,} bytes"))
    code = _BY_STATUS.get(error.status_code, "REQUEST_INVALID")
    told = f"{request.method} {request.url.path}: {error.detail}"
    shape = {"code": code, "message": told[:500], "hint": CODES[code].action}
    return problem(shape, error.status_code, error.headers)


def _unknown(request: Request, error: Exception) -> Response:
    log.error("%s %s", request.method, request.url.path, exc_info=error)
    return failure(OurError("INTERNAL", f"{type(error).__name__} at {request.method} {request.url.path}"[:500]))


def install_failures(app: FastAPI) -> None:
    """Every way in which a request can fail."""
    app.add_exception_handler(WorktrailError, _ours)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(Exception, _unknown)
