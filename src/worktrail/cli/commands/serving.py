"""``worktrail serve``: the API and the web application."""

from __future__ import annotations

import os
import shlex
from typing import Annotated

import typer

from worktrail.cli.exits import OK
from worktrail.cli.options import App, Database, Json, ProjectFile, the_web
from worktrail.cli.output import json_line, say, warn
from worktrail.cli.process import only_runs_workflows

__all__ = ["serve"]

MODES = {
    "local": "local: whoever reaches this port on this machine is you",
    "keys": "everybody shows a key (`worktrail keys create`)",
}


def serve(
    address: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port; 0 takes a free one.")] = 8700,
    auth: Annotated[
        str, typer.Option("--auth", metavar="MODE", help="local: whoever is on this machine is you. keys: everybody shows a key.")
    ] = "local",
    name: Annotated[
        list[str] | None, typer.Option("--name", metavar="HOST", help="A further host name it answers to; again for more.")
    ] = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Leave the runs to `worktrail worker` beside it.")] = False,
    concurrency: Annotated[
        int | None,
        typer.Option("--concurrency", "-c", metavar="N", min=1, max=10_000, help="Steps at a time. Default: the project's."),
    ] = None,
    browse: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    database: Database = None,
    app: App = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> int:
    """Serve the API and the web application, and go on with the runs, until stopped.

    Ctrl-C or SIGTERM stops it: streams are told to come back, attempts get a few seconds, runs are parked.

    \b
      worktrail serve --open
      worktrail serve --no-worker            and beside it, as many as you like: worktrail worker
      worktrail serve --auth keys --host 0.0.0.0 --name flows.example.org
    """
    if auth not in MODES:
        raise typer.BadParameter(f"{auth!r} is no mode; use local or keys", param_hint="--auth")
    web = the_web()
    from worktrail.app import Host, wire

    host = Host(
        lambda tenant_id: wire(project, database=database, app=app, tenant_id=tenant_id),
        mode="local" if auth == "local" else "keys",
        worker="none" if no_worker else "inside",
        concurrency=concurrency,
    )

    def started(url: str) -> None:
        if as_json:
            say(json_line({"url": url, "auth": auth, "worker": host.worker, "pid": os.getpid()}))
        else:
            say(url)
            warn(MODES[auth])
            warn("no worker inside: `worktrail worker` goes on with the runs" if no_worker else "runs go on in this process")
            warn("Ctrl-C stops it and parks everything")
        if browse:
            import webbrowser

            webbrowser.open(url)

    only_runs_workflows()
    try:
        web.serve(host, address=address, port=port, names=name or (), started=started)
    finally:
        host.close()
    if not as_json:
        named = "" if database is None else f" --db {shlex.quote(str(database))}"
        worker = "worktrail worker" + named
        parked = f"and {worker} goes on with the runs" if no_worker else f"and everything is parked. Without the page: {worker}"
        warn(f"stopped, {parked}. The same command serves again: worktrail serve{named}")
    return OK
