"""Exit codes: a literal table, and how an error becomes one.

Rule: a program can tell from the exit code whose turn it is; the error itself stands on stderr, in the one shape
``{code, message, hint, pointer?, details?}`` where JSON was asked for, else as readable lines with the same parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from worktrail.errors import WorktrailError

__all__ = ["EXITS", "FAILED", "INTERRUPTED", "OK", "OURS", "STORE", "STORE_FAMILIES", "USAGE", "exit_code_of", "readable"]

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3
REFUSED: Final = 4
STORE: Final = 5
OURS: Final = 70
INTERRUPTED: Final = 130

EXITS: Final[dict[int, str]] = {
    OK: "It is done; what only waits for people counts as done, and so does a command that is queued. So do `serve`, `worker` "
    "and the page of `demo` when they are stopped by Ctrl-C or SIGTERM: they run until then.",
    FAILED: "A run failed, a row was skipped, or a definition, input or project has problems.",
    USAGE: "The command line cannot be understood.",
    NOT_FOUND: "A run, task, segment, file, project or database that was named is not there.",
    REFUSED: "It was refused: the state does not allow it, somebody was quicker, or the decision does not fit.",
    STORE: "The database is in trouble: the disk, the file, its version, a lost lease.",
    OURS: "Worktrail broke a promise of its own: please report it.",
    INTERRUPTED: "Another command was interrupted by Ctrl-C or SIGTERM; everything was parked and can be gone on with.",
}

# Codes whose exit does not follow from their blame.
BY_CODE: Final[dict[str, int]] = {
    **dict.fromkeys(
        (
            "NOT_FOUND",
            "TASK_NOT_FOUND",
            "SEGMENT_NOT_FOUND",
            "PROJECT_NOT_FOUND",
            "DATABASE_NOT_FOUND",
            "INPUT_NOT_FOUND",
            "APP_NOT_FOUND",
            "DOCUMENT_FILE",
        ),
        NOT_FOUND,
    ),
    **dict.fromkeys(
        (
            "INPUT_INVALID",
            "VALUE_TOO_LARGE",
            "INPUT_FILE",
            "PARAMETER_UNKNOWN",
            "PARAMETER_INVALID",
            "PARAMETER_MISSING",
            "BUSINESS_KEY",
            "CAPABILITY_MISSING",
            "ANSWER_INVALID",
        ),
        FAILED,
    ),
    "ARGUMENT_INVALID": USAGE,
    "LEASE_LOST": STORE,
}
STORE_FAMILIES: Final = ("STORE_", "JOURNAL_")
BY_BLAME: Final[dict[str, int]] = {"author": FAILED, "caller": REFUSED, "provider": FAILED, "ours": OURS}


def exit_code_of(error: WorktrailError) -> int:
    """The exit code of an error: by its code, else by the family of its code, else by its blame."""
    if error.code in BY_CODE:
        return BY_CODE[error.code]
    if error.code.startswith(STORE_FAMILIES):
        return STORE
    return BY_BLAME[error.blame]


def readable(shape: dict[str, Any]) -> str:
    """The lines of an error for people."""
    place = f" at {shape['pointer']}" if shape.get("pointer") else ""
    lines = [f"error {shape['code']}{place}: {shape['message']}"]
    details = shape.get("details") or {}
    if details.get("file"):
        lines.append(f"  in {details['file']}" + (f", line {details['line']}" if details.get("line") else ""))
    for each in details.get("problems", ())[:20]:
        if isinstance(each, dict):
            lines.append(f"  {each.get('code', '')} {each.get('pointer') or '/'}: {each.get('message', '')}".replace("   ", "  "))
        else:
            lines.append(f"  {each}")
    if shape.get("hint"):
        lines.append(f"  → {shape['hint']}")
    return "\n".join(lines)
