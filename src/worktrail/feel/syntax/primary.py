"""What stands between operators: literals, names, brackets, and the steps behind them (``.key``, ``[filter]``, ``(arguments)``).

Rule: at a word the longest known name wins, then keywords, then the single word. A ``[`` behind the upper end of a range
closes it when nothing that could be a filter follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worktrail.feel.budget import over
from worktrail.feel.numbers import parse_number
from worktrail.feel.refusal import Refusal
from worktrail.feel.syntax.keywords import KeywordParser
from worktrail.feel.syntax.names import Vocabulary
from worktrail.feel.syntax.nodes import (
    Call,
    ContextNode,
    Filter,
    ListNode,
    Literal,
    Member,
    Name,
    Node,
    Postfix,
    RangeNode,
    Tests,
)
from worktrail.feel.syntax.reader import RESERVED
from worktrail.feel.syntax.strings import unescape
from worktrail.feel.temporal import parse_any

if TYPE_CHECKING:
    from collections.abc import Callable

    from worktrail.feel.syntax.scanner import Token

__all__ = ["PrimaryParser"]

CONSTANTS = {"true": True, "false": False, "null": None}
ORDER = ("=", "!=", "<", "<=", ">", ">=")


class PrimaryParser(KeywordParser):
    """Operands; ``test`` and ``one_sided`` come from the operators' parser."""

    unary = False
    tests_at = -1  # index of the bracket behind `in`, where a list of tests may stand
    range_depth = -1  # depth at which the upper end of a range is being read

    def test(self) -> Node:
        raise NotImplementedError

    def one_sided(self) -> RangeNode:
        raise NotImplementedError

    # --- steps ---------------------------------------------------------------------------------------------------

    def postfixed(self) -> Node:
        base = self.primary()
        steps: list[Member | Filter | Call] = []
        while True:
            token = self.token
            if token.kind != "sign" or token.text not in {".", "[", "("}:
                break
            if token.text == ".":
                steps.append(self.member())
            elif token.text == "[":
                if self.range_depth == self.depth and not self.begins_filter():
                    break
                self.take()
                condition = self.expression()
                self.expect("]", "the filter")
                steps.append(Filter(token.start, self.last_end, condition))
            elif isinstance(base, Literal | ListNode | ContextNode) and not steps:
                break
            else:
                steps.append(self.call())
            if len(steps) > self.budget.nesting:
                raise over("nesting", self.budget.nesting, f"A path has more than {self.budget.nesting} steps.")
        return Postfix(base.start, self.last_end, base, steps) if steps else base

    def begins_filter(self) -> bool:
        after = self.ahead()
        if after.kind == "word":
            return after.text not in RESERVED
        return after.kind in {"number", "string"} or after.text in {"(", "[", "{", "@", "-", "?"}

    def member(self) -> Member:
        dot = self.take()
        if self.token.kind == "quoted":
            return Member(dot.start, self.token.end, self.take().text[1:-1])
        if self.token.kind not in {"word", "string"}:
            raise self.unexpected("expected a key after `.`")
        known = self.members.longest(self.tokens, self.index)
        if known is not None:
            self.index += known[1]
            return Member(dot.start, self.last_end, known[0])
        first = self.take()
        if first.kind == "string":
            return Member(dot.start, self.last_end, unescape(first.text) or "")
        words = [first.text]
        while self.token.kind == "word" and self.token.text not in RESERVED:
            words.append(self.take().text)
        return Member(dot.start, self.last_end, " ".join(words))

    def call(self) -> Call:
        opening = self.take()
        arguments: list[Node] = []
        keys: list[str] = []
        while not self.is_sign(")"):
            if (named := self.argument_name()) is not None:
                keys.append(named)
            arguments.append(self.expression())
            if not self.more(")"):
                break
        self.expect(")", "the arguments")
        if keys and len(keys) != len(arguments):
            raise self.error(
                "Named and positional arguments are mixed.", "Name all or none.", start=opening.start, end=self.last_end
            )
        return Call(opening.start, self.last_end, arguments, keys or None)

    def argument_name(self) -> str | None:
        """``name:`` at the current place, taken; or nothing."""
        offset = 0
        while self.ahead(offset).kind == "word":
            offset += 1
        if not offset or self.ahead(offset).text != ":":
            return None
        name = " ".join(self.ahead(index).text for index in range(offset))
        self.index += offset + 1
        return name

    # --- operands ------------------------------------------------------------------------------------------------

    def primary(self) -> Node:
        token = self.token
        if token.kind == "word":
            return self.word(token)
        if token.kind == "number":
            return self.number(self.take())
        if token.kind == "quoted":
            return Name(token.start, token.end, self.take().text[1:-1])
        if token.kind == "string":
            return self.string(self.take())
        reader = _BRACKETS.get(token.text) if token.kind == "sign" else None
        if reader is not None:
            return reader(self)
        if token.text == "?" and self.unary:
            self.take()
            return Name(token.start, token.end, "?")
        raise self.unexpected("expected a value")

    def number(self, token: Token) -> Node:
        try:
            return Literal(token.start, token.end, parse_number(token.text))
        except Refusal as refusal:
            raise self.error(refusal.message, refusal.hint, start=token.start, end=token.end, code="FEEL_VALUE") from None

    def string(self, token: Token) -> Literal:
        text = unescape(token.text)
        if text is None:
            raise self.error("The string holds half of a surrogate pair.", start=token.start, end=token.end, code="FEEL_VALUE")
        return Literal(token.start, token.end, text)

    def at_literal(self) -> Node:
        at = self.take()
        if self.token.kind != "string":
            raise self.unexpected('expected a string after `@`, as in `@"2024-12-31"`')
        text = self.string(self.take()).value
        try:
            value: Any = parse_any(text)
        except Refusal as refusal:
            if self.strict:
                raise self.error(refusal.message, refusal.hint, start=at.start, end=self.last_end, code="FEEL_VALUE") from None
            value = None
        return Literal(at.start, self.last_end, value)

    def word(self, token: Token) -> Node:
        known = self.vocabulary.longest(self.tokens, self.index)
        if known is not None:
            self.index += known[1]
            return Name(token.start, self.last_end, known[0])
        if token.text in CONSTANTS:
            self.take()
            return Literal(token.start, token.end, CONSTANTS[token.text])
        reader = _KEYWORDS.get(token.text)
        if reader is not None and (token.text != "function" or self.ahead().text == "("):
            return reader(self)
        if token.text in RESERVED:
            raise self.unexpected("expected a value")
        self.take()
        return Name(token.start, token.end, token.text)

    # --- brackets ------------------------------------------------------------------------------------------------

    def bracket(self) -> Node:
        """``[1, 2]`` or ``[1..2]``."""
        opening = self.take()
        items: list[Node] = []
        while not self.is_sign("]"):
            item = self.test() if self.is_sign(*ORDER) else self.expression()
            if not items and self.is_sign(".."):
                return self.range_end(opening, item, closed=True)
            items.append(item)
            if not self.more("]"):
                break
        self.expect("]", "the list")
        return ListNode(opening.start, self.last_end, items)

    def parenthesis(self) -> Node:
        """``(expression)``, ``(1..2)``, ``(> 5)``; behind ``in`` a list of tests."""
        several = self.tests_at == self.index
        self.tests_at = -1
        opening = self.take()
        outer, self.range_depth = self.range_depth, -1
        tests = [self.test()]
        self.range_depth = outer
        if self.is_sign(".."):
            return self.range_end(opening, tests[0], closed=False)
        while several and self.accept(","):
            tests.append(self.test())
        self.expect(")", "the expression")
        if len(tests) > 1:
            return Tests(opening.start, self.last_end, tests, False)  # noqa: FBT003
        return tests[0]

    def open_range(self) -> Node:
        """``]1..2]``."""
        opening = self.take()
        low = self.expression()
        if not self.is_sign(".."):
            raise self.unexpected("expected `..` of a range")
        return self.range_end(opening, low, closed=False)

    def range_end(self, opening: Token, low: Node, *, closed: bool) -> Node:
        self.take()
        outer, self.range_depth = self.range_depth, self.depth + 1
        high = self.expression()
        self.range_depth = outer
        if not self.is_sign("]", ")", "["):
            raise self.unexpected("expected `]`, `)` or `[` to close the range")
        ending = self.take()
        return RangeNode(opening.start, ending.end, low, closed, high, ending.text == "]")

    def context(self) -> Node:
        opening = self.take()
        entries: list[tuple[str, Node]] = []
        outer = self.vocabulary
        self.vocabulary = Vocabulary((), outer)
        while not self.is_sign("}"):
            key = self.context_key()
            entries.append((key, self.expression()))
            self.vocabulary.add(key)
            self.members.add(key)
            if not self.more("}"):
                break
        self.vocabulary = outer
        self.expect("}", "the context")
        return ContextNode(opening.start, self.last_end, entries)

    def context_key(self) -> str:
        if self.token.kind == "string":
            literal = self.string(self.take())
            self.expect(":", "the key")
            return str(literal.value)
        if self.token.kind == "quoted":
            quoted = self.take().text[1:-1]
            self.expect(":", "the key")
            return quoted
        key = self.written_name(":")
        self.take()
        return key


_KEYWORDS: dict[str, Callable[[PrimaryParser], Node]] = {
    "if": PrimaryParser.conditional,
    "for": PrimaryParser.for_loop,
    "some": PrimaryParser.quantified,
    "every": PrimaryParser.quantified,
    "function": PrimaryParser.function,
}
_BRACKETS: dict[str, Callable[[PrimaryParser], Node]] = {
    "[": PrimaryParser.bracket,
    "(": PrimaryParser.parenthesis,
    "]": PrimaryParser.open_range,
    "{": PrimaryParser.context,
    "@": PrimaryParser.at_literal,
}
