"""Options that several commands share, and what they lead to."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from worktrail.errors import CallerError

if TYPE_CHECKING:
    from worktrail.app import Caller, Wiring

__all__ = ["App", "Database", "Json", "Limit", "ProjectFile", "Reason", "after_what", "caller_of", "the_web", "wire_up"]

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Database = Annotated[Path | None, typer.Option("--db", metavar="PATH", help="Database file. Default: the project's.")]
ProjectFile = Annotated[
    Path | None,
    typer.Option("--project", metavar="PATH", help="worktrail.toml or its folder. Default: the nearest above this folder."),
]
App = Annotated[
    str | None, typer.Option("--app", metavar="MODULE", help="Module or .py file with @step functions. Default: the project's.")
]
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=10_000, help="How many at most.")]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; stands in the trail.")]


def wire_up(project: Path | None, database: Path | None, app: str | None = None) -> Wiring:
    """The project with its user code: for commands that run or check things."""
    from worktrail.app import wire

    return wire(project, database=database, app=app)


def caller_of(project: Path | None, database: Path | None) -> Caller:
    """The user of this command, at the database of a project, which must exist; user code is left alone."""
    from worktrail.app import Caller, os_principal, wire

    return Caller(wire(project, database=database, with_app=False).existing(), os_principal())


@contextlib.contextmanager
def after_what(word: str) -> Iterator[None]:
    """What programs know as a cursor is called `--after` here."""
    try:
        yield
    except CallerError as error:
        if error.pointer != "/cursor":
            raise
        hint = f"Take the {word} that the page before ended with."
        raise CallerError("ARGUMENT_INVALID", f"--after: there is no such {word} here", hint=hint) from None


def the_web() -> ModuleType:
    """The room of the server, by its name: an extra that may not be installed. CallerError CAPABILITY_MISSING."""
    try:
        return import_module("worktrail.web")
    except ModuleNotFoundError as error:
        message = f"the server needs {error.name!r}, which is not installed"
        raise CallerError("CAPABILITY_MISSING", message, hint="Install it: `pip install 'worktrail[web]'`.") from None
