"""Is the process alive; can it serve."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from worktrail import __version__
from worktrail.app import Host
from worktrail.errors import WorktrailError
from worktrail.web.answers import json_answer
from worktrail.web.models.system import Alive, Ready
from worktrail.web.routing import Route

__all__ = ["ROUTES"]


def health(request: Request) -> Any:
    """The process answers; nothing else is looked at."""
    return {"status": "ok", "version": __version__}


def live(request: Request) -> Any:
    """As `/api/v1/health`, for those who ask by this name."""
    return {"status": "ok", "version": __version__}


def ready(request: Request) -> Response:
    """Whether the databases of all open tenants can be read; 503 and the reasons where not."""
    host: Host = request.app.state.host
    problems = []
    for service in host.services():
        try:
            service.store.position()
        except WorktrailError as error:
            problems.append(error.code)  # no path, no message: anybody may ask
    return json_answer({"ready": not problems, "problems": problems}, 503 if problems else 200)


ROUTES = (
    Route("GET", "/api/v1/health", health, "system", "Alive", Alive, open_to_all=True),
    Route("GET", "/api/v1/health/live", live, "system", "Alive", Alive, open_to_all=True),
    Route("GET", "/api/v1/health/ready", ready, "system", "Ready to serve", Ready, open_to_all=True),
)
