"""``http_action``: one HTTP request as a step.

Rules:
- ``url`` goes through the guarded client; ``client_ref`` and ``path`` go to a registered client, and the path stays below it.
- What a service says again and again is one effect: ``Idempotency-Key`` goes out with every method that changes something.
- Another attempt is offered only where it is safe: the request was certainly not carried out, or repeating it changes
  nothing (GET, HEAD, PUT, DELETE), or the service can recognise it by its key. Of statuses only 408, 425, 429 and 5xx pass
  with time, and ``Retry-After`` goes along as ``details.retry_after_s``.
- Numbers are exact: integers as ``int``, everything else as ``Decimal``.

Answer: ``{"response": value, "status": 200}``. ``response`` is the parsed JSON, else text, else
``{"content_type", "base64"}``; null for an empty body.
"""

from __future__ import annotations

import asyncio
import base64
import inspect
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from worktrail.errors import AuthorError, ProviderError, WorktrailError
from worktrail.net import NetLimits, OutboundClient, OutboundResponse, safe_path
from worktrail.runtime import Fail, HandlerAnswer, StepContext

__all__ = ["METHODS", "HttpAction"]

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")
REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
PASSING = frozenset({408, 425, 429}) | frozenset(range(500, 600)) - {501, 505}
KEYS = frozenset("url client_ref path method headers secret_ref query body expected_status timeout_s retry_count".split())
EXCERPT = 500  # characters of an unexpected answer that go into the failure
DEFAULT_TIMEOUT_S = 30.0
DOUBT = "The request may have been carried out: look before you send it again."

_json_out = msgspec.json.Encoder(decimal_format="number")
_json_in = msgspec.json.Decoder(float_hook=Decimal)


class _Call(msgspec.Struct, kw_only=True):
    """A request, ready to be sent."""

    method: str
    url: str | None
    client_ref: str | None
    path: str
    headers: dict[str, str]
    query: dict[str, Any]
    body: bytes | None
    expected: tuple[str, ...]
    timeout_s: float


class HttpAction:
    """The handler. ``client`` is the host's, with its policy; without one each request opens and closes its own under the
    strict default policy (public addresses, ports 80 and 443)."""

    def __init__(self, client: OutboundClient | None = None) -> None:
        self._client = client

    async def __call__(self, ctx: StepContext, config: dict[str, Any], input_data: Any) -> HandlerAnswer:
        """``config``: see docs/http.md; expressions in it are values by now. ``input_data``: ``{port: value}``."""
        call = _prepared(ctx, config, input_data)
        await _authorize(ctx, config, call)
        safe = call.method in REPEATABLE or any(name.lower() == "idempotency-key" for name in call.headers)
        try:
            status, headers, body = await self._sent(ctx, call)
            answer = _settled(ctx, call, status, headers, body)
        except WorktrailError as error:
            if not safe and not (error.details or {}).get("not_executed"):
                error.details = {**(error.details or {}), "recoverable": False}
                error.hint = f"{error.hint} {DOUBT}"
            raise
        if isinstance(answer, Fail) and answer.recoverable and not (safe or _turned_away(answer)):
            return msgspec.structs.replace(answer, recoverable=False, hint=DOUBT)
        return answer

    async def _sent(self, ctx: StepContext, call: _Call) -> tuple[int, Mapping[str, str], Any]:
        if call.url is None:
            return await _by_client(ctx, call)
        if self._client is not None:
            return _parts(await self._by_url(self._client, call))
        async with OutboundClient() as client:
            return _parts(await self._by_url(client, call))

    async def _by_url(self, client: OutboundClient, call: _Call) -> OutboundResponse:
        assert call.url is not None
        return await client.request(
            call.method, call.url, headers=call.headers, query=call.query, body=call.body, timeout_s=call.timeout_s
        )


def _turned_away(answer: Fail) -> bool:
    """Too early, too many requests: the service says that it did not begin."""
    return (answer.details or {}).get("status") in {425, 429}


