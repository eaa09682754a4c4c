"""The OpenAPI document: what the routes say of themselves, with security schemes and tags."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from worktrail import __version__

__all__ = ["TAGS", "install_document", "openapi_text"]

TAGS: Final[dict[str, str]] = {
    "runs": "Start runs, find them, look into them, repair them.",
    "incidents": "What stopped and waits for a repair.",
    "tasks": "What waits for people.",
    "segments": "Definitions: the project's own and published versions.",
    "live": "What happens now: streams, activity, presence.",
    "session": "Who I am; logging in and out.",
    "views": "Stored filters.",
    "keys": "Keys of the tenant.",
    "system": "Health and metrics.",
}
_ABOUT: Final = """Worktrail runs AI workflows durably, with people in the loop.

Every error has one shape, `Problem`, whatever its status. Numbers are exact: `12.50` stays `12.50`. Cursors are opaque.
What the caller does not see answers 404, what it sees and may not do 403. A method that changes something needs a key in
`Authorization`, or comes from a page of this server."""
_SCHEMES: Final[dict[str, Any]] = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key, `wtk_…`."},
    "session": {"type": "apiKey", "in": "cookie", "name": "worktrail_session", "description": "A browser's session."},
}


def install_document(app: FastAPI) -> None:
    """The app's own document, made once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title="Worktrail",
                version=__version__,
                description=_ABOUT,
                routes=app.routes,
                tags=[{"name": name, "description": about} for name, about in TAGS.items()],
            )
            made["components"]["securitySchemes"] = _SCHEMES
            made["security"] = [{"key": []}, {"session": []}]
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def openapi_text(app: FastAPI) -> str:
    """The document as JSON text, keys in order, as ``ui/openapi.json`` holds it."""
    text = msgspec.json.encode(app.openapi(), order="sorted")
    return msgspec.json.format(text, indent=1).decode() + "\n"
