"""Names in scope, and the longest match of tokens against them.

Rule: a FEEL name may hold spaces, keywords and the signs + - * / ' . , so where it ends depends on which names are known.
A ``Vocabulary`` is a chain of scopes; at a word, the longest known name of any scope wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from worktrail.errors import AuthorError
from worktrail.feel.syntax.scanner import Source, Token, scan

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Vocabulary", "pieces"]


def pieces(name: str) -> tuple[str, ...]:
    """A name as the tokens it is written with; empty if it cannot be written."""
    try:
        return tuple(token.text for token in scan(Source(name)))[:-1]
    except AuthorError:
        return ()


class Vocabulary:
    """Names of one scope above those of ``parent``; only those of several tokens need a table."""

    __slots__ = ("long", "names", "parent")

    def __init__(self, names: Iterable[str], parent: Vocabulary | None = None) -> None:
        self.parent = parent
        self.names: set[str] = set()
        self.long: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make a name known from here on."""
        if name in self.names:
            return
        self.names.add(name)
        if name.isidentifier():
            return
        parts = pieces(name)
        if len(parts) > 1:
            table = self.long.setdefault(parts[0], [])
            table.append((parts, name))
            table.sort(key=lambda row: (-len(row[0]), row[1]))

    def longest(self, tokens: list[Token], index: int) -> tuple[str, int] | None:
        """The longest known name of several tokens that begins at ``index``, and how many tokens it takes."""
        best: tuple[str, int] | None = None
        scope: Vocabulary | None = self
        while scope is not None:
            for parts, name in scope.long.get(tokens[index].text, ()):
                if best is not None and len(parts) <= best[1]:
                    break
                if index + len(parts) < len(tokens) and all(
                    tokens[index + offset].text == part for offset, part in enumerate(parts)
                ):
                    best = (name, len(parts))
                    break
            scope = scope.parent
        return best

    def __contains__(self, name: str) -> bool:
        return name in self.names or (self.parent is not None and name in self.parent)