def _parts(response: OutboundResponse) -> tuple[int, Mapping[str, str], Any]:
    return response.status, response.headers, response.body


async def _by_client(ctx: StepContext, call: _Call) -> tuple[int, Mapping[str, str], Any]:
    """The request of a registered client; its answer may be a response (status, headers, content) or a plain value."""
    client = ctx.get_client(str(call.client_ref))
    given: dict[str, Any] = {"headers": call.headers, "params": call.query, "content": call.body}
    keywords = {name: value for name, value in given.items() if value}
    try:
        async with asyncio.timeout(call.timeout_s):
            answer = await client.request(call.method, safe_path(call.path), **keywords)
    except TimeoutError:
        raise ProviderError("NET_TIMEOUT", f"client {call.client_ref!r} took longer than {call.timeout_s} s") from None
    status = getattr(answer, "status_code", None) or getattr(answer, "status", None)
    if not isinstance(status, int):
        return 200, {}, answer
    headers = {str(name).lower(): str(value) for name, value in dict(getattr(answer, "headers", None) or {}).items()}
    content = getattr(answer, "content", None)
    body = getattr(answer, "body", None) if content is None else content
    if isinstance(body, bytes) and len(body) > NetLimits().max_bytes:
        raise ProviderError("NET_TOO_LARGE", f"the response has {len(body)} bytes", details={"recoverable": False})
    return status, headers, body


# --- the request ------------------------------------------------------------------------------------------------------


def _wrong(key: str, message: str) -> AuthorError:
    return AuthorError("HTTP_CONFIG", message, pointer=f"/config/{key}", details={"not_executed": True})


def _prepared(ctx: StepContext, config: Mapping[str, Any], input_data: Any) -> _Call:
    url, client_ref, path = config.get("url"), config.get("client_ref"), config.get("path")
    unknown = sorted(set(config) - KEYS)
    if unknown:
        raise _wrong(unknown[0], f"http_action knows no key {unknown[0]!r}")
    if (url is None) == (client_ref is None):
        raise _wrong("url", "http_action needs either `url`, or `client_ref` with `path`")
    if url is not None and path is not None:
        raise _wrong("path", "`path` goes with `client_ref`; write the whole `url`")
    for key, value in (("url", url), ("client_ref", client_ref), ("path", path)):
        if value is not None and not isinstance(value, str):
            raise _wrong(key, f"`{key}` must be text")
    body = input_data.get("body") if isinstance(input_data, Mapping) else None
    if body is None:
        body = config.get("body")
    method = str(config.get("method") or ("GET" if body is None else "POST")).upper()
    if method not in METHODS:
        raise _wrong("method", f"the method {method!r} is none of {', '.join(METHODS)}")
    query = {} if config.get("query") is None else config["query"]
    if not isinstance(query, Mapping):
        raise _wrong("query", "`query` must be an object")
    timeout_s = config.get("timeout_s", DEFAULT_TIMEOUT_S)
    if isinstance(timeout_s, bool) or not isinstance(timeout_s, int | float | Decimal) or not timeout_s > 0:
        raise _wrong("timeout_s", "`timeout_s` must be a number of seconds above 0")
    headers = _headers({} if config.get("headers") is None else config["headers"])
    packed, content_type = _packed(body)
    names = {name.lower() for name in headers}
    if content_type and "content-type" not in names:
        headers["Content-Type"] = content_type
    if ctx.idempotency_key and method not in {"GET", "HEAD"} and "idempotency-key" not in names:
        headers["Idempotency-Key"] = ctx.idempotency_key
    return _Call(
        method=method,
        url=url,
        client_ref=client_ref,
        path=path or "/",
        headers=headers,
        query=dict(query),
        body=packed,
        expected=_expected(config.get("expected_status")),
        timeout_s=float(timeout_s),
    )


def _headers(given: Any) -> dict[str, str]:
    """Text and numbers; null leaves a header out."""
    if not isinstance(given, Mapping):
        raise _wrong("headers", "`headers` must be an object")
    headers = {}
    for name, value in given.items():
        if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
            headers[str(name)] = str(value)
        elif value is not None:
            raise _wrong(f"headers/{name}", f"the header {name!r} must be text or a number")
    return headers


