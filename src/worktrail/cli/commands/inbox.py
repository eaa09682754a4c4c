"""``worktrail commands …``: what was wished while nobody worked here, and what was answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from worktrail.cli.options import Database, Json, Limit, ProjectFile, caller_of
from worktrail.cli.output import ago, print_json, print_lines, print_table

__all__ = ["COMMANDS"]


def list_(limit: Limit = 50, database: Database = None, project: ProjectFile = None, as_json: Json = False) -> None:
    """List commands that were queued, newest first: waiting, accepted, or refused and why.

    \b
      worktrail commands list
    """
    from worktrail.app import list_commands

    found = list_commands(caller_of(project, database), limit)
    if as_json:
        print_json({"commands": found})
        return
    rows = [(one["command_id"], one["kind"], one["target"], _state(one), ago(one["created_at"])) for one in found]
    print_table(["command", "kind", "about", "answer", "sent"], rows, empty="no command was queued")


def _state(one: dict[str, Any]) -> str:
    return str(one["state"]) if one["error"] is None else f"refused: {one['error']['code']}"


def show(
    command_id: Annotated[str, typer.Argument(metavar="COMMAND", help="The command's id, as it was told when it was queued.")],
    database: Database = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> None:
    """Show a command that was queued, and its answer.

    \b
      worktrail commands show 7c2f41d09b
    """
    from worktrail.app import show_command

    facts = show_command(caller_of(project, database), command_id)
    if as_json:
        print_json(facts)
        return
    error = facts["error"]
    print_lines(
        [
            ("command", facts["command_id"]),
            ("kind", facts["kind"]),
            ("about", facts["target"]),
            ("by", facts["principal"]),
            ("sent", facts["created_at"]),
            ("wished", facts["body"] or None),
            ("state", facts["state"]),
            ("answered", facts["answered_at"]),
            ("error", None if error is None else f"{error['code']}: {error['message']}"),
            ("hint", None if error is None else error.get("hint")),
        ]
    )


COMMANDS: dict[str, Callable[..., None]] = {"list": list_, "show": show}
