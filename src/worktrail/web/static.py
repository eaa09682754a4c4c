"""The built web application, as it stands in ``web/static`` of the package.

Rule: only files that were there when the server started are served, looked up by name in a table, so that no path can lead
anywhere else. A name with a hash never changes (``immutable``); every other path is the application's own and gets its page.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from pathlib import Path
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

__all__ = ["STATIC", "Static"]

STATIC: Final = Path(__file__).parent / "static"
PACKED: Final = ("text/", "application/json", "application/javascript", "image/svg+xml", "application/manifest+json")
NOT_BUILT: Final = """\
Worktrail is running, but its web application is not part of this installation.

In a checkout:   make ui        (builds it; then start the server again)
The API:         /api/v1/openapi.json
"""


class _File(NamedTuple):
    body: bytes
    packed: bytes | None
    media_type: str
    tag: str
    cache: str


class Static:
    """Serves a folder; ``built`` is whether there is an application in it."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._paths = (
            {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
            if folder.is_dir()
            else {}
        )
        self._read: dict[str, _File] = {}

    @property
    def built(self) -> bool:
        return "index.html" in self._paths

    def answer(self, request: Request) -> Response:
        """The file of the request's path, else the application's page."""
        if not self.built:
            return PlainTextResponse(NOT_BUILT, 404)
        name = request.url.path.lstrip("/")
        found = self._file(name if name in self._paths else "index.html")
        headers = {"etag": found.tag, "cache-control": found.cache, "vary": "accept-encoding"}
        if request.headers.get("if-none-match") == found.tag:
            return Response(status_code=304, headers=headers)
        if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(found.packed, headers={**headers, "content-encoding": "gzip"}, media_type=found.media_type)
        return Response(found.body, headers=headers, media_type=found.media_type)

    def _file(self, name: str) -> _File:
        known = self._read.get(name)
        if known is not None:
            return known
        body = self._paths[name].read_bytes()
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        packed = gzip.compress(body, 6, mtime=0) if media_type.startswith(PACKED) or name.endswith(".js") else None
        cache = "public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache"
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        file = self._read[name] = _File(body, packed, media_type, tag, cache)
        return file
