"""String literals: what stands between the quotes, and what it means.

Rule: the escapes are \\n \\r \\t \\" \\' \\\\ \\uXXXX and \\UXXXXXX; a backslash before anything else stays, so that patterns for
``matches`` need no doubled backslashes.
"""

from __future__ import annotations

import re

__all__ = ["unescape"]

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|([nrt\"'\\]))")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


def _meaning(found: re.Match[str]) -> str:
    if found[3]:
        return _SIMPLE[found[3]]
    code = int(found[1] or found[2], 16)
    return chr(code) if code <= 0x10FFFF else found[0]


def unescape(literal: str) -> str | None:
    """The text of a literal with its quotes; None if it holds half of a surrogate pair."""
    text = literal[1:-1]
    if "\\" in text:
        text = _ESCAPE.sub(_meaning, text)
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return None
