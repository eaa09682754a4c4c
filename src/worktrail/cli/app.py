"""The Typer app: every command in its place, and the one door through which each of them leaves."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

from worktrail import __version__
from worktrail.cli.commands import checks, inbox, incidents, keys, projects, runs, segments, serving, tasks
from worktrail.cli.commands.run import run
from worktrail.cli.exits import FAILED, INTERRUPTED, OK, OURS, USAGE, exit_code_of, readable
from worktrail.cli.output import json_line, say, warn
from worktrail.errors import CallerError, WorktrailError

__all__ = ["build", "run_command"]

ABOUT = """\
Worktrail runs AI workflows durably, with people in the loop.

\b
  worktrail new shop && cd shop                      a project that runs at once
  worktrail run orders --input data/orders.csv       one run for each row
  worktrail tasks list                               what waits for people
  worktrail tasks decide TASK approved               decide
  worktrail worker                                   go on with what is open
  worktrail trail RUN                                what happened, line by line
  worktrail serve                                    the same in the browser, and as an API

Every command takes --json. Exit codes: 0 done, 1 failed runs or problems, 2 usage, 3 not found, 4 refused, 5 database
trouble, 130 interrupted. Calling the same `run` again goes on where it stopped.
"""


def _version(value: bool) -> None:
    if value:
        say(f"worktrail {__version__}")
        raise typer.Exit


def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Worktrail runs AI workflows durably, with people in the loop."""


def build() -> typer.Typer:
    """The whole command line."""
    made = typer.Typer(
        name="worktrail",
        help=ABOUT,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=True,
    )
    made.callback(help=ABOUT)(root)
    made.command("run")(run)
    for name, command in checks.COMMANDS.items():
        made.command(name)(command)
    for name, command in projects.COMMANDS.items():
        made.command(name)(command)
    made.command("trail")(runs.trail)
    made.command("serve")(serving.serve)
    for name, about, commands in (
        ("runs", "Look at runs; cancel, pause, resume them.", runs.COMMANDS),
        ("tasks", "What waits for people: look, decide.", tasks.COMMANDS),
        ("commands", "What was queued, and what was answered.", inbox.COMMANDS),
        ("incidents", "What stopped and needs a repair.", incidents.COMMANDS),
        ("segments", "Definitions, and versions of them.", segments.COMMANDS),
        ("keys", "Keys for programs and for logging in.", keys.COMMANDS),
    ):
        group = typer.Typer(help=about, no_args_is_help=True, rich_markup_mode=None)
        for each, command in commands.items():
            group.command(each)(command)
        made.add_typer(group, name=name)
    return made


def run_command(arguments: list[str]) -> int:
    """Runs the command and turns whatever happens into an exit code and, on stderr, the one shape of errors."""
    as_json = "--json" in arguments
    try:
        _check_text(arguments)
        answer = build()(arguments, prog_name="worktrail", standalone_mode=False)
        sys.stdout.flush()
        return answer if isinstance(answer, int) else OK
    except WorktrailError as error:
        _tell(error.to_dict(), as_json=as_json)
        return exit_code_of(error)
    except (KeyboardInterrupt, typer.Abort):
        _tell({"code": "INTERRUPTED", "message": "interrupted", "hint": ""}, as_json=as_json)
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # Whoever read our output has enough (Typer makes a SystemExit of it): leave without a word, and without a second
        # error when the interpreter flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:  # usage errors of the command line, or a mistake of ours
        usage = getattr(error, "exit_code", None)
        if usage is not None and hasattr(error, "format_message"):
            return _usage(error, as_json=as_json)
        if os.environ.get("WORKTRAIL_DEBUG"):
            raise
        message = f"{type(error).__name__}: {str(error)[:2_000]}"
        hint = "Please report it; WORKTRAIL_DEBUG=1 shows the traceback."
        _tell({"code": "INTERNAL", "message": message, "hint": hint}, as_json=as_json)
        return OURS


def _check_text(arguments: list[str]) -> None:
    """Bytes that are not UTF-8 come as half characters, which no file of ours and no database can hold."""
    for number, each in enumerate(arguments, start=1):
        try:
            each.encode()
        except UnicodeEncodeError:
            shown = each[:40].encode("utf-8", "replace").decode()
            raise CallerError("ARGUMENT_INVALID", f"argument {number} ({shown}) is not UTF-8") from None


def _usage(error: Any, *, as_json: bool) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        say(error.format_message())
        return USAGE
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "worktrail"
    code = USAGE if error.exit_code == USAGE else FAILED
    _tell({"code": "USAGE", "message": error.format_message()[:2_000], "hint": f"Try `{path} --help`."}, as_json=as_json)
    return code


def _tell(shape: dict[str, Any], *, as_json: bool) -> None:
    warn(json_line(shape) if as_json else readable(shape))
