"""Asking for a change beside a running process: the one way that CLI and servers send commands.

Rule: the owner of a run answers, or the command waits in the inbox and the answer says so. A refusal is an error with the
owner's code. Who asks is a principal, never an argument of the command.
"""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from typing import Any

from worktrail.errors import CallerError
from worktrail.runtime import send_command
from worktrail.store import Store

__all__ = ["ask", "os_principal"]


def os_principal() -> str:
    """``cli:<os user>``."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli:unknown"


def ask(
    store: Store, kind: str, target: str, body: Mapping[str, Any], *, principal: str, timeout_s: float = 10.0
) -> dict[str, Any]:
    """The owner's answer ``{"accepted": true, …}``, or ``{"queued": true, "reason", "command_id"}``.

    CallerError with the code of the refusal; NOT_FOUND, TASK_NOT_FOUND.
    """
    said = {name: value for name, value in body.items() if value is not None}
    answer = send_command(store, kind, target, said, principal, timeout_s=timeout_s)
    if answer.get("accepted") is False:
        error = answer["error"]
        raise CallerError(
            str(error["code"]),
            str(error["message"]),
            hint=str(error.get("hint") or ""),
            pointer=error.get("pointer"),
            details=error.get("details"),
        )
    return answer