async def _authorize(ctx: StepContext, config: Mapping[str, Any], call: _Call) -> None:
    """``secret_ref``: a secret that the step declares, as ``Authorization: Bearer``; it never stands in the trail."""
    ref = config.get("secret_ref")
    if ref is None:
        return
    if not isinstance(ref, str):
        raise _wrong("secret_ref", "`secret_ref` must be the id of a secret")
    if any(name.lower() == "authorization" for name in call.headers):
        raise _wrong("secret_ref", "there is an Authorization header beside `secret_ref`")
    secret = ctx.get_secret(ref)
    call.headers["Authorization"] = f"Bearer {await secret if inspect.isawaitable(secret) else secret}"


def _packed(body: Any) -> tuple[bytes | None, str]:
    if body is None:
        return None, ""
    if isinstance(body, bytes):
        return body, "application/octet-stream"
    if isinstance(body, str):
        return body.encode(), "text/plain; charset=utf-8"
    try:
        return _json_out.encode(body), "application/json"
    except (TypeError, ValueError) as error:
        raise _wrong("body", f"the body cannot be written as JSON: {error}") from None


def _expected(given: Any) -> tuple[str, ...]:
    """Patterns such as ``200`` and ``2xx``."""
    items = ["2xx"] if given is None else given if isinstance(given, list | tuple) else [given]
    patterns = tuple(str(item).lower() for item in items)
    if not patterns or not all(
        len(text) == 3 and text[0] in "12345" and (text.isdecimal() or text[1:] == "xx") for text in patterns
    ):
        raise _wrong("expected_status", "`expected_status` is a list of statuses such as 200 or ranges such as 2xx")
    return patterns


# --- the answer -------------------------------------------------------------------------------------------------------


def _settled(ctx: StepContext, call: _Call, status: int, headers: Mapping[str, str], body: Any) -> HandlerAnswer:
    if not {str(status), f"{status // 100}xx"} & set(call.expected):
        return _refused(ctx, call, status, headers, body)
    answer = {"response": _value(headers, body), "status": status}
    return {port: value for port, value in answer.items() if not ctx.outputs or port in ctx.outputs}


def _refused(ctx: StepContext, call: _Call, status: int, headers: Mapping[str, str], body: Any) -> Fail:
    where = call.url.partition("?")[0] if call.url else f"{call.client_ref}:{call.path.partition('?')[0]}"
    details: dict[str, Any] = {"status": status}
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")
    if text:
        details["body"] = ctx.redact(text)[:EXCERPT]
    wait = _retry_after_s(headers)
    if status in PASSING and wait is not None:
        details["retry_after_s"] = wait
    wanted = ", ".join(call.expected)
    return Fail(
        "HTTP_STATUS",
        f"{call.method} {ctx.redact(where)} answered {status}, expected {wanted}",
        recoverable=status in PASSING,
        details=details,
        error_type="HttpStatus",
    )


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from seconds or from a date (against the answer's own clock, where it tells it)."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        due = parsedate_to_datetime(text)
        told = headers.get("date")
        now = parsedate_to_datetime(told) if told else datetime.now(UTC)
        return max(0.0, (due - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _value(headers: Mapping[str, str], body: Any) -> Any:
    if not isinstance(body, bytes):
        return body
    if not body:
        return None
    media, _, parameters = headers.get("content-type", "").lower().partition(";")
    media = media.strip()
    if media == "application/json" or media.endswith("+json"):
        try:
            return _json_in.decode(body)
        except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
            raise ProviderError(
                "HTTP_BODY", f"the answer says {media} but is not: {error}", details={"recoverable": False}
            ) from None
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "') or "utf-8"
    try:
        return body.decode(charset)
    except (LookupError, ValueError):
        if media.startswith("text/"):
            return body.decode("utf-8", "replace")
        return {"content_type": media, "base64": base64.b64encode(body).decode()}
