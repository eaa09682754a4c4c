"""The tokens under the parser's hand: looking, taking, and saying what is wrong.

Rule: an error names the token at fault and its place; where people of other languages write it, it says the FEEL way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from worktrail.feel.budget import Budget, over
from worktrail.feel.syntax.hints import FOREIGN_WORDS, SIGN_HINTS, syntax_error
from worktrail.feel.syntax.names import Vocabulary
from worktrail.feel.syntax.scanner import Source, Token, scan

if TYPE_CHECKING:
    from worktrail.errors import AuthorError

__all__ = ["RESERVED", "Reader"]

# Words that end a name or an operand.
RESERVED = frozenset({"and", "or", "in", "between", "then", "else", "return", "satisfies", "instance"})
MAX_NAME_TOKENS = 40


class Reader:
    """Position in the tokens, depth of nesting, and the names in scope."""

    def __init__(self, source: Source, vocabulary: Vocabulary, members: Vocabulary, *, budget: Budget, strict: bool) -> None:
        self.source = source
        self.tokens = scan(source)
        self.index = 0
        self.vocabulary = vocabulary
        self.members = members
        self.budget = budget
        self.strict = strict
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def ahead(self, offset: int = 1) -> Token:
        return self.tokens[min(self.index + offset, len(self.tokens) - 1)]

    def is_sign(self, *signs: str) -> bool:
        kind, text, *_ = self.tokens[self.index]
        return kind == "sign" and text in signs

    def is_word(self, *words: str) -> bool:
        kind, text, *_ = self.tokens[self.index]
        return kind == "word" and text in words

    def take(self) -> Token:
        token = self.tokens[self.index]
        self.index += 1
        return token

    def accept(self, sign: str) -> bool:
        if self.is_sign(sign):
            self.index += 1
            return True
        return False

    def more(self, closing: str) -> bool:
        """Take a `,` if there is one; a value must follow it."""
        if not self.accept(","):
            return False
        if self.is_sign(closing):
            raise self.unexpected("expected a value after `,`")
        return True

    def expect(self, sign: str, after: str) -> Token:
        """Take a sign, or say what stands there instead."""
        if not self.is_sign(sign):
            raise self.unexpected(f"expected `{sign}` after {after}")
        return self.take()

    def expect_word(self, word: str, after: str) -> Token:
        if not self.is_word(word):
            raise self.unexpected(f"expected `{word}` after {after}")
        return self.take()

    @property
    def last_end(self) -> int:
        return self.tokens[self.index - 1].end if self.index else 0

    def deeper(self) -> None:
        """Count one level of nesting; the caller subtracts it again."""
        self.depth += 1
        if self.depth > self.budget.nesting:
            raise over("nesting", self.budget.nesting, f"The expression is nested deeper than {self.budget.nesting} levels.")

    def error(self, message: str, hint: str = "", *, start: int, end: int, code: str = "FEEL_SYNTAX") -> AuthorError:
        return syntax_error(self.source.place(start, end), message, hint, code)

    def unexpected(self, wanted: str) -> AuthorError:
        """The error of the current token."""
        token = self.token
        before = self.tokens[self.index - 1] if self.index else token
        what = "end" if token.kind == "end" else f"`{token.text[:40]}`"
        hint = SIGN_HINTS.get(token.text, "") if token.kind == "sign" else FOREIGN_WORDS.get(token.text, "")
        if token.kind == "word" and token.text in {"for", "if"} and before.text not in {"[", "(", ","}:
            hint = "FEEL writes `for x in list return x * 2` and `if condition then a else b`."
        elif before.text in FOREIGN_WORDS and before.kind == "word" and not hint:
            hint = FOREIGN_WORDS[before.text]
        elif before.text in {"'", "!", "%", "&&", "||"} and not hint:
            hint = SIGN_HINTS[before.text]
        elif token.kind == "word" and before.kind == "word" and not hint:
            hint = f"`{before.text} {token.text}` is not a known name; a name with spaces must be known."
        return self.error(f"Unexpected {what}: {wanted}.", hint, start=token.start, end=max(token.end, token.start))

    def written_name(self, *ends: str) -> str:
        """A name that is being introduced: all tokens up to one of ``ends``, blanks folded."""
        first = self.index
        while not (self.token.text in ends and self.token.kind in {"sign", "word"}):
            if self.token.kind == "end" or self.index - first > MAX_NAME_TOKENS or self.is_sign("(", "[", "{", "}", "]"):
                raise self.unexpected("expected " + " or ".join(f"`{end}`" for end in ends))
            self.index += 1
        if first == self.index or self.tokens[first].kind != "word":
            self.index = first
            raise self.unexpected("expected a name")
        return " ".join(self.source.text[self.tokens[first].start : self.last_end].split())
