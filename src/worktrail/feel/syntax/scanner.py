"""Text to tokens.

Rule: the scanner knows no names. It cuts the text into words, numbers, strings and signs with their places; which words
together form a name ("date and time", "Loan Amount") is decided by the parser, which knows the names in scope.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from worktrail.errors import AuthorError
from worktrail.feel.syntax.hints import SIGN_HINTS, syntax_error

__all__ = ["Source", "Token", "scan"]

_LETTER = "[\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff]|[^\\W\\d]"
_PART = _LETTER + "|[\\d\u00b7\u0300-\u036f\u203f-\u2040]"
_TOKEN = re.compile(
    r"(?P<space>(?:[\s\u0085\u180e\u200b\ufeff]+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)+)"
    r"|(?P<dots>\.\.)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<word>(?:{_LETTER})(?:{_PART})*)"
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<quoted>`[^`\n]+`)"
    r"|(?P<sign>\*\*|<=|>=|!=|={2,3}|->|=>|&&|\|\||<>|\?\?|[-+*/()\[\]{}<>=.,:?@!%'&|;^~$#`\\])",
    re.DOTALL,
)


class Token(NamedTuple):
    """``kind`` is word, quoted (a name between backticks), number, string, sign or end;
    ``text`` as written; ``start`` and ``end`` are offsets."""

    kind: str
    text: str
    start: int
    end: int


class Source:
    """The text with its lines, for places in errors."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def place(self, start: int, end: int) -> dict[str, int | str]:
        """Line and column from 1, offset from 0, and the piece of text at fault."""
        before = self.text[:start]
        piece = self.text[start:end]
        return {
            "line": before.count("\n") + 1,
            "column": start - (before.rfind("\n") + 1) + 1,
            "offset": start,
            "text": piece if len(piece) <= 120 else piece[:117] + "...",
        }


def scan(source: Source) -> list[Token]:
    """All tokens, the last of kind ``end``; FEEL_SYNTAX at a character that FEEL does not know."""
    text, position, tokens = source.text, 0, []
    match = _TOKEN.match
    while position < len(text):
        found = match(text, position)
        if found is None:
            raise _unreadable(source, position)
        kind = found.lastgroup or ""
        if kind != "space":
            tokens.append(Token("sign" if kind == "dots" else kind, found.group(), position, found.end()))
        position = found.end()
    tokens.append(Token("end", "", position, position))
    return tokens


def _unreadable(source: Source, position: int) -> AuthorError:
    sign = source.text[position]
    if sign == '"':
        return syntax_error(source.place(position, len(source.text)), "A string does not end.", 'Close it with `"`.')
    return syntax_error(source.place(position, position + 1), f"FEEL has no character `{sign}`.", SIGN_HINTS.get(sign, ""))
