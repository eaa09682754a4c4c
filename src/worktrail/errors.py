"""The one error tree: every error that leaves a room is one of these.

Rule: an error says whose turn it is. Four roots by *blame*; a stable ``code`` from the table ``CODES``; a message that
names the thing; a ``hint`` that names the next action; a ``pointer`` (RFC 6901) or place where there is one.
The JSON shape is the same at every face: ``{code, message, hint, pointer?, details?}``.
Why a table: the docs (``docs/errors.md``) and the tests hold the codes against it, so a code cannot appear undocumented.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

__all__ = ["CODES", "AuthorError", "Blame", "CallerError", "CodeInfo", "OurError", "ProviderError", "WorktrailError"]

Blame = Literal["author", "caller", "provider", "ours"]


class CodeInfo(NamedTuple):
    """What a code means: whose turn it is, the meaning in one sentence, and the next action."""

    blame: Blame
    meaning: str
    action: str


class WorktrailError(Exception):
    """Abstract root: raise one of its four children.

    ``code`` must stand in ``CODES``; ``pointer`` is a JSON pointer into the document at fault; ``details`` holds small
    JSON values (never secrets, never whole payloads).
    """

    blame: Blame

    def __init__(
        self, code: str, message: str, *, hint: str = "", pointer: str | None = None, details: dict[str, Any] | None = None
    ) -> None:
        if type(self) is WorktrailError:
            raise TypeError("WorktrailError is abstract: raise AuthorError, CallerError, ProviderError or OurError")
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint or (CODES[code].action if code in CODES else "")
        self.pointer = pointer
        self.details = details

    def to_dict(self) -> dict[str, Any]:
        """The one JSON shape ``{code, message, hint, pointer?, details?}``."""
        shape: dict[str, Any] = {"code": self.code, "message": self.message, "hint": self.hint}
        if self.pointer is not None:
            shape["pointer"] = self.pointer
        if self.details:
            shape["details"] = self.details
        return shape

    def __str__(self) -> str:
        place = f" at {self.pointer}" if self.pointer is not None else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.code}{place}: {self.message}{hint}"


class AuthorError(WorktrailError):
    """The author of a definition (segment, expression, config, project file) made a mistake."""

    blame: Blame = "author"


class CallerError(WorktrailError):
    """The caller asked for something that cannot be (wrong input, unknown id, conflicting state, no right)."""

    blame: Blame = "caller"


class ProviderError(WorktrailError):
    """Something outside failed: a handler, a server, a model, the disk."""

    blame: Blame = "provider"


class OurError(WorktrailError):
    """Worktrail broke one of its own promises: please report it."""

    blame: Blame = "ours"


# code → (blame, meaning, next action). Grouped by the room that raises it; docs/errors.md has one entry for each.
CODES: dict[str, CodeInfo] = {
    # feel
    "FEEL_SYNTAX": CodeInfo("author", "The text is not a FEEL expression.", "Correct the expression at the place shown."),
    "FEEL_NAME": CodeInfo("author", "A name in the expression is not known here.", "Use one of the names listed."),
    "FEEL_TYPE": CodeInfo("author", "An operation got a value of the wrong type.", "Convert the value or guard it."),
    "FEEL_MISSING": CodeInfo(
        "author", "A path reads a key that the value does not have.", "Guard it with `get or else(x, default)` or `is defined(x)`."
    ),
    "FEEL_VALUE": CodeInfo("author", "A function or conversion cannot take this value.", "Check the argument's range and format."),
    "FEEL_BUDGET": CodeInfo("author", "The expression used more steps, depth or size than allowed.", "Make it smaller or raise the budget."),
    # events, journal
    "JOURNAL_VERSION": CodeInfo(
        "ours", "The journal holds a shape that this release does not know.", "Open it with the release that wrote it, or newer."
    ),
    "JOURNAL_CORRUPT": CodeInfo("ours", "Stored bytes are not what was written.", "Run `worktrail doctor`; restore from a backup."),
}
