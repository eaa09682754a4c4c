"""Calls as values, and what an answer means.

Rule: what goes out and what comes back is JSON, digit by digit. An error of the server is raised as the class that the same code
has here, so that a program need not know where its runs are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

import httpx
import msgspec

from worktrail.errors import CODES, AuthorError, CallerError, OurError, ProviderError, WorktrailError

__all__ = ["Call", "decode", "error_of", "place", "reach_error", "value_of"]

_encode = msgspec.json.Encoder(decimal_format="number").encode
decode: Final = msgspec.json.Decoder(float_hook=Decimal).decode
_CLASSES: Final[dict[str, type[WorktrailError]]] = {
    "author": AuthorError,
    "caller": CallerError,
    "provider": ProviderError,
    "ours": OurError,
}


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request. ``path`` is a template whose names ``names`` fills; ``body`` is JSON, ``content`` raw bytes; ``raw`` answers
    bytes instead of a value."""

    method: str
    path: str
    names: Mapping[str, str] = {}
    query: Mapping[str, Any] = {}
    body: Any = msgspec.UNSET
    content: Any = None
    headers: Mapping[str, str] = {}
    raw: bool = False

    def request(self) -> dict[str, Any]:
        """The arguments of httpx."""
        path = self.path
        for name, value in self.names.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        headers = dict(self.headers)
        content = self.content
        if self.body is not msgspec.UNSET:
            content = _encode(self.body)
            headers["Content-Type"] = "application/json"
        return {"method": self.method, "url": path, "params": _query(self.query), "content": content, "headers": headers}


def _query(query: Mapping[str, Any]) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    for name, value in query.items():
        if value is None:
            continue
        several = value if isinstance(value, list | tuple | set | frozenset) else [value]
        told += [(name, _text(each)) for each in several]
    return told


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def place(url: str, key: str | None) -> tuple[str, dict[str, str]]:
    """Base address and headers. Without a key the server must see that no page of another site asks: ``Origin`` is its own."""
    base = url.rstrip("/")
    if key is not None:
        return base, {"Authorization": f"Bearer {key}"}
    return base, {"Origin": base}


def value_of(call: Call, answer: httpx.Response) -> Any:
    """What was answered; raises what the server refused with."""
    if answer.status_code >= 400:
        raise error_of(answer)
    if call.raw:
        return answer.content
    return decode(answer.content) if answer.content else None


def error_of(answer: httpx.Response) -> WorktrailError:
    """The error of an answer, in the class of its code."""
    try:
        shape = decode(answer.content)
        code, message = str(shape["code"]), str(shape["message"])
    except (msgspec.DecodeError, KeyError, TypeError):
        said = answer.text[:200]
        return ProviderError("NET_PROTOCOL", f"{answer.request.url} answered {answer.status_code}, not as Worktrail does: {said}")
    known = CODES.get(code)
    kind = CallerError if known is None else _CLASSES[known.blame]
    return kind(code, message, hint=str(shape.get("hint") or ""), pointer=shape.get("pointer"), details=shape.get("details"))


def reach_error(error: httpx.HTTPError, url: str) -> ProviderError:
    """The server could not be reached, or broke off."""
    code = "NET_TIMEOUT" if isinstance(error, httpx.TimeoutException) else "NET_CONNECT"
    if not isinstance(error, httpx.ConnectError | httpx.TimeoutException):
        code = "NET_PROTOCOL"
    return ProviderError(code, f"{url}: {type(error).__name__}: {error}")
