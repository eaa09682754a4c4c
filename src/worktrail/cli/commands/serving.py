"""``worktrail serve``: the API and the web application."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from worktrail.cli.exits import OK
from worktrail.cli.options import App, Database, Json, ProjectFile
from worktrail.cli.output import json_line, say, warn
from worktrail.errors import CallerError

__all__ = ["serve"]


def serve(
    address: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port; 0 takes a free one.")] = 8700,
    auth: Annotated[
        str, typer.Option("--auth", metavar="MODE", help="local: whoever is on this machine is you. keys: everybody shows a key.")
    ] = "local",
    name: Annotated[
        list[str] | None, typer.Option("--name", metavar="HOST", help="A further host name it answers to; again for more.")
    ] = None,
    database: Database = None,
    app: App = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> int:
    """Serve the API and the web application until stopped.

    \b
      worktrail serve
      worktrail serve --auth keys --host 0.0.0.0 --name flows.example.org
    """
    if auth not in {"local", "keys"}:
        raise typer.BadParameter(f"{auth!r} is no mode; use local or keys", param_hint="--auth")
    try:  # by its name: an extra that may not be installed, and a sibling that no command depends on
        web = import_module("worktrail.web")
    except ModuleNotFoundError as error:
        message = f"the server needs {error.name!r}, which is not installed"
        raise CallerError("CAPABILITY_MISSING", message, hint="Install it: `pip install 'worktrail[web]'`.") from None
    from worktrail.app import Host, wire

    host = Host(
        lambda tenant_id: wire(project, database=database, app=app, tenant_id=tenant_id),
        mode="local" if auth == "local" else "keys",
    )

    def started(url: str) -> None:
        say(json_line({"url": url, "auth": auth}) if as_json else url)
        warn("local: whoever reaches this port on this machine is you" if auth == "local" else "everybody shows a key")

    try:
        web.serve(host, address=address, port=port, names=name or (), started=started)
    finally:
        host.close()
    return OK
