"""``new``, ``demo``, ``worker``: beginning a project, seeing one, and going on with its runs."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from worktrail.cli.exits import OK
from worktrail.cli.options import App, Database, Json, ProjectFile, wire_up
from worktrail.cli.output import counted, json_line, print_json, say, warn
from worktrail.cli.process import guarded, only_runs_workflows

__all__ = ["COMMANDS"]


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The folder to make; its last part is the project's name.")],
    as_json: Json = False,
) -> None:
    """Make a small project that runs at once: a segment, a step, rows, a test.

    \b
      worktrail new shop && cd shop
      worktrail run orders --input data/orders.csv
    """
    from worktrail.app import new_project

    if not name:
        raise typer.BadParameter("a folder has a name", param_hint="NAME")
    place = Path(name)
    written = new_project(place)
    if as_json:
        print_json({"folder": str(place), "files": [str(path.relative_to(place)) for path in written]})
        return
    made, enter = (str(place), f"cd {place} && ") if place.name else ("a project here", "")
    say(f"made {made}: " + ", ".join(str(path.relative_to(place)) for path in written))
    say(f"go on: {enter}worktrail run orders --input data/orders.csv")


def worker(
    concurrency: Annotated[
        int | None,
        typer.Option(
            "--concurrency", "-c", metavar="N", min=1, max=10_000, help="Steps at the same time. Default: the project's."
        ),
    ] = None,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Leave when nothing works any more; what waits for people or timers stays.")
    ] = False,
    database: Database = None,
    app: App = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> int:
    """Go on with the runs of a database until stopped: those that are queued, parked, or left by a process that is gone.

    \b
      worktrail worker
      worktrail worker --until-idle --app shop_steps
    """
    from worktrail.app import Worker

    def tell(facts: dict[str, Any]) -> None:
        error = f" ({facts['error_code']})" if facts["error_code"] else ""
        say(json_line(facts) if as_json else f"{facts['run_id']}  {facts['segment_id']}  {facts['status']}{error}")

    with wire_up(project, database, app) as wiring:
        made = Worker(wiring, concurrency=concurrency, tell=tell)
        warn(f"working on {wiring.database}; Ctrl-C parks everything")
        facts = asyncio.run(guarded(made.run(until_idle=until_idle), made.stop))
    ended, steps = counted(facts["runs_ended"], "run"), counted(facts["steps"], "step")
    retries = "1 retry" if facts["retries"] == 1 else f"{facts['retries']:,} retries"
    say(json_line(facts) if as_json else f"{ended} ended, {steps}, {retries}")
    return OK


def demo(
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FOLDER", help="Where it lives. Default: worktrail-demo.")
    ] = None,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="A tour in the terminal, without the page; then it leaves.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", metavar="N", min=0, max=65535, help="Port of the page; 0 takes a free one. Default: 8700, or a free one."
        ),
    ] = None,
    browse: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
    as_json: Json = False,
) -> int:
    """See Worktrail at work: offline, without a key.

    \b
      worktrail demo                 the page, with 200 expense reports coming in
      worktrail demo --terminal      the same example in the terminal alone

    It goes on where it stopped: the same command again loses nothing and begins nothing twice.
    """
    made = import_module("worktrail.app.demo")
    web = None if terminal else _web()
    if web is None:
        made.run_tour(keep=keep, as_json=as_json)
        return OK

    def tell(facts: dict[str, Any]) -> None:
        if as_json:
            say(json_line({**facts, "pid": os.getpid()}))

    only_runs_workflows()
    made.run_page(web.serve, keep=keep, port=port, browse=browse and sys.stdout.isatty(), as_json=as_json, tell=tell)
    if not as_json:
        where = "" if keep is None else f" --keep {shlex.quote(str(keep))}"
        warn(f"stopped, and everything is parked. The same command goes on: worktrail demo{where}")
    return OK


def _web() -> Any:
    """The server, or null where it is not installed; then the demo says so and stays in the terminal."""
    try:
        return import_module("worktrail.web")
    except ModuleNotFoundError as error:
        warn(f"without the page: it needs {error.name!r} (`pip install 'worktrail[web]'`)")
        return None


COMMANDS: dict[str, Callable[..., int | None]] = {"new": new, "worker": worker, "demo": demo}
