"""Commands that went through the inbox, and what was answered: where a wish that was queued can be followed up.

Rule: a command is seen by whoever sees the run or task that it is about.
"""

from __future__ import annotations

from typing import Any

import msgspec

from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.runs.rows import iso
from worktrail.engine import decode_exactly
from worktrail.errors import CallerError
from worktrail.store import CommandRow

__all__ = ["list_commands", "show_command"]


@allowed
def list_commands(caller: Caller, limit: int = 100) -> list[dict[str, Any]]:
    """``{command_id, kind, target, principal, created_at, state, error}``, newest first; state: waiting, accepted, refused."""
    return [_facts(row) for row in caller.store.list_commands(limit) if _seen(caller, row)]


@allowed
def show_command(caller: Caller, command_id: str) -> dict[str, Any]:
    """As `list_commands`, with ``body`` and ``answer`` (null while it waits). CallerError NOT_FOUND."""
    row = caller.store.get_command(command_id)
    if row is None or not _seen(caller, row):
        raise CallerError("NOT_FOUND", f"there is no command {command_id!r}", hint="List them: `worktrail commands list`.")
    return {**_facts(row), "body": _body(row)[0], "answer": _answer(row)}


def _seen(caller: Caller, row: CommandRow) -> bool:
    found = caller.store.get_run(row.target) or caller.store.get_task(row.target)
    return caller.workspaces is None if found is None else caller.principal.sees(found.workspace_id)


def _body(row: CommandRow) -> tuple[Any, str]:
    """What is wished, and of whom: a command about a task waits for the owner of its run."""
    try:
        body = decode_exactly(row.body)
    except msgspec.DecodeError:
        return None, row.target
    target = body.pop("target", None) if isinstance(body, dict) else None
    return body, target if isinstance(target, str) else row.target


def _answer(row: CommandRow) -> dict[str, Any] | None:
    return None if row.answer is None else msgspec.json.decode(row.answer)


def _facts(row: CommandRow) -> dict[str, Any]:
    answer = _answer(row)
    return {
        "command_id": row.command_id,
        "kind": row.kind,
        "target": _body(row)[1],
        "principal": row.principal,
        "created_at": iso(row.created_us),
        "answered_at": None if row.answered_us is None else iso(row.answered_us),
        "state": "waiting" if answer is None else "accepted" if answer.get("accepted") else "refused",
        "error": None if answer is None else answer.get("error"),
    }
