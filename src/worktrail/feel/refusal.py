"""How an operation says "this has no value".

Rule: an operation that FEEL would answer with null raises ``Refusal``. The place that called it knows its position in the
text and its mode: strict turns the refusal into an ``AuthorError`` there, dmn turns it into null.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Refusal", "quiet"]


class Refusal(Exception):  # noqa: N818 (it never leaves the room, so it is not an error of the tree)
    """``code`` is one of FEEL_TYPE, FEEL_VALUE, FEEL_MISSING, FEEL_NAME."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def quiet(_refusal: Refusal) -> Any:
    """What dmn mode and guards do with a refusal. Known by name, so that nobody composes messages nobody reads."""
    return None
