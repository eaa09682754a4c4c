"""Asking for a change beside a running process: the one way that CLI and servers send commands.

Rule: the owner of a run answers, or the command waits in the inbox and the answer says so. A refusal is an error with the
owner's code. Who asks is the caller's principal, never an argument of the command.
"""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from typing import Any

from worktrail.app.caller import Caller
from worktrail.errors import CallerError
from worktrail.guard import Principal
from worktrail.runtime import send_command

__all__ = ["ask", "os_principal"]


def os_principal(kind: str = "cli", tenant_id: str = "default") -> Principal:
    """``cli:<os user>`` with every right: who can open the file can do everything with it."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return Principal(f"{kind}:{user}", tenant_id, user)


def ask(caller: Caller, kind: str, target: str, body: Mapping[str, Any], *, timeout_s: float = 10.0) -> dict[str, Any]:
    """The owner's answer ``{"accepted": true, …}``, or ``{"queued": true, "reason", "command_id"}``.

    CallerError with the code of the refusal; NOT_FOUND, TASK_NOT_FOUND.
    """
    said = {name: value for name, value in body.items() if value is not None}
    answer = send_command(caller.store, kind, target, said, caller.principal.id, timeout_s=timeout_s)
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
