"""The application: routes, shield, failures, the built pages, put together for a host."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import anyio
from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.types import Lifespan

from worktrail.app import Host
from worktrail.errors import CallerError
from worktrail.web.answers import encode, failure
from worktrail.web.document import install_document
from worktrail.web.failures import install_failures
from worktrail.web.routes import ROUTES
from worktrail.web.routing import THREADS, install
from worktrail.web.shield import Shield
from worktrail.web.static import STATIC, Static

__all__ = ["LOOPBACK", "bare_app", "create_app"]

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_OURS = ("/api/", "/realtime/", "/metrics")


def bare_app(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """The routes without a host: enough for the document."""
    app = FastAPI(
        title="Worktrail",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    install(app.router, ROUTES)
    install_document(app)
    install_failures(app)
    return app


def create_app(host: Host, *, names: Iterable[str] = LOOPBACK, any_address: bool = False, static: Path = STATIC) -> FastAPI:
    """An ASGI application over a host. ``names`` are the host names it answers to; the host stays the caller's to close."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await host.begin_live()
        yield
        await host.end_live()

    app = bare_app(lifespan)
    app.state.host = host
    app.state.threads = anyio.CapacityLimiter(THREADS)
    pages = Static(static)

    async def document(request: Request) -> Response:
        return Response(encode(app.openapi()), media_type="application/json")

    async def page(request: Request) -> Response:
        if request.url.path.startswith(_OURS):
            return failure(CallerError("NOT_FOUND", f"there is no {request.url.path[:200]}", hint="See /api/v1/openapi.json."))
        return pages.answer(request)

    app.add_route("/api/v1/openapi.json", document, ["GET"], include_in_schema=False)
    app.add_route("/{path:path}", page, ["GET"], include_in_schema=False)
    app.add_middleware(Shield, names=tuple(names), any_address=any_address)
    return app
