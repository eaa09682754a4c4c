"""Answers: JSON as the use case gave it, digit by digit, and errors in the one shape.

Rule: an answer is encoded once, by msgspec, and never validated again at run time (tests hold it against the documented model).
Every error leaves as ``{code, message, hint, pointer?, details?}`` with the status that ``STATUS`` gives its code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from starlette.responses import Response

from worktrail.errors import WorktrailError

__all__ = ["STATUS", "Raw", "encode", "failure", "json_answer", "problem", "status_of"]

encode = msgspec.json.Encoder(decimal_format="number").encode

# Codes whose status does not follow from their family or blame.
STATUS: Final[dict[str, int]] = {
    **dict.fromkeys(("NOT_FOUND", "TASK_NOT_FOUND", "SEGMENT_NOT_FOUND"), 404),
    **dict.fromkeys(
        (
            "RUN_ENDED",
            "RUN_EXISTS",
            "RUN_PAUSED",
            "RUN_ELSEWHERE",
            "TASK_VERSION",
            "TASK_NOT_OPEN",
            "INCIDENT_NOT_OPEN",
            "INCIDENT_ACTION",
            "IDEMPOTENCY_CONFLICT",
            "VERSION_EXISTS",
            "VISIT_NOT_RETRYABLE",
            "SEQ_CONFLICT",
            "ANSWER_STALE",
            "CAPABILITY_MISSING",
        ),
        409,
    ),
    "UNAUTHENTICATED": 401,
    **dict.fromkeys(("FORBIDDEN", "CROSS_SITE", "HOST_REFUSED"), 403),
    "METHOD_NOT_ALLOWED": 405,
    "TOO_LARGE": 413,
    "TOO_MANY": 429,
}
_BY_BLAME: Final[dict[str, int]] = {"author": 422, "caller": 422, "provider": 502, "ours": 500}
_UNAVAILABLE: Final = ("STORE_", "LEASE_")


class Raw:
    """An answer that is no JSON document of ours: bytes, or pieces of them."""

    def __init__(self, body: Any, media_type: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.body = body
        self.media_type = media_type
        self.status = status
        self.headers = dict(headers or {})


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value as JSON."""
    return Response(encode(value), status, headers, "application/json")


def status_of(code: str, blame: str) -> int:
    """The status of an error's code: by the table, else by its family, else by whose turn it is."""
    if code in STATUS:
        return STATUS[code]
    return 503 if code.startswith(_UNAVAILABLE) else _BY_BLAME[blame]


def problem(shape: dict[str, Any], status: int, headers: Mapping[str, str] | None = None) -> Response:
    """An error in its one shape."""
    more = dict(headers or {})
    if status == 401:
        more.setdefault("WWW-Authenticate", "Bearer")
    if status in {429, 503}:
        more.setdefault("Retry-After", "1")
    return json_answer(shape, status, more)


def failure(error: WorktrailError) -> Response:
    """The answer of an error of ours."""
    return problem(error.to_dict(), status_of(error.code, error.blame))
