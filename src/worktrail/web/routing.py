"""Routes as rows of tables, and the one way from a row to an endpoint.

Rule: a handler is a plain function ``handler(who, …)`` that asks a use case and answers a JSON value. Who asks is found out here,
in the same thread that runs the handler, so that no route can forget it; ``open_to_all`` says which need nobody. Blocking work
runs on a bounded pool of threads, never on the web's loop. A handler written ``async def`` runs on the loop and gets the
request itself: it is for streams alone.
"""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, NamedTuple

import anyio.to_thread
import msgspec
from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse, Response, StreamingResponse

from worktrail.app import Host, Who
from worktrail.engine import decode_exactly
from worktrail.web.access import secret_of
from worktrail.web.answers import Raw, json_answer
from worktrail.web.models.common import Problem

__all__ = ["THREADS", "Route", "in_thread", "install", "who_asks"]

THREADS: Final = 16


class Route(NamedTuple):
    """A row: how it is reached, who answers, and what the documents say."""

    method: str
    path: str
    handler: Callable[..., Any]
    tag: str
    summary: str
    answer: Any = None  # the model of the answer
    media_type: str = "application/json"
    open_to_all: bool = False
    example: Any = None
    body: Any = None  # the model of a body that the handler reads by itself


class _ExactRequest(Request):
    """Reads JSON digit by digit: 12.50 stays 12.50."""

    async def json(self) -> Any:
        body = await self.body()
        try:
            return decode_exactly(body)
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise json.JSONDecodeError(str(error) or "nested too deeply", "", 0) from None


class ExactRoute(APIRoute):
    """A route whose requests are read exactly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def exact(request: Request) -> Response:
            return await handle(_ExactRequest(request.scope, request.receive))

        return exact


async def in_thread(request: Request, work: Callable[[], Any]) -> Any:
    """Runs blocking work on the bounded pool."""
    return await anyio.to_thread.run_sync(work, limiter=request.app.state.threads)


def who_asks(request: Request) -> Who:
    """Who asks; blocks. CallerError UNAUTHENTICATED."""
    host: Host = request.app.state.host
    return host.who(secret_of(request))


def _response(value: Any) -> Response:
    if isinstance(value, Response):
        return value
    if not isinstance(value, Raw):
        return json_answer(value)
    if isinstance(value.body, bytes):
        return Response(value.body, value.status, value.headers, value.media_type)
    return StreamingResponse(value.body, value.status, value.headers, value.media_type)


def _endpoint(route: Route) -> Callable[..., Any]:
    handler = route.handler
    signature = inspect.signature(handler, eval_str=True)
    first, *others = signature.parameters.values()

    @functools.wraps(handler)
    async def endpoint(request: Request, **given: Any) -> Response:
        if inspect.iscoroutinefunction(handler):
            return _response(await handler(request, **given))

        def work() -> Any:
            if first.name == "request":
                return _response(handler(request, **given))
            who = who_asks(request)
            answer = handler(who, **given)
            if route.method != "GET":
                who.host.wrote(who.service.store.tenant_id)  # streams and the driver look at once
            return _response(answer)

        found: Response = await in_thread(request, work)
        return found

    request = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
    endpoint.__signature__ = inspect.Signature([request, *others])  # type: ignore[attr-defined]
    endpoint.__annotations__ = {parameter.name: parameter.annotation for parameter in (request, *others)}
    return endpoint


def install(router: APIRouter, routes: Sequence[Route]) -> None:
    """Adds the routes of a table."""
    for route in routes:
        content: dict[str, Any] = {} if route.example is None else {"example": route.example}
        success: dict[str, Any] = {"description": "Done."}
        if route.media_type != "application/json":
            success["content"] = {route.media_type: {"schema": {"type": "string", "format": "binary"}}}
        elif content:
            success["content"] = {"application/json": content}
        router.add_api_route(
            route.path,
            _endpoint(route),
            methods=[route.method],
            name=route.handler.__name__,
            summary=route.summary,
            description=inspect.getdoc(route.handler),
            tags=[route.tag],
            response_model=route.answer,
            # Only of this class FastAPI tells the model in the document.
            response_class=Response if route.media_type != "application/json" else JSONResponse,
            responses={200: success, "default": {"model": Problem, "description": "It was refused, or it failed."}},
            openapi_extra=_extra(route),
            route_class_override=ExactRoute,
        )


def _extra(route: Route) -> dict[str, Any] | None:
    """What the document says beyond what FastAPI finds out."""
    extra: dict[str, Any] = {"security": []} if route.open_to_all else {}
    if route.body is not None:
        schema = route.body.model_json_schema()
        extra["requestBody"] = {"content": {"application/json": {"schema": schema}}, "required": False}
    return extra or None
